#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <filesystem>
#include <thread>

#include "faults/fault_kinds.h"
#include "harness/cli/commands.h"
#include "harness/cli/progress.h"
#include "harness/cli/run_end.h"
#include "harness/cli/run_plan.h"
#include "harness/run/environment_file.h"
#include "harness/run/interrupted.h"
#include "harness/run/scratch_folder.h"
#include "harness/run/supervisor.h"
#include "results/record_store.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

// A new run's folder, or the one that is resumed.
std::string out_folder(const Options& options, const std::string& suite) {
  if (options.resume) return fs::canonical(options.out).string();
  std::string out = options.out;
  if (out.empty()) {
    out = fmt::format("ckptbench-results/{}-{:%Y%m%dT%H%M%SZ}", suite,
                      fmt::gmtime(std::time(nullptr)));
  }
  std::error_code error;
  if (fs::exists(out + "/results.jsonl", error)) {
    throw ExitError(ExitCode::kUsage,
                    fmt::format("{}: holds the results of a run; expected --resume, or another "
                                "--out",
                                out));
  }
  fs::create_directories(out, error);
  if (error) throw ExitError(ExitCode::kEnvironment, fmt::format("{}: {}", out, error.message()));
  return fs::canonical(out).string();
}

// What a resumed run has already. Another build or strategy would mix two experiments.
std::vector<Record> earlier_records(const Options& options, const std::string& out,
                                    const CheckedNames& names) {
  if (!options.resume) return {};
  const std::string difference = difference_of(read_environment(out).fields, names);
  if (!difference.empty()) {
    throw ExitError(ExitCode::kUsage,
                    fmt::format("{}: was run with {}; expected the same to --resume, or another "
                                "--out",
                                options.out, difference));
  }
  if (!fs::exists(out + "/results.jsonl")) return {};
  auto stored = read_records(out + "/results.jsonl");
  if (!stored) throw ExitError(ExitCode::kEnvironment, stored.error().message);
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

RunSettings settings_of(const Options& options, const RunPlan& plan, const WorkerProgram& worker,
                        const std::string& out, const ScratchFolder& scratch) {
  RunSettings settings;
  settings.worker = worker;
  settings.out = out;
  settings.scratch = scratch.path();
  settings.storage = scratch.describe();
  settings.jobs =
      options.jobs > 0 ? options.jobs : std::max(1u, std::thread::hardware_concurrency());
  settings.keep = plan.selection.keep;
  settings.known_failures = plan.known_failures;
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
  const RunPlan plan =
      options.resume ? plan_from_selection(resumed_selection(options)) : plan_from_options(options);
  const WorkerProgram worker = find_worker(options.worker, interrupt.fd());
  const CheckedNames names = check_names(worker, plan.cells);
  if (options.dry_run) {
    for (const Cell& cell : plan.cells) fmt::print("{}  {}\n", cell.id, describe(cell.fault));
    fmt::print("{} cells\n", plan.cells.size());
    return ExitCode::kOk;
  }
  const Description description = describe_worker(worker);
  check_environment(worker, description, plan.cells);
  const std::string& suite = plan.selection.suite;
  const std::string out = out_folder(options, suite);
  const auto earlier = earlier_records(options, out, names);
  const ScratchFolder scratch(plan.selection.scratch, out);
  const RunSettings settings = settings_of(options, plan, worker, out, scratch);
  remove_leftovers(settings, kept_folders(earlier));
  const auto cells = unfinished(plan.cells, earlier);
  fmt::print("{}: {} cells, {} finished before; results in {}\n", suite, plan.cells.size(),
             plan.cells.size() - cells.size(), out);
  Environment environment = collect_environment(plan.selection, plan.seed, description, names, out);
  environment.fields["trials"] = settings.storage;
  for (const Cell& cell : plan.cells) environment.fields["cells"].push_back(cell.id);
  write_environment(environment, out);
  if (run_cells(settings, names, cells, environment) == RunEnd::kInterrupted) {
    fmt::print("interrupted; finished cells are kept: {} run --resume --out {}\n",
               options.command_line(), shell_quoted(out));
    return ExitCode::kHarness;
  }
  const auto records = read_records(out + "/results.jsonl");
  if (!records) throw ExitError(ExitCode::kEnvironment, records.error().message);
  print_report(out);
  return summarize(latest_records(records.value().records), plan.cells, plan.known_failures,
                   {options.command_line(), out});
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
