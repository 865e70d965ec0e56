// `run`: plans the cells of a suite, runs them, and reports. An earlier run is resumed in its
// folder, or repeated in another.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "harness/cli/command.h"
#include "harness/cli/dry_run.h"
#include "harness/cli/earlier_records.h"
#include "harness/cli/progress.h"
#include "harness/cli/report_output.h"
#include "harness/cli/results_folder.h"
#include "harness/cli/run_end.h"
#include "harness/cli/run_plan.h"
#include "harness/core/count_text.h"
#include "harness/platform/files.h"
#include "harness/run/environment_file.h"
#include "harness/run/fixed_failures.h"
#include "harness/run/measured_disk.h"
#include "harness/run/proof.h"
#include "harness/run/scratch_folder.h"
#include "harness/run/stored_sources.h"
#include "harness/run/supervisor.h"
#include "results/record_store.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

// A new run's folder, or the one that is resumed.
std::string out_folder(const RunOptions& options, const std::string& suite) {
  if (options.resume) return fs::canonical(options.out).string();
  return make_results_folder(options.out, suite, "--resume, or another --out");
}

// Results of two builds in one folder would mix two experiments; repeated ones stay apart. The
// source of a user's strategy must be the same in both.
void check_same(const RunOptions& options, const WorkerProgram& worker, const CheckedNames& names) {
  const std::string& earlier = options.earlier_run();
  if (earlier.empty()) return;
  const nlohmann::json fields = read_environment(earlier).fields;
  const std::string build = build_difference(fields, worker);
  const std::string source = source_difference(fields, names);
  const std::string& refused = options.resume && !build.empty() ? build : source;
  if (!refused.empty()) {
    throw ExitError(ExitCode::kUsage,
                    fmt::format("{}: was run with {}; expected the same to --{}", earlier, refused,
                                options.resume ? "resume, or another --out" : "repeat"));
  }
  if (!build.empty()) fmt::print("note: {} was run with {}\n", earlier, build);
}

