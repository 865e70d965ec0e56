#include "results/verdict_tally.h"

#include <gtest/gtest.h>

#include <array>

#include "results/record_end.h"
#include "results/testing/sample_records.h"

namespace ckptbench {
namespace {

Record with_outcome(HarnessOutcome outcome, bool allowed) {
  Verdict verdict;
  verdict.outcome = outcome;
  return trial_record("t", "sync", "phase", verdict, allowed);
}

Record with_data(DataVerdict data, bool allowed) {
  return trial_record("t", "sync", "phase", data_verdict(data), allowed);
}

VerdictTally tally_of(const std::vector<Record>& records) {
  VerdictTally tally;
  for (const Record& record : records) tally.add(record);
  return tally;
}

TEST(VerdictTally, CountsAsNotAllowedWhatTheRunDoes) {
  Record vacuous_loss = with_outcome(HarnessOutcome::kVacuous, false);
  vacuous_loss.verdict->data = DataVerdict::kLostAck;
  const std::vector<Record> records{
      with_outcome(HarnessOutcome::kHarnessError, false),
      with_outcome(HarnessOutcome::kOracleInvalid, false),
      with_outcome(HarnessOutcome::kVacuous, true),
      with_outcome(HarnessOutcome::kNotRun, false),
      with_outcome(HarnessOutcome::kNotApplicable, true),
      with_data(DataVerdict::kLostAck, false),
      with_data(DataVerdict::kBitExact, true),
      vacuous_loss,
  };
  for (const Record& record : records) {
    const bool counts = record_end(record) == RecordEnd::kNotAllowed;
    EXPECT_EQ(tally_of({record}).not_allowed, counts ? 1U : 0U) << short_text(*record.verdict);
  }
  EXPECT_EQ(tally_of(records).not_allowed, 3U);
}

TEST(VerdictTally, AHarnessErrorSpeaksNotAgainstTheStrategy) {
  EXPECT_EQ(loss_text(tally_of({with_outcome(HarnessOutcome::kHarnessError, false)})), "");
}

TEST(VerdictTally, TheWorstOutcomeIsNotTheFirst) {
  constexpr std::array kWorstFirst{HarnessOutcome::kNotRun,        HarnessOutcome::kHarnessError,
                                   HarnessOutcome::kOracleInvalid, HarnessOutcome::kVacuous,
                                   HarnessOutcome::kNotApplicable, HarnessOutcome::kSweepEnd};
  static_assert(kWorstFirst.size() == kOutcomeCount);
  for (size_t worse = 0; worse < kWorstFirst.size(); ++worse) {
    for (size_t better = worse + 1; better < kWorstFirst.size(); ++better) {
      const Record a = with_outcome(kWorstFirst.at(worse), true);
      Record b = with_outcome(kWorstFirst.at(better), true);
      b.verdict->findings = {Finding::kLeak};
      const std::string_view word = outcome_name(kWorstFirst.at(worse));
      EXPECT_TRUE(worst_text(tally_of({a, b})).starts_with(word)) << worst_text(tally_of({a, b}));
      EXPECT_TRUE(worst_text(tally_of({b, a})).starts_with(word)) << worst_text(tally_of({b, a}));
    }
  }
}

TEST(VerdictTally, AnyDataVerdictComesBeforeAnOutcome) {
  const VerdictTally tally = tally_of({with_outcome(HarnessOutcome::kHarnessError, false),
                                       with_data(DataVerdict::kBitExact, true)});
  EXPECT_EQ(worst_text(tally), "BIT-EXACT");
}

}  // namespace
}  // namespace ckptbench
