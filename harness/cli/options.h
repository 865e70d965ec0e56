// The command line of ckptbench, parsed. Plain values; one per process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ckptbench {

struct Options {
  enum class Command { kRun, kList, kReplay, kReport };
  Command command = Command::kRun;

  std::string suite = "default";        // run: name of a shipped suite, or a file
  std::vector<std::string> workloads;   // run
  std::vector<std::string> strategies;  // run
  std::optional<uint64_t> seed;         // run
  std::string out;                      // run: empty for ckptbench-results/<suite>-<utc>
  std::string scratch;                  // run, replay
  bool resume = false;                  // run: continue what `out` has
  bool dry_run = false;
  bool keep = false;
  uint64_t jobs = 0;      // run: 0 for the number of cores
  std::string worker;     // path; empty: beside ckptbench
  std::string cell;       // replay: CELL.json, or a cell's id with `directory`
  std::string directory;  // replay, report
  bool json = false;      // list
};

// Throws ExitError(kUsage). Nothing: help or the version was asked for, and printed.
std::optional<Options> parse_options(int count, char** arguments);

}  // namespace ckptbench