std::vector<Record> earlier_records(const RunOptions& options, const std::string& out) {
  if (!options.resume) return {};
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

RunSettings settings_of(const RunOptions& options, const RunPlan& plan, const WorkerProgram& worker,
                        const std::string& out, const ScratchFolder& scratch) {
  RunSettings settings = make_settings(worker, out, scratch, options.jobs);
  settings.keep = plan.selection.given.keep;
  settings.known_failures = plan.known_failures;
  return settings;
}

// A line, and fields of the environment.
void tell_rate(const TrialRate& rate, Environment& environment, Progress& progress) {
  if (rate.trials == 0) return;
  newest_part(environment)["trials"].update({{"recorded", rate.trials},
                                             {"wall_s", rate.wall_s},
                                             {"cores", rate.cores},
                                             {"per_second_per_core", rate.per_second_per_core()}});
  progress.print_line(fmt::format("{} in {:.1f} s on {}: {:.1f} per second per core",
                                  count_text(rate.trials, "trial"), rate.wall_s,
                                  count_text(rate.cores, "core"), rate.per_second_per_core()));
}

// For the report: entries that a run has tried often enough without meeting them.
void note_fixed(const std::vector<Record>& records, const std::vector<KnownFailure>& known,
                Environment& environment) {
  environment.fields.erase("fixed_failures");
  for (const FixedFailure& fixed : fixed_failures(records, known)) {
    environment.fields["fixed_failures"].push_back({{"strategy", fixed.known.strategy},
                                                    {"verdict", fixed.known.verdict},
                                                    {"file", fixed.known.file},
                                                    {"trials", fixed.trials}});
  }
}

// For the report: which broken strategies of the run were found out.
void note_proof(const std::vector<Record>& records, Environment& environment) {
  environment.fields.erase("proof");
  for (const ProofRow& row : prove(records)) {
    environment.fields["proof"].push_back({{"strategy", row.strategy},
                                           {"expected", row.expected},
                                           {"got", row.got},
                                           {"caught", row.caught}});
  }
}

// What a new run records of itself before its first cell, or a resumed one of its newest part.
void begin_part(const RunOptions& options, const RunPlan& plan, const RunSettings& settings,
                Environment& environment) {
  for (const Cell& cell : plan.cells) environment.fields["cells"].push_back(cell.id);
  if (options.resume) {
    environment = resumed_environment(read_environment(settings.out), environment);
  }
  newest_part(environment)["trials"] = settings.storage;
}

RunEnd run_cells(const RunSettings& settings, const CheckedNames& names,
                 const std::vector<Cell>& cells, RecordStore& store, Environment& environment) {
  Progress progress(cells.size(), stdout);
  if (!store.warning().empty()) progress.print_line(store.warning());
  Supervisor supervisor(settings, names);
  const RunEnd end = supervisor.run(cells, [&](const Record& record) {
    const Status status = store.append(record);
    if (!status) throw ExitError(ExitCode::kEnvironment, status.error().message);
    progress.record(record);
  });
  if (end == RunEnd::kInterrupted) return end;
  tell_rate(supervisor.rate(), environment, progress);
  return end;
}

// Before anything is made there; what an earlier part of the run has finished is not run again.
void check_disk(const RunOptions& options, const std::vector<Cell>& cells,
                const CheckedNames& names) {
  const std::string out = options.out.empty() ? kResultsParent : options.out;
  check_measured_disk(nearest_existing(out), unfinished(cells, earlier_records(options, out)),
                      names);
}

// Of a repeated run, at its end. What cannot be read is not compared: the run has its own records.
void print_compared(const std::string& earlier, const std::vector<Record>& records) {
  const auto stored = read_records(earlier + "/results.jsonl");
  if (!stored) {
    fmt::print(stderr, "ckptbench: not compared: {}\n", stored.error().message);
    return;
  }
  for (const std::string& line : comparison_lines(stored.value().records, earlier, records)) {
    fmt::print("{}\n", line);
  }
}

// After all records are stored: what cannot be written now is told, and hides no verdict.
ExitCode finish(const RunOptions& options, const RunPlan& plan, const RunPlace& place,
                Environment& environment) {
  const std::vector<Record> records = read_results(place.out).records;
  note_fixed(records, plan.known_failures, environment);
  note_proof(records, environment);
  ExitCode code = ExitCode::kOk;
  if (const Status noted = write_environment(environment, place.out); !noted) {
    fmt::print(stderr, "ckptbench: {}\n", noted.error().message);
    code = ExitCode::kEnvironment;
  }
  const ReportInput input = read_results(place.out);
  code = worse(code, print_report(input, place.out));
  code = worse(code, summarize(input.records, plan.cells, plan.known_failures, place));
  if (!options.repeat.empty()) print_compared(options.repeat, input.records);
  return code;
}

void check_flags(const RunOptions& options) {
  if (options.resume && options.out.empty()) {
    throw ExitError(ExitCode::kUsage,
                    "--resume: expected --out DIR, the folder of the run to continue");
  }
  check_scratch(options.given.scratch);
  if (options.resume && !options.repeat.empty()) {
    throw ExitError(ExitCode::kUsage, "--resume and --repeat: expected one of them");
  }
}

TempDir temporary_folder() {
  auto folder = TempDir::make("ckptbench-run");
  if (!folder) throw ExitError(ExitCode::kEnvironment, folder.error().message);
  return std::move(folder).value();
}

StoredSources sources_of(const RunOptions& options) {
  const std::string& earlier = options.earlier_run();
  return earlier.empty() ? StoredSources() : StoredSources(read_environment(earlier).fields);
}

// Into the run's own folder, from where it is run.
void take_sources(const RunOptions& options, const StoredSources& sources, const std::string& out,
                  WorkerProgram& worker, CheckedNames& names) {
  const std::string folder = out + "/strategies";
  sources.put(folder, worker);
  names.stored_sources = worker.stored_sources;
  for (const std::string& line : sources.notes(options.earlier_run(), folder)) {
    fmt::print("{}\n", line);
  }
}

ExitCode run(const RunOptions& options, const CommandCall& call) {
  check_flags(options);
  const RunPlan plan = plan_from_options(options);
  WorkerProgram worker = find_worker(call.options.worker, call.interrupt_fd);
  const StoredSources sources = sources_of(options);
  const TempDir checked = temporary_folder();  // a dry run leaves nothing else
  sources.put(checked.path() + "/strategies", worker);
  CheckedNames names = check_names(worker, plan.cells);
  // That of an earlier run was checked when it began; not all of its files need be here.
  if (options.earlier_run().empty()) check_known_names(worker, plan.own_failures);
  check_same(options, worker, names);
  if (options.dry_run) {
    return print_cells(unfinished(plan.cells, earlier_records(options, options.out)));
  }
  const Description description = describe_worker(worker);
  check_environment(worker, description, plan.cells);
  check_disk(options, plan.cells, names);
  check_scratch(plan.selection.given.scratch);
  const std::string& suite = plan.selection.suite;
  const std::string out = out_folder(options, suite);
  // First of all: what lies in the folder may belong to a run that is at work.
  RecordStore store = open_store(out);
  take_sources(options, sources, out, worker, names);
  const auto earlier = earlier_records(options, out);
  const ScratchFolder scratch(plan.selection.given.scratch, out);
  const RunSettings settings = settings_of(options, plan, worker, out, scratch);
  remove_leftovers(settings, kept_folders(earlier, out + "/cells"));
  const auto cells = unfinished(plan.cells, earlier);
  fmt::print("{}: {} cells, {} finished before; results in {}\n", suite, plan.cells.size(),
             plan.cells.size() - cells.size(), out);
  const bool whole = options.resume && cells.empty();
  Environment environment =
      whole ? read_environment(out)
            : collect_environment(plan.selection, plan.seed, description, names, worker, out);
  if (!whole) begin_part(options, plan, settings, environment);
  if (const Status begun = write_environment(environment, out); !begun) {
    throw ExitError(ExitCode::kEnvironment, begun.error().message);
  }
  if (run_cells(settings, names, cells, store, environment) == RunEnd::kInterrupted) {
    fmt::print("interrupted; finished cells are kept: {} run --resume --out {}\n",
               call.options.command_line(), shell_quoted(out));
    return interrupted_code(read_results(out).records);
  }
  return finish(options, plan, {call.options.command_line(), out}, environment);
}

void add_selection_options(CLI::App& app, RunOptions& options) {
  app.add_option("suite", options.suite,
                 "a suite file, or the name of a shipped suite (default: default)");
  app.add_option("--workload,-w", options.given.workloads,
                 "run with this workload in place of the suite's, in every table: trials hold its "
                 "state in memory several times over; to measure a large one, write a suite of one "
                 "[[measure]] table (repeatable)")
      ->allow_extra_args(false);
  app.add_option("--strategy,-s", options.given.strategies,
                 "run with this strategy in place of the suite's (repeatable)")
      ->allow_extra_args(false);
  app.add_option("--kind", options.given.kinds,
                 "run only cells of this kind: trial, sweep or measure (repeatable)")
      ->allow_extra_args(false);
  app.add_option("--seed", options.given.seed, "overrides all seeds of the suite");
}

CommandBody add_run_options(CLI::App& app) {
  auto options = std::make_shared<RunOptions>();
  add_selection_options(app, *options);
  app.add_option("--out", options->out, "results (default: ckptbench-results/<suite>-<time>)");
  app.add_flag("--resume", options->resume,
               "continue the run in --out, which knows its suite and selections");
  app.add_option("--repeat", options->repeat,
                 "a results folder: run its suite and selections again, in a new folder");
  app.add_flag("--dry-run", options->dry_run,
               "print the cells, with --resume those that are left, and end");
  app.add_option("--jobs,-j", options->jobs,
                 "trials at a time (0, the default: the number of cores)");
  app.add_option(
      "--scratch", options->given.scratch,
      "an existing folder for the files of trials while they run (default: one in /dev/shm where "
      "that has 1 GiB of room, else below --out); kills keep the page cache, so any "
      "file system will do; measured cells and kept files stay below --out");
  app.add_flag("--keep", options->given.keep, "keep the files of every trial");
  return [options](const CommandCall& call) { return run(*options, call); };
}

}  // namespace

CommandRow run_command() {
  return {.name = "run", .summary = "run a suite and report", .add_options = add_run_options};
}

}  // namespace ckptbench
