#include "harness/core/verdict.h"

#include <gtest/gtest.h>

#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

TEST(Verdict, ShortTextNamesStepsComponentAndFindings) {
  Verdict verdict;
  verdict.data = DataVerdict::kRolledBack;
  verdict.lost_steps = 3;
  EXPECT_EQ(short_text(verdict), "ROLLED-BACK(3)");
  verdict.data = DataVerdict::kNoFallback;
  EXPECT_EQ(short_text(verdict), "NO-FALLBACK(3)");
  verdict.data = DataVerdict::kDiverged;
  verdict.component = Role::kRng;
  verdict.findings = {Finding::kLeak};
  EXPECT_EQ(short_text(verdict), "DIVERGED(rng) +LEAK");
  verdict.outcome = HarnessOutcome::kVacuous;
  EXPECT_EQ(short_text(verdict), "VACUOUS +LEAK");
  EXPECT_EQ(short_text({}), "no data verdict");
}

// The order is the severity, and every word is read back as itself.
TEST(Verdict, WordsAndTheirOrder) {
  const std::vector<std::string> worst_first{
      "SILENT-CORRUPT",         "DIVERGED",    "SILENT-RESTART", "LOST-ACK",
      "DETECTED-UNRECOVERABLE", "NO-FALLBACK", "ROLLED-BACK",    "BIT-EXACT"};
  ASSERT_EQ(worst_first.size(), static_cast<size_t>(kVerdictCount));
  for (int i = 0; i < kVerdictCount; ++i) {
    EXPECT_EQ(verdict_name(static_cast<DataVerdict>(i)), worst_first[static_cast<size_t>(i)]);
    EXPECT_EQ(parse_verdict(worst_first[static_cast<size_t>(i)]), static_cast<DataVerdict>(i));
  }
  EXPECT_EQ(finding_name(static_cast<Finding>(kFindingCount - 1)), "NEVER-ACKNOWLEDGED");
}

TEST(Verdict, JsonRoundTripKeepsAbsentApartFromZero) {
  Verdict verdict;
  verdict.data = DataVerdict::kSilentCorrupt;
  verdict.component = Role::kParameter;
  verdict.at_step = 0;
  verdict.findings = {Finding::kHang, Finding::kPerturbed};
  const auto copy = nlohmann::json(verdict).get<Verdict>();
  EXPECT_EQ(copy.data, verdict.data);
  EXPECT_EQ(copy.at_step, verdict.at_step);
  EXPECT_EQ(copy.findings, verdict.findings);
  EXPECT_FALSE(copy.outcome.has_value());
}

TEST(Verdict, JsonWithWordsItDoesNotKnowIsAnError) {
  const nlohmann::json known(Verdict{});
  EXPECT_NO_THROW(known.get<Verdict>());
  nlohmann::json text = known;
  text["findings"] = {"LEAKS"};
  EXPECT_THROW(text.get<Verdict>(), std::exception);
  text = known;
  text["floor"] = 3;
  EXPECT_THROW(text.get<Verdict>(), std::exception);
  text = known;
  text["data"] = "EXACT";
  EXPECT_THROW(text.get<Verdict>(), std::exception);
}

}  // namespace
}  // namespace ckptbench
