// The command line of ckptbench, parsed. Plain values; one per process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ckptbench {

struct Options {
  enum class Command { kRun, kList, kReplay, kReport, kExplain, kSelftest };
  Command command = Command::kRun;

  std::string suite;                    // run: name of a shipped suite, or a file; empty: default
  std::vector<std::string> workloads;   // run
  std::vector<std::string> strategies;  // run
  std::optional<uint64_t> seed;         // run
  std::string out;                      // run: empty for ckptbench-results/<suite>-<utc>
  std::string scratch;                  // run, replay
  bool resume = false;                  // run: continue what `out` has
  bool dry_run = false;
  bool keep = false;
  uint64_t jobs = 0;                // run: 0 for the number of cores
  std::string worker;               // path; empty: beside ckptbench
  std::string cell;                 // replay: CELL.json, or a cell's id with `directory`
  std::string directory;            // replay, report, explain
  std::string row;                  // explain: number or part of the name of a row; empty: all
  bool json = false;                // list
  std::vector<std::string> suites;  // selftest: shipped suites, or files; empty: quick, default
  uint64_t seeds = 3;               // selftest: from 1
  std::string program;              // as it can be called again

  // "ckptbench" with the options that every command takes, to be followed by a command.
  std::string command_line() const;
};

// As one word for a shell.
std::string shell_quoted(const std::string& text);

// Throws ExitError(kUsage). Nothing: help or the version was asked for, and printed.
std::optional<Options> parse_options(int count, char** arguments);

}  // namespace ckptbench
