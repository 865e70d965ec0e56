// Which trials of a run met nothing.
#include "results/unmet_faults.h"

#include <gtest/gtest.h>

#include "faults/fault_kinds.h"
#include "results/testing/sample_records.h"

namespace ckptbench {
namespace {

Record unmet(const std::string& fault) {
  Record record = trial_record("u", "sync", fault, Verdict{}, true);
  record.verdict->outcome = HarnessOutcome::kNotApplicable;
  record.verdict->explanation = "why";
  return record;
}

Record met(const std::string& fault) {
  return trial_record("m", "sync", fault, data_verdict(DataVerdict::kBitExact), true);
}

TEST(UnmetFaults, FileOperationsAreAGroupOfTheirOwn) {
  ASSERT_NE(fault_kinds().find("file_op"), nullptr);
  const auto groups =
      unmet_faults({met("none"), met("moment"), unmet("file_op"), unmet("file_op")});
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_TRUE(groups[0].file_operations);
  EXPECT_EQ(groups[0].trials, 2U);
  EXPECT_EQ(unmet_text(groups[0]),
            "sync on digits-mlp: no file operation below its directory was met: 2 trials tried "
            "nothing (why); a strategy that keeps its checkpoints elsewhere needs a suite with "
            "moments only");
}

TEST(UnmetFaults, OneThatWasMetClearsItsKind) {
  EXPECT_TRUE(unmet_faults({met("file_op"), unmet("file_op")}).empty());
  EXPECT_TRUE(unmet_faults({met("moment"), unmet("phase"), unmet("phase")}).empty());
  EXPECT_TRUE(unmet_faults({met("none")}).empty());
}

TEST(UnmetFaults, AStrategyThatNothingMetIsToldOnce) {
  const auto groups = unmet_faults({unmet("phase"), unmet("file_op"), met("none")});
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_FALSE(groups[0].file_operations);
  EXPECT_EQ(unmet_text(groups[0]),
            "sync on digits-mlp: no fault met it: 2 trials are NOT-APPLICABLE: why");
}

TEST(UnmetFaults, EachWorkloadIsLookedAtAlone) {
  Record other = unmet("file_op");
  other.cell.workload.name = "char-gpt";
  const auto groups = unmet_faults({met("file_op"), met("moment"), other});
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_FALSE(groups[0].file_operations) << "no other fault was tried there";
  EXPECT_EQ(groups[0].workload.name, "char-gpt");
}

}  // namespace
}  // namespace ckptbench
