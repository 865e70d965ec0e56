// How often ordinary suites find the broken strategies: each takes the place of a suite's
// strategies in turn, and its verdicts are compared with the table of what is allowed. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/record.h"
#include "harness/run/description.h"

namespace ckptbench {

// Whether the trial of this strategy shows that it is broken: a verdict that is not allowed, and
// that the harness can vouch for.
bool shows_defect(const Record& record, const NamedInfo& strategy);

// How often one suite finds one broken strategy.
struct SelftestRow {
  std::string strategy;
  std::string suite;
  uint64_t seeds = 0;   // tried
  uint64_t found = 0;   // seeds with at least one verdict that is not allowed
  uint64_t trials = 0;  // that met their fault, of all seeds
  std::string example;  // the worst verdict seen, in words; empty: none found
};
// By strategy in the order of `broken`, then by suite. A strategy with no trial has no row.
std::vector<SelftestRow> selftest_rows(const std::vector<Record>& records,
                                       const std::vector<NamedInfo>& broken);

// A Markdown table: one line per strategy, one column per suite, "2 of 3" seeds; "-" where the
// suite has no trial of it.
std::string detection_table(const std::vector<SelftestRow>& rows);
// Strategies that none of the suites has found, in the order of the rows.
std::vector<std::string> undetected(const std::vector<SelftestRow>& rows);

}  // namespace ckptbench
