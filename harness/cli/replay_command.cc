// `replay`: one cell again, with all its files kept.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>

#include "harness/cli/command.h"
#include "harness/cli/earlier_records.h"
#include "harness/cli/progress.h"
#include "harness/cli/results_folder.h"
#include "harness/cli/run_end.h"
#include "harness/cli/run_plan.h"
#include "harness/core/python_name.h"
#include "harness/run/environment_file.h"
#include "harness/run/measured_cell.h"
#include "harness/run/stored_sources.h"
#include "harness/run/trial.h"
#include "results/record_store.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

struct ReplayOptions {
  std::string cell;       // CELL.json, or a cell's id with `directory`
  std::string directory;  // empty: `cell` is a file
  std::string out;
};

// The last record of that id: its cell has every share resolved.
Record record_of_results(const std::string& id, const std::string& directory) {
  check_results_folder(directory, "results.jsonl");
  const auto stored = read_records(directory + "/results.jsonl");
  if (!stored) throw ExitError(ExitCode::kEnvironment, stored.error().message);
  const Record* found = record_named(stored.value().records, id);
  if (found == nullptr) {
    throw ExitError(ExitCode::kUsage, fmt::format("{}: no cell '{}'", directory, id));
  }
  return *found;
}

// The results that the cell is of; empty: none are here. A kept cell lies at cells/ID/cell.json.
std::string results_of(const ReplayOptions& options) {
  if (!options.directory.empty()) return options.directory;
  const fs::path above = fs::absolute(options.cell).parent_path().parent_path().parent_path();
  return fs::exists(above / "environment.json") ? above.string() : "";
}

struct Replayed {
  Cell cell;
  std::optional<Record> recorded;  // what it came to; absent: its results are not here
};

Replayed find_cell(const ReplayOptions& options) {
  if (!options.directory.empty()) {
    Record record = record_of_results(options.cell, options.directory);
    return {record.cell, std::move(record)};
  }
  auto cell = read_cell(options.cell);
  if (!cell) throw ExitError(ExitCode::kUsage, cell.error().message);
  const auto stored = read_records(results_of(options) + "/results.jsonl");
  const Record* found = stored ? record_of_cell(stored.value().records, cell.value()) : nullptr;
  if (found == nullptr) return {std::move(cell).value(), std::nullopt};
  return {std::move(cell).value(), *found};
}

std::string fresh_folder(const ReplayOptions& options, const Cell& cell) {
  const std::string& id = options.directory.empty() ? cell.id : options.cell;
  const std::string out = options.out.empty() ? "replay-" + id : options.out;
  check_out_folder(out);
  if (fs::exists(out) && !fs::is_empty(out)) {
    throw ExitError(ExitCode::kUsage,
                    fmt::format("{}: is not empty; expected --out with a new folder", out));
  }
  return fs::absolute(out).string();
}

void print_journal(const std::string& path) {
  const auto journal = read_journal(path);
  if (!journal) return;  // this role did not run
  fmt::print("{}\n", path);
  for (JournalEntry entry : journal.value().entries) {
    entry.digests.clear();
    fmt::print("  {}", format_entry(entry));
  }
}

StoredSources replayed_sources(const std::string& results, const Cell& cell) {
  const bool has = user_file(cell.strategy.name) && fs::exists(results + "/environment.json");
  return has ? StoredSources(read_environment(results).fields) : StoredSources();
}

// Beside the replay's own files, which are cleared when it begins.
void use_sources(const ReplayOptions& options, const Cell& cell, const std::string& folder,
                 WorkerProgram& worker) {
  const std::string results = results_of(options);
  const StoredSources sources = replayed_sources(results, cell);
  sources.put(folder + "-strategies", worker);
  for (const std::string& line : sources.notes(results, folder + "-strategies")) {
    fmt::print("{}\n", line);
  }
}

Record run_again(const Cell& cell, const std::string& folder, const WorkerProgram& cpu,
                 const std::vector<KnownFailure>& known) {
  const WorkerProgram worker = cell.device == "cpu" ? cpu : cuda_worker(cpu);
  const CheckedNames names = check_names(cpu, {cell});
  if (cell.kind == CellKind::kMeasure) {
    const auto runner = make_exec_runner(worker, Preload::kNo);
    const auto watcher = make_exec_runner(worker, Preload::kYes);
    return run_measured_cell(cell, folder, names.strategy(cell.strategy), *runner, *watcher);
  }
  const auto runner = make_exec_runner(worker, Preload::kYes);
  Baselines baselines(folder + "-baseline", folder);
  const TrialSetup setup{*runner, *runner, baselines, names.strategy(cell.strategy), known, true};
  Record record = run_trial(cell, folder, folder, setup);
  std::error_code ignored;
  fs::remove(folder + "-baseline", ignored);
  return record;
}

ExitCode replay(const ReplayOptions& options, const CommandCall& call) {
  const auto [cell, recorded] = find_cell(options);
  const std::string folder = fresh_folder(options, cell);
  WorkerProgram worker = find_worker(call.options.worker, call.interrupt_fd);
  use_sources(options, cell, folder, worker);
  const Record record = run_again(cell, folder, worker, stored_known_failures(results_of(options)));
  for (const char* role : {"train", "recover-killed", "recover-1", "recover-2"}) {
    print_journal(fmt::format("{}/{}.journal.jsonl", folder, role));
  }
  if (!record.point.empty()) fmt::print("fault: {}\n", record.point);
  if (record.verdict) fmt::print("why: {}\n", record.verdict->explanation);
  fmt::print("{} {}\nfiles: {}\n", record.cell.id, outcome_text(record), folder);
  if (recorded) fmt::print("{}\n", compared_text(*recorded, record));
  return exit_code_of(record);
}

CommandBody add_replay_options(CLI::App& app) {
  auto options = std::make_shared<ReplayOptions>();
  app.add_option("cell", options->cell,
                 "a cell.json, or the id of a cell of --results (ID.N: point N of a sweep)")
      ->required();
  app.add_option("--results", options->directory, "the results folder that has the id");
  app.add_option("--out", options->out, "folder for its files (default: replay-<id>)");
  return [options](const CommandCall& call) { return replay(*options, call); };
}

}  // namespace

CommandRow replay_command() {
  return {.name = "replay",
          .summary = "run one cell again by hand, keep all its files",
          .add_options = add_replay_options};
}

}  // namespace ckptbench
