// A suite: what to measure and what to break, as read from TOML (docs/suites.md). Reading is pure:
// text -> Suite. Names of workloads and strategies, and their parameters, are only known to
// ckpt-worker; harness/run asks it. Plain values; no thread rule.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "faults/fault_kinds.h"
#include "harness/core/cell.h"
#include "harness/core/error.h"
#include "harness/core/known_failure.h"

namespace ckptbench {

// Limit on the number of cells of a suite.
inline constexpr uint64_t kMaxCells = 20'000;

// One [[measure]], [[trial]] or [[sweep]] table: a product of lists.
struct SuiteGroup {
  Cell cell;     // what all its cells have in common; the lists below make the rest
  int line = 0;  // of its header, for errors
  std::vector<Selection> workloads;
  std::vector<Selection> strategies;
  std::vector<uint64_t> seeds;  // empty: the suite's
  std::vector<uint64_t> threads = {1};
  uint64_t repeat = 1;  // kMeasure: processes per cell, spread over the suite
  // kTrial: none at all: one trial that nothing disturbs. kSweep: one sweep of each fault. By kind.
  std::vector<std::pair<std::string, FaultGroup>> faults;
};

struct Suite {
  std::string name;
  uint64_t seed = 1;
  std::string description;
  std::vector<SuiteGroup> groups;
  std::vector<KnownFailure> known_failures;
};

// Errors: "source:line: …", with near names for unknown keys and values. `kinds`: what a trial may
// say of faults.
Result<Suite> parse_suite(const std::string& text, const std::string& source,
                          const FaultKinds& kinds = fault_kinds());
// A file of [[known_failures]] tables alone: each needs a public source.
Result<std::vector<KnownFailure>> parse_known_failures(const std::string& text,
                                                       const std::string& source);

}  // namespace ckptbench
