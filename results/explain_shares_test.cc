#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "results/explain.h"
#include "results/testing/sample_records.h"

namespace ckptbench {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

using SampleList = std::vector<std::pair<std::string, std::vector<double>>>;

std::vector<double> alike(double ms) {
  return std::vector<double>(8, ms * 1e6);
}

// Around 0, with a block that is plain to see and interference that makes up for it.
const SampleList kAroundZero{
    {"stall_ns", {-14e6, -8e6, -3e6, 0, 0.4e6, 8e6, 15e6, 22e6}},
    {"step_ns", alike(60)},
    {"block_ns", alike(19)},
    {"retention_ns", alike(0)},
    {"gate_ns", alike(0)},
    {"asking_ns", alike(0.2)},
    {"interference_ns", {-33.2e6, -27.2e6, -22.2e6, -19.2e6, -18.8e6, -11.2e6, -4.2e6, 2.8e6}}};

// With one metric in place of that of kAroundZero.
std::string explained_with(const std::string& metric, const std::vector<double>& values) {
  ReportInput input = sample_report();
  for (const auto& [key, samples] : kAroundZero) set_samples(input, "sync", key, samples);
  set_samples(input, "sync", metric, values);
  const ResultRows rows = make_result_rows(input.records, input.environment);
  const auto text = explain_stall(rows, "digits-mlp sync", 1000);
  EXPECT_TRUE(text.ok());
  return text.ok() ? text.value() : "";
}

TEST(ExplainShares, DividesByNoStallThatMayBe0) {
  const std::string text = explained_with("step_ns", alike(60));
  EXPECT_THAT(text, HasSubstr("stall 0.200 [-14.0, 22.0] ms"));
  EXPECT_THAT(text, ContainsRegex("\nblock +19[.]0 +– +19[.]0 +\\[19[.]0, 19[.]0\\] *\n"));
  EXPECT_THAT(text, ContainsRegex("\ninterference +-19[.]0 +– "));
  EXPECT_THAT(text, Not(ContainsRegex("\n(block|asking|interference|stall) [^\n]*%")));
  EXPECT_THAT(text, HasSubstr("\nthe stall is not told apart from 0: no shares\n"));
}

TEST(ExplainShares, AreThoseOfAStallAbove0) {
  const std::string text = explained_with("stall_ns", alike(20));
  EXPECT_THAT(text, ContainsRegex("\nblock +19[.]0 +95 % "));
  EXPECT_THAT(text, Not(HasSubstr("no shares")));
  EXPECT_THAT(text, Not(HasSubstr("to lower asking"))) << "a hundredth of the stall";
}

TEST(ExplainShares, JudgesByTheStepWhereTheStallMayBe0) {
  const std::string text = explained_with("block_ns", alike(3.1));
  EXPECT_THAT(text, HasSubstr("\nblock: "));
  EXPECT_THAT(text, HasSubstr("\nto lower block: "));
  EXPECT_THAT(text, Not(HasSubstr("to lower asking"))) << "as long as the stall, little of a step";
  EXPECT_THAT(text, Not(HasSubstr("to lower interference")));
  EXPECT_THAT(explained_with("block_ns", alike(2.9)),
              HasSubstr("\nnothing to lower: no part is 5 % of a plain step\n"));
}

TEST(ExplainShares, SaysWhyAStallBelow0OrOfFewPairsHasNone) {
  EXPECT_THAT(explained_with("stall_ns", alike(-5)),
              HasSubstr("\nthe stall lies below 0: no shares\n"));
  const std::string few = explained_with("stall_ns", {90e6, 110e6, 100e6, 80e6, 120e6});
  EXPECT_THAT(few, HasSubstr("\nthe stall of 5 pairs has no interval, so it is not told apart "
                             "from 0: no shares\n"));
  EXPECT_THAT(few, ContainsRegex("\nblock +19[.]0 +– "));
}

}  // namespace
}  // namespace ckptbench
