// A failure of a strategy that is known and tolerated, like an expected failure of a test runner.
// Read from suites/known_failures.toml (shipped peers) and from the suite file (a user's own).
// Plain values.
#pragma once

#include <cstdint>
#include <string>

namespace ckptbench {

struct KnownFailure {
  std::string strategy;     // as in a spec
  std::string fault;        // a class: "none" | "kill"
  std::string verdict;      // a data verdict or a finding: "DETECTED-UNRECOVERABLE", "LEAK"
  bool first_save = false;  // only where no save was acknowledged before
  std::string reason;
  std::string source;   // URL; a suite's own may have none
  uint64_t tried = 50;  // after so many trials without it, a run reports that it is gone
  std::string file;     // where it is listed, "suites/known_failures.toml:12"
};

}  // namespace ckptbench
