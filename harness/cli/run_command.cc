#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <filesystem>
#include <thread>

#include "harness/cli/commands.h"
#include "harness/cli/progress.h"
#include "harness/cli/run_end.h"
#include "harness/cli/suite_file.h"
#include "harness/run/interrupted.h"
#include "harness/run/scratch_folder.h"
#include "harness/run/supervisor.h"
#include "harness/suite/cell_plan.h"
#include "harness/suite/selection_text.h"
#include "results/record_store.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

std::vector<Selection> parse_selections(const std::vector<std::string>& texts) {
  std::vector<Selection> out;
  for (const std::string& text : texts) {
    auto selection = parse_selection(text);
    if (!selection) throw ExitError(ExitCode::kUsage, selection.error().message);
    out.push_back(std::move(selection).value());
  }
  return out;
}

struct Plan {
  std::string name;
  SuiteSource source;
  std::vector<Cell> cells;
};

Plan plan_run(const Options& options) {
  Plan plan;
  plan.source = read_suite_file(options.suite);
  const auto suite = parse_suite(plan.source.text, plan.source.name);
  if (!suite) throw ExitError(ExitCode::kUsage, suite.error().message);
  plan.name = suite.value().name;
  plan.source.name = plan.name;
  plan.source.seed = options.seed.value_or(suite.value().seed);
  const PlanOverrides overrides{parse_selections(options.workloads),
                                parse_selections(options.strategies), options.seed};
  auto cells = make_plan(suite.value(), overrides);
  if (!cells) throw ExitError(ExitCode::kUsage, cells.error().message);
  plan.cells = std::move(cells).value();
  return plan;
}

std::string out_folder(const Options& options, const std::string& suite) {
  std::string out = options.out;
  if (out.empty()) {
    out = fmt::format("ckptbench-results/{}-{:%Y%m%dT%H%M%SZ}", suite,
                      fmt::gmtime(std::time(nullptr)));
  }
  std::error_code error;
  const bool existed = fs::exists(out + "/results.jsonl", error);
  if (existed && !options.resume) {
    throw ExitError(ExitCode::kUsage,
                    fmt::format("{}: holds the results of a run; expected --resume, or another "
                                "--out",
                                out));
  }
  fs::create_directories(out, error);
  if (error) throw ExitError(ExitCode::kEnvironment, fmt::format("{}: {}", out, error.message()));
  return fs::canonical(out).string();
}

// What a resumed run has already; cells whose plan has changed since are an error.
std::vector<Record> earlier_records(const std::string& out, const SuiteSource& source) {
  if (!fs::exists(out + "/results.jsonl")) return {};
  auto stored = read_records(out + "/results.jsonl");
  if (!stored) throw ExitError(ExitCode::kEnvironment, stored.error().message);
  if (fs::exists(out + "/environment.json")) {
    const nlohmann::json fields = read_environment(out).fields;
    if (fields.value("suite_text", source.text) != source.text ||
        fields.value("seed", source.seed) != source.seed) {
      throw ExitError(ExitCode::kUsage,
                      fmt::format("{}: was run with another suite or seed; expected the same ones "
                                  "to --resume, or another --out",
                                  out));
    }
  }
  return std::move(stored).value().records;
}

std::vector<Cell> unfinished(const std::vector<Cell>& cells, const std::vector<Record>& records) {
  const auto finished = finished_cells(records);
  std::vector<Cell> out;
  for (const Cell& cell : cells) {
    if (!finished.contains(cell.id)) out.push_back(cell);
  }
  return out;
}

std::vector<std::string> kept_folders(const std::vector<Record>& records) {
  std::vector<std::string> out;
  for (const Record& record : records) {
    if (record.observed.contains("folder")) out.push_back(record.observed.value("folder", ""));
  }
  return out;
}

RunSettings settings_of(const Options& options, const WorkerProgram& worker, const std::string& out,
                        const ScratchFolder& scratch) {
  RunSettings settings;
  settings.worker = worker;
  settings.out = out;
  settings.scratch = scratch.path();
  settings.storage = scratch.describe();
  settings.jobs =
      options.jobs > 0 ? options.jobs : std::max(1u, std::thread::hardware_concurrency());
  settings.keep = options.keep;
  return settings;
}

// A line, and fields of the environment.
void tell_rate(const TrialRate& rate, Environment& environment) {
  if (rate.trials == 0) return;
  environment.fields["trials"].update({{"recorded", rate.trials},
                                       {"wall_s", rate.wall_s},
                                       {"cores", rate.cores},
                                       {"per_second_per_core", rate.per_second_per_core()}});
  fmt::print("{} trials in {:.1f} s on {} cores: {:.1f} per second per core\n", rate.trials,
             rate.wall_s, rate.cores, rate.per_second_per_core());
}

RunEnd run_cells(const RunSettings& settings, const CheckedNames& names,
                 const std::vector<Cell>& cells, Environment& environment) {
  auto store = RecordStore::open(settings.out + "/results.jsonl");
  if (!store) throw ExitError(ExitCode::kEnvironment, store.error().message);
  Progress progress(cells.size(), stdout);
  if (!store.value().warning().empty()) progress.say(store.value().warning());
  Supervisor supervisor(settings, names);
  const RunEnd end = supervisor.run(cells, [&](const Record& record) {
    const Status status = store.value().append(record);
    if (!status) throw ExitError(ExitCode::kEnvironment, status.error().message);
    progress.record(record);
  });
  if (end == RunEnd::kInterrupted) return end;
  tell_rate(supervisor.rate(), environment);
  write_environment(environment, settings.out);
  return end;
}

ExitCode run_plan(const Options& options, const Interrupt& interrupt) {
  const Plan plan = plan_run(options);
  const WorkerProgram worker = find_worker(options.worker, interrupt.fd());
  const CheckedNames names = check_names(worker, plan.cells);
  if (options.dry_run) {
    for (const Cell& cell : plan.cells) fmt::print("{}  {}\n", cell.id, describe(cell.fault));
    fmt::print("{} cells\n", plan.cells.size());
    return ExitCode::kOk;
  }
  const std::string out = out_folder(options, plan.name);
  const ScratchFolder scratch(options.scratch, out);
  const RunSettings settings = settings_of(options, worker, out, scratch);
  const auto earlier = earlier_records(out, plan.source);
  remove_leftovers(settings, kept_folders(earlier));
  const auto cells = unfinished(plan.cells, earlier);
  fmt::print("{}: {} cells, {} finished before; results in {}\n", plan.name, plan.cells.size(),
             plan.cells.size() - cells.size(), out);
  Environment environment = collect_environment(plan.source, describe_worker(worker), names, out);
  environment.fields["trials"] = settings.storage;
  write_environment(environment, out);
  if (run_cells(settings, names, cells, environment) == RunEnd::kInterrupted) {
    fmt::print("interrupted; finished cells are kept: ckptbench run {} --resume --out {}\n",
               options.suite, out);
    return ExitCode::kHarness;
  }
  const auto records = read_records(out + "/results.jsonl");
  if (!records) throw ExitError(ExitCode::kEnvironment, records.error().message);
  print_report(out);
  return summarize(latest_records(records.value().records), plan.cells, out);
}

}  // namespace

ExitCode run_command(const Options& options, const Interrupt& interrupt) {
  try {
    return run_plan(options, interrupt);
  } catch (const Interrupted&) {
    fmt::print("interrupted\n");
    return ExitCode::kHarness;
  }
}

}  // namespace ckptbench
