// What the shipped suites must hold, and no verdict would miss where it went.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "harness/cli/suite_file.h"
#include "harness/judge/allowed.h"
#include "harness/suite/cell_plan.h"

namespace ckptbench {
namespace {

std::vector<Cell> planned(const std::string& suite) {
  const SuiteFile file = read_suite_file(suite);
  return make_plan(parse_suite(file.text, file.path).value()).value();
}

// Of this strategy that say so: `during = "recovery"`.
bool is_killed_in_recovery(const Suite& suite, const std::string& strategy) {
  return std::any_of(suite.groups.begin(), suite.groups.end(), [&](const SuiteGroup& group) {
    const bool has = std::any_of(group.strategies.begin(), group.strategies.end(),
                                 [&](const Selection& each) { return each.name == strategy; });
    return has && std::any_of(group.faults.begin(), group.faults.end(), [](const auto& faults) {
             const auto during = faults.second.values.find("during");
             return during != faults.second.values.end() &&
                    std::count(during->second.begin(), during->second.end(), "recovery") > 0;
           });
  });
}

TEST(ShippedSuites, DefaultKillsEveryNativeStrategyInItsRecovery) {
  const SuiteFile file = read_suite_file("default");
  const Suite suite = parse_suite(file.text, file.path).value();
  for (const char* strategy : {"sync", "async", "compressed", "incremental"}) {
    EXPECT_TRUE(is_killed_in_recovery(suite, strategy)) << strategy;
  }
}

// The oracle's rule asks for at least so many.
TEST(ShippedSuites, EveryTrialOfDefaultGoesOnForFourUpdates) {
  for (const Cell& cell : planned("default")) {
    if (cell.kind != CellKind::kTrial) continue;
    EXPECT_GE(cell.more_steps, 4u) << cell.id;
  }
}

// Those of a strategy that has no such operation count for nothing: the test that runs `default`
// compares what is left of them.
uint64_t kills_of(const std::string& strategy, const std::vector<Cell>& cells) {
  return static_cast<uint64_t>(std::count_if(cells.begin(), cells.end(), [&](const Cell& cell) {
    return cell.kind == CellKind::kTrial && cell.strategy.name == strategy &&
           fault_class_name(fault_class_of(cell.fault)) == "kill";
  }));
}

TEST(ShippedSuites, KnownFailuresHaveKillsEnoughInDefaultOrStandInASweep) {
  const std::vector<Cell> in_default = planned("default");
  const std::vector<Cell> in_sweep = planned("sweep-python");
  const std::vector<KnownFailure> known = shipped_known_failures();
  ASSERT_FALSE(known.empty());
  for (const KnownFailure& row : known) {
    if (!row.first_save) {
      EXPECT_LE(row.tried, kills_of(row.strategy, in_default)) << row.file;
      continue;
    }
    // How many points it has: ASweepHasPointsEnoughForKnownFailuresOfAFirstSave.
    EXPECT_TRUE(std::any_of(in_sweep.begin(), in_sweep.end(), [&](const Cell& cell) {
      return cell.kind == CellKind::kSweep && cell.strategy.name == row.strategy;
    })) << row.file;
  }
}

}  // namespace
}  // namespace ckptbench
