// A suite: what to measure and what to break, as read from TOML (docs/suites.md). Reading is pure:
// text -> Suite. Names of workloads and strategies, and their parameters, are only known to
// ckpt-worker; harness/run asks it. Plain values; no thread rule.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/cell.h"
#include "harness/core/error.h"
#include "harness/core/known_failure.h"
#include "harness/core/phase.h"

namespace ckptbench {

// Which phases to kill at: phases × edges × occurrences, or a seeded sample of that product.
struct PhaseFaults {
  std::vector<std::string> names;  // phase names
  std::vector<std::string> edges;  // "before" | "after"
  std::vector<uint64_t> occurrences = {1};
  uint64_t sample = 0;  // 0: all
};

// Which file operations to kill at: either exact occurrences, or `count` seeded shares of the
// operations that an undisturbed run makes, for every operation × moment × path.
struct FileOpFaults {
  std::vector<std::string> operations = {"any"};
  std::vector<std::string> when = {"before"};
  std::string path = "*";
  uint64_t count = 0;
  std::vector<uint64_t> occurrences;
};

// Seeded moments: `count` strata of [0, 1), one moment in each; or exact shares.
struct MomentFaults {
  uint64_t count = 0;
  std::vector<double> at;
};

// One [[measure]], [[trial]] or [[sweep]] table: a product of lists.
struct SuiteGroup {
  CellKind kind = CellKind::kMeasure;
  int line = 0;  // of its header, for errors
  std::vector<Selection> workloads;
  std::vector<Selection> strategies;
  Policy policy;
  std::vector<uint64_t> seeds;  // empty: the suite's
  std::vector<uint64_t> threads = {1};
  std::string device = "cpu";
  uint64_t steps = 0;
  uint64_t more_steps = 0;
  uint64_t pairs = 0;
  double precision_pct = 0;
  double budget_s = 0;
  uint64_t repeat = 1;  // kMeasure: processes per cell, spread over the suite
  double deadline_s = 0;
  // kTrial; none at all: one trial that nothing disturbs.
  std::vector<PhaseFaults> phases;
  std::vector<FileOpFaults> file_ops;  // kSweep: operations × when, one sweep each
  std::vector<MomentFaults> moments;
};

struct Suite {
  std::string name;
  uint64_t seed = 1;
  std::string description;
  std::vector<SuiteGroup> groups;
  std::vector<KnownFailure> known_failures;
};

// Errors: "source:line: …", with near names for unknown keys and values.
Result<Suite> parse_suite(const std::string& text, const std::string& source);
// A file of [[known_failures]] tables alone: each needs a public source.
Result<std::vector<KnownFailure>> parse_known_failures(const std::string& text,
                                                       const std::string& source);

}  // namespace ckptbench
