// `selftest`: suites with the broken strategies in place of their own, over several seeds.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <set>

#include "harness/cli/command.h"
#include "harness/cli/progress.h"
#include "harness/cli/results_folder.h"
#include "harness/cli/suite_file.h"
#include "harness/core/near_names.h"
#include "harness/run/scratch_folder.h"
#include "harness/run/selftest.h"
#include "harness/run/supervisor.h"
#include "harness/suite/cell_plan.h"
#include "harness/suite/suite.h"
#include "results/record_store.h"

namespace ckptbench {
namespace {

struct SelftestOptions {
  std::vector<std::string> suites{"quick", "default"};  // shipped ones, or files
  std::vector<std::string> strategies;                  // empty: all broken ones
  uint64_t seeds = 3;                                   // from 1
  std::string out;                                      // empty: ckptbench-results/selftest-<utc>
  std::string scratch;
  uint64_t jobs = 0;  // 0: the number of cores
  bool all_trials = false;
};

// Which strategies a suite has found with which seed.
class Found {
 public:
  explicit Found(const CheckedNames& names) : names_(names) {}

  void add(const Record& record) {
    if (shows_defect(record, names_.strategy(record.cell.strategy)))
      found_.insert(key(record.cell));
  }
  bool contains(const Cell& cell) const { return found_.contains(key(cell)); }

 private:
  static std::pair<std::string, uint64_t> key(const Cell& cell) {
    return {cell.strategy.name, cell.seed};
  }

  const CheckedNames& names_;
  std::set<std::pair<std::string, uint64_t>> found_;
};

std::vector<NamedInfo> broken_infos(const WorkerProgram& worker) {
  std::vector<NamedInfo> infos = describe_worker(worker).strategies;
  std::erase_if(infos, [](const NamedInfo& info) { return !is_broken(info); });
  return infos;
}

std::vector<Selection> broken_selections(const std::vector<NamedInfo>& broken,
                                         const std::vector<std::string>& asked) {
  std::vector<std::string> names;
  for (const NamedInfo& info : broken) names.push_back(info.name);
  std::vector<Selection> out;
  for (const std::string& name : asked.empty() ? names : asked) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      throw ExitError(ExitCode::kUsage, unknown_name("broken strategy", name, names));
    }
    out.push_back({name, {}});
  }
  return out;
}

// The trials and sweeps of a suite with the broken strategies in place of its own.
std::vector<Cell> selftest_cells(const std::string& name, const std::vector<Selection>& broken,
                                 uint64_t seeds) {
  const SuiteFile file = read_suite_file(name);
  const auto suite = parse_suite(file.text, file.path);
  if (!suite) throw ExitError(ExitCode::kUsage, suite.error().message);
  std::vector<Cell> out;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    auto cells = make_plan(suite.value(), {{}, broken, seed});
    if (!cells) throw ExitError(ExitCode::kUsage, cells.error().message);
    for (Cell& cell : cells.value()) {
      if (cell.kind != CellKind::kMeasure) out.push_back(std::move(cell));
    }
  }
  return out;
}

// False: a strategy was found by none of the suites, or had no trial.
bool print_rows(const std::vector<SelftestRow>& rows, size_t strategies) {
  std::set<std::string> found;
  uint64_t trials = 0;
  for (const SelftestRow& row : rows) {
    trials += row.trials;
    if (row.found > 0) found.insert(row.strategy);
  }
  fmt::print("{}", detection_table(rows));
  fmt::print("{} of {} broken strategies found in {} trials\n", found.size(), strategies, trials);
  for (const std::string& name : undetected(rows)) fmt::print("NOT FOUND: {}\n", name);
  return found.size() == strategies;
}

ExitCode selftest(const SelftestOptions& options, const CommandCall& call) {
  check_scratch(options.scratch);
  const WorkerProgram worker = find_worker(call.options.worker, call.interrupt_fd);
  const std::vector<NamedInfo> infos = broken_infos(worker);
  const std::vector<Selection> broken = broken_selections(infos, options.strategies);
  std::vector<std::vector<Cell>> plans;
  for (const std::string& suite : options.suites) {
    plans.push_back(selftest_cells(suite, broken, options.seeds));
  }
  const std::string out = make_results_folder(options.out, "selftest", "another --out");
  RecordStore store = open_store(out);
  const ScratchFolder scratch(options.scratch, out);
  std::vector<Record> records;
  for (const std::vector<Cell>& cells : plans) {
    const CheckedNames names = check_names(worker, cells);
    // Without known failures: what a suite tolerates of a broken strategy is found all the same.
    const RunSettings settings = make_settings(worker, out, scratch, options.jobs);
    Progress progress(cells.size(), stdout);
    Found found(names);
    Supervisor supervisor(settings, names);
    const auto on_record = [&](const Record& record) {
      const Status status = store.append(record);
      if (!status) throw ExitError(ExitCode::kEnvironment, status.error().message);
      progress.record(record);
      records.push_back(record);
      found.add(record);
    };
    const auto is_needless = [&](const Cell& cell) {
      return !options.all_trials && found.contains(cell);
    };
    const RunEnd end = supervisor.run(cells, on_record, is_needless);
    if (end == RunEnd::kInterrupted) throw Interrupted{};
  }
  fmt::print("results: {}/results.jsonl\n", out);
  const bool all = print_rows(selftest_rows(records, infos), broken.size());
  return all ? ExitCode::kOk : ExitCode::kHarness;
}

CommandBody add_selftest_options(CLI::App& app) {
  auto options = std::make_shared<SelftestOptions>();
  app.add_option("suites", options->suites, "suites (default: quick default)");
  app.add_option("--strategy,-s", options->strategies, "only this one (repeatable)")
      ->allow_extra_args(false);
  app.add_option("--seeds", options->seeds, "how many seeds, from 1 (default: 3)")
      ->check(CLI::Range(uint64_t{1}, UINT64_MAX).description(""));
  app.add_option("--out", options->out, "results (default: ckptbench-results/selftest-<time>)");
  app.add_option("--jobs,-j", options->jobs,
                 "trials at a time (0, the default: the number of cores)");
  app.add_flag("--all-trials", options->all_trials,
               "go on with a strategy that a suite has found with this seed");
  app.add_option("--scratch", options->scratch, "an existing folder for the files of trials");
  return [options](const CommandCall& call) { return selftest(*options, call); };
}

}  // namespace

CommandRow selftest_command() {
  return {.name = "selftest",
          .summary = "run suites with the broken strategies: how often is each found?",
          .add_options = add_selftest_options};
}

}  // namespace ckptbench
