#include "harness/cli/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "harness/core/error.h"
#include "harness/platform/installation.h"

namespace ckptbench {
namespace {

constexpr const char* kFooter = R"(
A selection is a name, or NAME:key=value,key=value:
  digits-mlp   char-gpt:size=1m,freeze=0.5   staged+planes+zstd@dir   python:FILE.py:Class:level=3

Exit codes: 0 all well; 1 a verdict that is not allowed; 2 usage: an unknown key, name or value;
3 the harness cannot vouch for its result, or was interrupted; 4 the environment lacks something.)";

void add_run(CLI::App& app, Options& options) {
  CLI::App* run = app.add_subcommand("run", "run a suite and report");
  run->add_option("suite", options.suite,
                  "a suite file, or the name of a shipped suite (default: default)");
  run->add_option("--workload,-w", options.workloads,
                  "run with this workload in place of the suite's (repeatable)")
      ->allow_extra_args(false);
  run->add_option("--strategy,-s", options.strategies,
                  "run with this strategy in place of the suite's (repeatable)")
      ->allow_extra_args(false);
  run->add_option("--seed", options.seed, "in place of the suite's seed and seeds");
  run->add_option("--out", options.out, "results (default: ckptbench-results/<suite>-<time>)");
  run->add_flag("--resume", options.resume,
                "continue the run in --out, which knows its suite and selections");
  run->add_flag("--dry-run", options.dry_run, "print the cells and end");
  run->add_option("--jobs,-j", options.jobs, "trials at a time (default: the number of cores)");
  run->add_option(
      "--scratch", options.scratch,
      "folder for the files of trials while they run (default: one in /dev/shm where "
      "that has 1 GiB of room, else below --out); kills keep the page cache, so any file "
      "system will do; measured cells and kept files stay below --out");
  run->add_flag("--keep", options.keep, "keep the files of every trial");
}

void add_others(CLI::App& app, Options& options) {
  CLI::App* list = app.add_subcommand("list", "list workloads, strategies and stages");
  list->add_flag("--json", options.json, "names only, as JSON");
  CLI::App* replay = app.add_subcommand("replay", "run one cell again by hand, keep all its files");
  replay->add_option("cell", options.cell, "a cell.json, or the id of a cell of --results")
      ->required();
  replay->add_option("--results", options.directory, "the results folder that has the id");
  replay->add_option("--out", options.out, "folder for its files (default: replay-<id>)");
  CLI::App* report = app.add_subcommand("report", "make the table and report.html again");
  report->add_option("directory", options.directory, "a results folder")->required();
  CLI::App* explain = app.add_subcommand("explain", "say where the stall of a row comes from");
  explain->add_option("directory", options.directory, "a results folder")->required();
  explain->add_option("row", options.row,
                      "number of a measured row, or a part of its workload and strategy "
                      "(default: all rows)");
}

void add_selftest(CLI::App& app, Options& options) {
  CLI::App* selftest = app.add_subcommand(
      "selftest", "run suites with the broken strategies: how often is each found?");
  selftest->add_option("suites", options.suites, "suites (default: quick default)");
  selftest->add_option("--strategy,-s", options.strategies, "only this one (repeatable)")
      ->allow_extra_args(false);
  selftest->add_option("--seeds", options.seeds, "how many seeds, from 1 (default: 3)")
      ->check(CLI::PositiveNumber);
  selftest->add_option("--out", options.out, "results");
  selftest->add_option("--jobs,-j", options.jobs, "trials at a time");
  selftest->add_option("--scratch", options.scratch, "folder for the files of trials");
}

Options::Command command_of(const CLI::App& app) {
  if (app.got_subcommand("list")) return Options::Command::kList;
  if (app.got_subcommand("replay")) return Options::Command::kReplay;
  if (app.got_subcommand("report")) return Options::Command::kReport;
  if (app.got_subcommand("explain")) return Options::Command::kExplain;
  if (app.got_subcommand("selftest")) return Options::Command::kSelftest;
  return Options::Command::kRun;
}

// A name that was found in PATH, or else the program's absolute path.
std::string callable_again(const std::string& called) {
  if (called.find('/') == std::string::npos) return called;
  return program_folder() + "/" + called.substr(called.rfind('/') + 1);
}

}  // namespace

std::string shell_quoted(const std::string& text) {
  const std::string plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,+@%";
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string Options::command_line() const {
  const std::string name = program.empty() ? "ckptbench" : shell_quoted(program);
  return worker.empty() ? name : name + " --worker " + shell_quoted(worker);
}

std::optional<Options> parse_options(int count, char** arguments) {
  Options options;
  options.program = callable_again(arguments[0]);
  CLI::App app("Which checkpoint strategy should a training job use, and can it be trusted?",
               "ckptbench");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version", CKPT_VERSION);
  app.add_option("--worker", options.worker, "ckpt-worker (default: the one beside ckptbench)");
  add_run(app, options);
  add_others(app, options);
  add_selftest(app, options);
  try {
    app.parse(count, arguments);
  } catch (const CLI::Success& success) {
    app.exit(success);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    throw ExitError(ExitCode::kUsage,
                    fmt::format("{} (ckptbench --help tells more)", error.what()));
  }
  options.command = command_of(app);
  if (options.resume && options.out.empty()) {
    throw ExitError(ExitCode::kUsage,
                    "--resume: expected --out DIR, the folder of the run to continue");
  }
  return options;
}

}  // namespace ckptbench
