#include "harness/measure/stop_rule.h"

#include <gtest/gtest.h>

#include <numeric>

namespace ckptbench {
namespace {

std::vector<double> counting(size_t n) {
  std::vector<double> values(n);
  std::iota(values.begin(), values.end(), 1.0);
  return values;
}

// Ranks from the tables of the sign test (Conover, Practical Nonparametric Statistics, table A3).
TEST(MedianHalfWidth, TakesTheRanksOfTheSignTest) {
  EXPECT_FALSE(median_half_width(counting(5)));
  EXPECT_EQ(median_half_width(counting(6)), 2.5);   // 1st to 6th
  EXPECT_EQ(median_half_width(counting(8)), 3.5);   // 1st to 8th
  EXPECT_EQ(median_half_width(counting(9)), 3.0);   // 2nd to 8th
  EXPECT_EQ(median_half_width(counting(20)), 4.5);  // 6th to 15th
}

class StopRuleTest : public testing::Test {
 protected:
  StopRuleTest() {
    cell_.precision_pct = 10;
    cell_.budget_s = 1;
  }
  StopRule rule() const { return {cell_, 3, {.step_ns = 1'000'000}}; }
  std::string_view reason(uint64_t groups, int64_t spent_ns, const std::vector<double>& stalls) {
    return rule().reason(groups, spent_ns, stalls);
  }
  // After two groups with these stalls.
  std::string_view reason_of_two(const std::vector<double>& first,
                                 const std::vector<double>& second) {
    StopRule rule = this->rule();
    EXPECT_EQ(rule.reason(3, 0, first), "");
    return rule.reason(4, 0, second);
  }
  Cell cell_;
  std::vector<double> wide_{10e6, 20e6, 30e6, 40e6, 50e6, 60e6};
  std::vector<double> narrow_{50e6, 50e6, 50e6, 50e6, 50e6, 51e6};
  std::vector<double> near_zero_{-5e3, -4e3, 0, 0, 4e3, 5e3};
};

TEST_F(StopRuleTest, TheGroupsAskedForComeFirst) {
  EXPECT_EQ(reason(2, 5'000'000'000, narrow_), "");
  cell_.precision_pct = 0;
  EXPECT_EQ(reason(2, 5'000'000'000, narrow_), "");
  EXPECT_EQ(reason(3, 0, wide_), "pairs");
}

TEST_F(StopRuleTest, OneMoreGroupFollowsANarrowInterval) {
  EXPECT_EQ(reason_of_two(narrow_, narrow_), "precision");
  EXPECT_EQ(reason_of_two(narrow_, wide_), "precision");
  EXPECT_EQ(reason_of_two(wide_, narrow_), "");
  EXPECT_EQ(reason(3, 800'000'000, narrow_), "budget") << "no time for it";
}

// What is saved beside training may make it faster.
TEST_F(StopRuleTest, ANegativeStallIsAsPreciseAsAPositiveOne) {
  std::vector<double> negative;
  for (const double stall : narrow_) negative.push_back(-stall);
  EXPECT_EQ(reason_of_two(negative, negative), "precision");
}

TEST_F(StopRuleTest, AStallNearZeroIsComparedWithAStep) {
  EXPECT_EQ(reason_of_two(near_zero_, near_zero_), "precision");
}

TEST_F(StopRuleTest, ABudgetThatTheNextGroupWouldPassIsSpent) {
  EXPECT_EQ(reason(3, 600'000'000, wide_), "");
  EXPECT_EQ(reason(3, 800'000'000, wide_), "budget");
  cell_.deadline_s = 1;
  EXPECT_EQ(reason(3, 600'000'000, wide_), "budget");
}

}  // namespace
}  // namespace ckptbench
