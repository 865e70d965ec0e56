#include "harness/judge/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/judge/allowed.h"
#include "harness/judge/trial_maker.h"

namespace ckptbench {
namespace {

TEST(Judge, KilledBeforeTheFirstSaveNothingIsExact) {
  TrialEvidence trial = good_trial();
  std::erase_if(entries(trial), [](const JournalEntry& entry) {
    return entry.event != Event::kStart && entry.event != Event::kStep;
  });
  find_nothing(trial);
  EXPECT_EQ(short_text(judge(reference_to(23), trial)), "BIT-EXACT");
}

TEST(Judge, CountsLostStepsAndSecondsOfThisRun) {
  TrialEvidence trial = good_trial();
  come_back_at(trial, 5);
  const Verdict verdict = judge(reference_to(23), trial);
  EXPECT_EQ(verdict.lost_steps, 5U);
  EXPECT_DOUBLE_EQ(verdict.lost_s,
                   10);  // the journal's two seconds a step, not the reference's one
  EXPECT_EQ(verdict.floor_step, 10U);
  EXPECT_EQ(verdict.recovered_step, 5U);
}

TEST(Judge, NamesComponentAndStepOfADeparture) {
  TrialEvidence trial = good_trial();
  trial.second->continuation[1].digests[Role::kLoader] = kGarbage;
  const Verdict verdict = judge(reference_to(23), trial);
  EXPECT_EQ(verdict.component, Role::kLoader);
  EXPECT_EQ(verdict.at_step, 15U);
}

TEST(Judge, EqualParametersAtTwoStepsAreToldApartByTheRest) {
  Reference reference = reference_to(23);
  reference.steps[5].digests[Role::kParameter] = digest_at(Role::kParameter, 10);
  TrialEvidence trial = good_trial();
  entry_in(trial, Event::kStep, 5).digests = reference.steps[5].digests;
  EXPECT_EQ(judge(reference, trial).recovered_step, 10U);
  EXPECT_EQ(short_text(judge(reference, trial)), "BIT-EXACT");
}

TEST(Judge, OfTwoEqualStepsTheClaimedOneIsMeant) {
  Reference reference = reference_to(23);
  reference.steps[10].digests = reference.steps[5].digests;
  TrialEvidence trial = good_trial();
  drop(trial, Event::kDurable, 10);
  entry_in(trial, Event::kStep, 10).digests = reference.steps[5].digests;
  come_back_at(trial, 5);
  trial.second->continuation[1].digests = reference.steps[10].digests;
  EXPECT_EQ(short_text(judge(reference, trial)), "ROLLED-BACK(5)");
}

// A step nobody asked for is told apart from a mixture, even where a requested one shares its
// parameters.
TEST(Judge, SaysSoWhenAWholeStateIsOfAnUnrequestedStep) {
  Reference reference = reference_to(23);
  reference.steps[7].digests[Role::kParameter] = digest_at(Role::kParameter, 5);
  TrialEvidence trial = good_trial();
  entry_in(trial, Event::kStep, 7).digests = reference.steps[7].digests;
  come_back_at(trial, 7);
  trial.recovery->restored = reference.steps[7].digests;
  const Verdict verdict = judge(reference, trial);
  EXPECT_EQ(short_text(verdict), "SILENT-CORRUPT");
  EXPECT_EQ(verdict.at_step, 7U);
}

TEST(Judge, AWorseSecondResumeLeavesTheStepOfTheRecovery) {
  TrialEvidence trial = good_trial();
  trial.second = recovered_at(0, 3);
  const Verdict verdict = judge(reference_to(23), trial);
  EXPECT_EQ(verdict.recovered_step, 10U);
  EXPECT_EQ(verdict.lost_steps, 0U);
}

TEST(Judge, UpdatesBeyondTheReferenceProveNothing) {
  const TrialEvidence trial = good_trial();  // its recovery ends at step 13
  EXPECT_EQ(short_text(judge(reference_to(12), trial)), "HARNESS-ERROR");
  EXPECT_EQ(short_text(judge(reference_to(15), trial)), "HARNESS-ERROR");
  EXPECT_EQ(short_text(judge(reference_to(16), trial)), "BIT-EXACT");
}

// What the trained run showed does not depend on a recovery that the machine ended.
TEST(Judge, AFindingOfTheTrainedRunIsSoundBesideAHarnessError) {
  TrialEvidence trial = good_trial();
  trial.recovery.reset();
  trial.recovered = {};
  trial.recovered.signal = SIGKILL;
  EXPECT_EQ(short_text(judge(reference_to(23), trial)), "HARNESS-ERROR");
  EXPECT_FALSE(is_sound(judge(reference_to(23), trial)));
  entry_in(trial, Event::kStep, 7).digests[Role::kParameter] = kGarbage;
  const Verdict verdict = judge(reference_to(23), trial);
  EXPECT_EQ(short_text(verdict), "HARNESS-ERROR +PERTURBED");
  EXPECT_TRUE(is_sound(verdict));
  EXPECT_FALSE(is_allowed(verdict, FaultClass::kKill, kProcess));
}

// Evidence that contradicts itself, and a trained run that the harness ended, vouch for nothing.
TEST(Judge, NoFindingStandsWhereTheTrainedRunProvesNothing) {
  TrialEvidence trial = good_trial();
  trial.undisturbed.leaks = {"memory"};
  entry_in(trial, Event::kStep, 7).digests[Role::kParameter] = kGarbage;
  TrialEvidence ended = trial;
  ended.trained = {};
  ended.trained.exited = true;
  ended.trained.exit_code = 3;
  EXPECT_EQ(short_text(judge(reference_to(23), ended)), "HARNESS-ERROR");
  drop(trial, Event::kStep, 3);
  EXPECT_EQ(short_text(judge(reference_to(23), trial)), "ORACLE-INVALID");
  EXPECT_EQ(short_text(judge(Reference{}, trial)), "ORACLE-INVALID");
}

TEST(Judge, ALossWithoutAnyFaultIsStillTold) {
  TrialEvidence trial = good_trial();
  end_in_order(trial);
  come_back_at(trial, 5);
  const Verdict verdict = judge(reference_to(23), trial);
  EXPECT_EQ(verdict.outcome, HarnessOutcome::kVacuous);
  EXPECT_EQ(verdict.data, DataVerdict::kLostAck);
  EXPECT_FALSE(is_allowed(verdict, FaultClass::kKill, kProcess));
}

}  // namespace
}  // namespace ckptbench
