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

// Allowed, as a known failure is. What came back whole has met no fault, and is no survivor.
TEST(VerdictTally, ALossWithoutAnyFaultSpeaksAgainstTheStrategy) {
  Record refuses = with_data(DataVerdict::kDetectedUnrecoverable, true);
  refuses.verdict->outcome = HarnessOutcome::kVacuous;
  EXPECT_EQ(loss_text(tally_of({refuses, with_data(DataVerdict::kBitExact, true)})),
            "lost or refused in 1 of 2 trials: DETECTED-UNRECOVERABLE 1");
  EXPECT_EQ(counts_text(tally_of({refuses})), "DETECTED-UNRECOVERABLE 1 · VACUOUS 1");
  Record whole = with_data(DataVerdict::kBitExact, true);
  whole.verdict->outcome = HarnessOutcome::kVacuous;
  EXPECT_EQ(counts_text(tally_of({whole})), "VACUOUS 1");
  EXPECT_EQ(loss_text(tally_of({whole})), "");
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

TEST(VerdictTally, AFindingBesideAHarnessErrorSpeaksAgainstTheStrategy) {
  Record found = with_outcome(HarnessOutcome::kHarnessError, false);
  found.verdict->findings = {Finding::kPerturbed};
  EXPECT_EQ(loss_text(tally_of({found})), "in 1 trial: PERTURBED 1; 1 not allowed");
}

Record with_loss(uint64_t lost_steps, uint64_t every_steps) {
  Record record =
      trial_record("t", "sync", "phase", data_verdict(DataVerdict::kRolledBack, lost_steps), true);
  record.cell.policy.every_steps = every_steps;
  return record;
}

// One that makes durable only what is waited for is ROLLED-BACK like one that is a save behind.
TEST(VerdictTally, SaysTheMostThatOneTrialLost) {
  EXPECT_EQ(most_lost_text(tally_of({with_loss(2, 2), with_loss(0, 2)})), "1 save");
  VerdictTally starved = tally_of({with_loss(2, 2), with_loss(40, 2), with_loss(4, 2)});
  EXPECT_EQ(worst_text(starved), "ROLLED-BACK");
  EXPECT_EQ(most_lost_text(starved), "20 saves");
  EXPECT_EQ(starved.most_lost_steps, 40U);
  starved.add(tally_of({with_loss(90, 10)}));
  EXPECT_EQ(most_lost_text(starved), "20 saves");
  EXPECT_EQ(starved.most_lost_steps, 90U);
  EXPECT_EQ(most_lost_text(tally_of({with_loss(3, 2)})), "2 saves") << "an end between two saves";
}

TEST(VerdictTally, CountsStepsWhereSavesCannotBeCounted) {
  Record by_epochs = with_loss(22, 0);
  by_epochs.cell.policy.every_epochs = 1;
  EXPECT_EQ(most_lost_text(tally_of({by_epochs})), "22 steps");
  EXPECT_EQ(most_lost_text(tally_of({with_loss(4, 2), by_epochs})), "22 steps");
  EXPECT_EQ(most_lost_text(tally_of({with_data(DataVerdict::kBitExact, true)})), "nothing");
  EXPECT_EQ(most_lost_text(tally_of({with_outcome(HarnessOutcome::kVacuous, true)})), "–");
  EXPECT_EQ(most_lost_text({}), "–");
}

// A trial whose fault has nowhere to fire must not make the share of losses smaller.
TEST(VerdictTally, ALossIsCountedAmongTheTrialsThatCameToAVerdict) {
  const VerdictTally tally =
      tally_of({with_data(DataVerdict::kLostAck, true), with_data(DataVerdict::kBitExact, true),
                with_outcome(HarnessOutcome::kNotApplicable, true),
                with_outcome(HarnessOutcome::kVacuous, true)});
  EXPECT_EQ(loss_text(tally), "lost or refused in 1 of 2 trials: LOST-ACK 1");
  EXPECT_EQ(decided_trials(tally), 2U);
  EXPECT_EQ(trials_text(tally), "2 of 4");
  EXPECT_EQ(trials_text(tally_of({with_data(DataVerdict::kBitExact, true)})), "1");
}

TEST(VerdictTally, AFindingIsCountedAmongTheTrialsThatWereRun) {
  Record leaks = with_data(DataVerdict::kBitExact, false);
  leaks.verdict->findings = {Finding::kLeak};
  const VerdictTally tally = tally_of({leaks, with_outcome(HarnessOutcome::kNotApplicable, true),
                                       with_outcome(HarnessOutcome::kNotApplicable, true)});
  EXPECT_EQ(loss_text(tally), "in 1 trial: LEAK 1; 1 not allowed");
}

TEST(VerdictTally, AFindingHasItsColourWithoutADataVerdict) {
  Record killed = with_outcome(HarnessOutcome::kNotRun, false);
  killed.verdict->findings = {Finding::kTrainerKilled};
  EXPECT_EQ(worst_text(tally_of({killed})), "NOT-RUN +TRAINER-KILLED");
  EXPECT_EQ(severity(tally_of({killed})), severity_of(Finding::kTrainerKilled));
  EXPECT_EQ(severity(tally_of({with_outcome(HarnessOutcome::kNotRun, false)})), Severity::kUnknown);
  EXPECT_EQ(severity({}), Severity::kUnknown);
}

// All bytes came back, and no fault was met: neither a loss nor a pass.
TEST(VerdictTally, WhatMetNoFaultIsNotShownAsAPass) {
  Record whole = with_data(DataVerdict::kBitExact, true);
  whole.verdict->outcome = HarnessOutcome::kVacuous;
  EXPECT_EQ(severity(tally_of({whole})), Severity::kUnknown);
  EXPECT_EQ(most_lost_text(tally_of({whole})), "–");
}

TEST(VerdictTally, AnyDataVerdictComesBeforeAnOutcome) {
  const VerdictTally tally = tally_of({with_outcome(HarnessOutcome::kHarnessError, false),
                                       with_data(DataVerdict::kBitExact, true)});
  EXPECT_EQ(worst_text(tally), "BIT-EXACT");
}

}  // namespace
}  // namespace ckptbench
