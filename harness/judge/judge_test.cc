#include "harness/judge/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/judge/allowed.h"
#include "harness/judge/trial_maker.h"

namespace ckptbench {
namespace {

constexpr Digest kGarbage{.high = 1, .low = 1};

void drop(TrialEvidence& trial, Event event, uint64_t step) {
  std::erase_if(entries(trial), [&](const JournalEntry& entry) {
    return entry.event == event && entry.step == step;
  });
}

void find_nothing(TrialEvidence& trial) {
  come_back_at(trial, 0);
  trial.recovery->outcome = RecoveryReport::Outcome::kNothing;
}

void refuse(std::optional<RecoveryReport>& report) {
  report.emplace();
  report->outcome = RecoveryReport::Outcome::kRefused;
  report->reason = "checksum of weights";
}

void no_recovery(TrialEvidence& trial, ProcessEnd end) {
  trial.recovery.reset();
  trial.second.reset();
  trial.recovered = end;
}

void die_by_itself(TrialEvidence& trial, ProcessEnd end) {
  trial.fault.fired = false;
  trial.trained = end;
}

const JudgeCase kJudgeCases[] = {
    // Data verdicts.
    {"AllWell", [](TrialEvidence&) {}, "BIT-EXACT"},
    {"NoFaultAtAll", no_fault, "BIT-EXACT"},
    {"RequestedButNotYetDurable", [](TrialEvidence& t) { drop(t, Event::kDurable, 10); },
     "BIT-EXACT"},
    {"OlderStepAboveTheFloor",
     [](TrialEvidence& t) { drop(t, Event::kDurable, 10), come_back_at(t, 5); }, "ROLLED-BACK(5)"},
    {"RequestWithoutCaptureStillCounts",
     [](TrialEvidence& t) {
       drop(t, Event::kDurable, 10);
       drop(t, Event::kCaptured, 10);
       come_back_at(t, 5);
     },
     "ROLLED-BACK(5)"},
    {"NothingWhereNothingWasDurable",
     [](TrialEvidence& t) {
       drop(t, Event::kDurable, 5);
       drop(t, Event::kDurable, 10);
       find_nothing(t);
     },
     "ROLLED-BACK(10)"},
    {"ClaimsOnlyAnotherHost",
     [](TrialEvidence& t) {
       entry_in(t, Event::kDurable, 10).survives = "host";
       come_back_at(t, 5);
     },
     "ROLLED-BACK(5)"},
    {"WeightsOnlyIsNeitherFloorNorHope",
     [](TrialEvidence& t) {
       entry_in(t, Event::kRequested, 10).contents = "weights";
       entry_in(t, Event::kDurable, 10).contents = "weights";
       come_back_at(t, 5);
     },
     "BIT-EXACT"},
    {"FailedSaveMayBeRecovered",
     [](TrialEvidence& t) { entry_in(t, Event::kDurable, 10).event = Event::kFailed; },
     "BIT-EXACT"},
    {"FailedSaveMayBeGone",
     [](TrialEvidence& t) {
       entry_in(t, Event::kDurable, 10).event = Event::kFailed;
       come_back_at(t, 5);
     },
     "ROLLED-BACK(5)"},
    {"Refuses", [](TrialEvidence& t) { refuse(t.recovery); }, "DETECTED-UNRECOVERABLE"},
    {"CrashesInRestore",
     [](TrialEvidence& t) { no_recovery(t, {.signal = SIGSEGV, .stacks_path = ""}); },
     "DETECTED-UNRECOVERABLE +RESTORE-CRASHED"},
    {"AcknowledgedStepIsGone", [](TrialEvidence& t) { come_back_at(t, 5); }, "LOST-ACK"},
    {"StartsOverSilently", find_nothing, "SILENT-RESTART"},
    {"RandomNumbersLeftOut", [](TrialEvidence& t) { t.recovery->restored[Role::kRng] = kGarbage; },
     "DIVERGED(rng)"},
    {"ComponentIsMissing", [](TrialEvidence& t) { t.recovery->restored.erase(Role::kMoment1); },
     "DIVERGED(moment1)"},
    {"ContinuationDeparts",
     [](TrialEvidence& t) { t.recovery->continuation[1].digests[Role::kLoader] = kGarbage; },
     "DIVERGED(loader)"},
    {"SecondResumeDeparts",
     [](TrialEvidence& t) { t.second->restored[Role::kParameter] = kGarbage; },
     "DIVERGED(parameter)"},
    {"SecondContinuationDeparts",
     [](TrialEvidence& t) { t.second->continuation[0].digests[Role::kRng] = kGarbage; },
     "DIVERGED(rng)"},
    {"SecondResumeFindsAnOlderStep", [](TrialEvidence& t) { t.second = recovered_at(10, 3); },
     "LOST-ACK"},
    {"SecondResumeStartsOver", [](TrialEvidence& t) { t.second = recovered_at(0, 3); },
     "SILENT-RESTART"},
    {"SecondResumeRefuses", [](TrialEvidence& t) { refuse(t.second); }, "DETECTED-UNRECOVERABLE"},
    {"CannotSaveAgain",
     [](TrialEvidence& t) {
       t.recovery->resave_durable = false;
       t.recovery->resave_error = "failed: no space";
     },
     "DETECTED-UNRECOVERABLE +SAVE-FAILED"},
    {"BreaksTheResumedRun",
     [](TrialEvidence& t) {
       t.recovery->continuation.resize(1);
       t.recovery->resave_error = "threw: x";
     },
     "DETECTED-UNRECOVERABLE +TRAINER-KILLED"},
    {"ParametersOfNoStep",
     [](TrialEvidence& t) { t.recovery->restored[Role::kParameter] = kGarbage; }, "SILENT-CORRUPT"},
    {"WholeStateOfAStepNobodyAskedFor", [](TrialEvidence& t) { come_back_at(t, 7); },
     "SILENT-CORRUPT"},
    {"TheRecoveryLivedAlthoughItWasToDie",
     [](TrialEvidence& t) {
       t.trained_by_fault = true;
       t.fault.fired = false;
       no_recovery(t, {});
     },
     "VACUOUS"},
    {"TheKilledRecoverysSaveIsTheFloor",
     [](TrialEvidence& t) {
       t.trained_by_fault = true;
       t.journal.entries.push_back(entry_of(Event::kRestored, 10));
       for (Event event : {Event::kRequested, Event::kCaptured, Event::kDurable}) {
         t.journal.entries.push_back(entry_of(event, 13));
       }
     },
     "LOST-ACK"},
    {"ChangedUnseen",
     [](TrialEvidence& t) { t.unseen = "a was filled without a file operation seen"; }, "VACUOUS"},
    {"KilledByAStrangerBeforeTheMoment",
     [](TrialEvidence& t) {
       t.cell.fault.kind = "moment";
       t.fault.fired = false;
     },
     "HARNESS-ERROR"},
    // Service findings.
    {"TrainingHangs",
     [](TrialEvidence& t) {
       die_by_itself(t, {.signal = SIGKILL, .timed_out = true, .stacks_path = ""});
     },
     "BIT-EXACT +HANG"},
    {"RecoveryHangs",
     [](TrialEvidence& t) {
       no_recovery(t, {.signal = SIGKILL, .timed_out = true, .stacks_path = ""});
     },
     "DETECTED-UNRECOVERABLE +HANG"},
    {"SecondResumeHangs",
     [](TrialEvidence& t) {
       t.second.reset();
       t.resumed = {.signal = SIGKILL, .timed_out = true, .stacks_path = ""};
     },
     "DETECTED-UNRECOVERABLE +HANG"},
    {"SaveThrows",
     [](TrialEvidence& t) {
       die_by_itself(t, {.exited = true, .exit_code = 1, .stacks_path = ""});
     },
     "BIT-EXACT +TRAINER-KILLED"},
    {"SaveCrashes",
     [](TrialEvidence& t) { die_by_itself(t, {.signal = SIGSEGV, .stacks_path = ""}); },
     "BIT-EXACT +TRAINER-KILLED"},
    {"ThrowsBeforeTheFirstSave",
     [](TrialEvidence& t) {
       std::erase_if(entries(t), [](const JournalEntry& entry) {
         return entry.event != Event::kStart && entry.event != Event::kStep;
       });
       find_nothing(t);
       die_by_itself(t, {.exited = true, .exit_code = 1, .stacks_path = ""});
     },
     "BIT-EXACT +TRAINER-KILLED"},
    {"SavingChangesTraining",
     [](TrialEvidence& t) { entry_in(t, Event::kStep, 11).digests[Role::kRng] = kGarbage; },
     "BIT-EXACT +PERTURBED"},
    {"Leaks", [](TrialEvidence& t) { t.undisturbed.leaks = {"descriptors grow by 1 per save"}; },
     "BIT-EXACT +LEAK"},
    // Harness outcomes.
    {"NeverFired", end_in_order, "VACUOUS"},
    {"KilledByAStranger",
     [](TrialEvidence& t) { die_by_itself(t, {.signal = SIGKILL, .stacks_path = ""}); },
     "HARNESS-ERROR"},
    {"WorkerCannotVouch",
     [](TrialEvidence& t) {
       die_by_itself(t, {.exited = true, .exit_code = 3, .stacks_path = ""});
     },
     "HARNESS-ERROR"},
    {"NeverStarted", [](TrialEvidence& t) { die_by_itself(t, {}); }, "HARNESS-ERROR"},
    {"RecoverySaysNothingAtAll",
     [](TrialEvidence& t) { no_recovery(t, {.exited = true, .stacks_path = ""}); },
     "HARNESS-ERROR"},
    {"RecoveryIsKilledByAStranger",
     [](TrialEvidence& t) { no_recovery(t, {.signal = SIGKILL, .stacks_path = ""}); },
     "HARNESS-ERROR"},
    {"RecoveryWasAskedForWrongly",
     [](TrialEvidence& t) { no_recovery(t, {.exited = true, .exit_code = 2, .stacks_path = ""}); },
     "HARNESS-ERROR"},
    {"RecoveryLacksItsEnvironment",
     [](TrialEvidence& t) { no_recovery(t, {.exited = true, .exit_code = 4, .stacks_path = ""}); },
     "HARNESS-ERROR"},
    {"SecondResumeWasNotRun", [](TrialEvidence& t) { t.second.reset(), t.resumed = {}; },
     "HARNESS-ERROR"},
    {"TooFewUpdates", [](TrialEvidence& t) { t.recovery->continuation.pop_back(); },
     "HARNESS-ERROR"},
    {"SkippedWithoutRequest",
     [](TrialEvidence& t) { entries(t).push_back(entry_of(Event::kSkipped, 11)); },
     "ORACLE-INVALID"},
    {"WaitedForWithoutRequest",
     [](TrialEvidence& t) {
       entries(t).push_back(entry_of(Event::kDurable, 11));
       entries(t).back().by = "wait";
     },
     "ORACLE-INVALID"},
    {"StepsJump", [](TrialEvidence& t) { drop(t, Event::kStep, 4); }, "ORACLE-INVALID"},
    {"TwoRuns", [](TrialEvidence& t) { entries(t).push_back(entry_of(Event::kStart, 0)); },
     "ORACLE-INVALID"},
    {"NoDigests",
     [](TrialEvidence& t) {
       for (JournalEntry& entry : entries(t)) entry.digests.clear();
     },
     "ORACLE-INVALID"},
    {"BeyondTheReference",
     [](TrialEvidence& t) {
       for (uint64_t step = 13; step <= 24; ++step) {
         entries(t).push_back(entry_of(Event::kStep, step));
       }
     },
     "ORACLE-INVALID"},
};

class JudgeTable : public testing::TestWithParam<JudgeCase> {};

TEST_P(JudgeTable, GivesTheVerdict) {
  TrialEvidence trial = good_trial();
  GetParam().change(trial);
  const Verdict verdict = judge(reference_to(23), trial);
  EXPECT_EQ(short_text(verdict), GetParam().expected) << verdict.explanation;
}

INSTANTIATE_TEST_SUITE_P(Cases, JudgeTable, testing::ValuesIn(kJudgeCases),
                         [](const auto& info) { return std::string(info.param.name); });

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

TEST(Judge, ALossWithoutAnyFaultIsStillTold) {
  TrialEvidence trial = good_trial();
  end_in_order(trial);
  come_back_at(trial, 5);
  const Verdict verdict = judge(reference_to(23), trial);
  EXPECT_EQ(verdict.outcome, HarnessOutcome::kVacuous);
  EXPECT_EQ(verdict.data, DataVerdict::kLostAck);
  EXPECT_FALSE(is_allowed(verdict, FaultClass::kKill, kProcess));
}

// Each single change of exact evidence must show, and as exactly this.
TEST(JudgeMutation, EveryDigestOfTheRecoveryCounts) {
  const Reference reference = reference_to(23);
  for (Role role : kRoles) {
    TrialEvidence trial = good_trial();
    trial.recovery->restored[role] = kGarbage;
    const Verdict restored = judge(reference, trial);
    EXPECT_EQ(restored.data,
              role == Role::kParameter ? DataVerdict::kSilentCorrupt : DataVerdict::kDiverged);
    EXPECT_EQ(restored.component, role);
    for (size_t i = 0; i < 3; ++i) {
      for (auto which : {&TrialEvidence::recovery, &TrialEvidence::second}) {
        trial = good_trial();
        (trial.*which)->continuation[i].digests[role] = kGarbage;
        const Verdict continued = judge(reference, trial);
        EXPECT_EQ(continued.data, DataVerdict::kDiverged);
        EXPECT_EQ(continued.component, role);
        EXPECT_EQ(continued.at_step, (which == &TrialEvidence::recovery ? 11U : 14U) + i);
      }
    }
    trial = good_trial();
    trial.second->restored[role] = kGarbage;
    EXPECT_EQ(judge(reference, trial).component, role);
    EXPECT_EQ(judge(reference, trial).at_step, 13U);
  }
}

TEST(JudgeMutation, EveryDigestOfTheTrainedRunCounts) {
  const size_t count = good_trial().journal.entries.size();
  for (size_t i = 0; i < count; ++i) {
    for (Role role : kRoles) {
      TrialEvidence trial = good_trial();
      if (entries(trial)[i].event != Event::kStep) continue;
      entries(trial)[i].digests[role] = kGarbage;
      EXPECT_EQ(short_text(judge(reference_to(23), trial)), "BIT-EXACT +PERTURBED");
    }
  }
}

TEST(JudgeMutation, EveryDroppedEventOfTheJournalShowsWhereItMust) {
  const size_t count = good_trial().journal.entries.size();
  for (size_t i = 0; i < count; ++i) {
    TrialEvidence trial = good_trial();
    const JournalEntry gone = entries(trial)[i];
    entries(trial).erase(entries(trial).begin() + static_cast<std::ptrdiff_t>(i));
    const Verdict verdict = judge(reference_to(23), trial);
    // The first and the last step may be unwritten when the run is killed; a capture is only a
    // hint.
    const bool edge = gone.event == Event::kStep && (gone.step == 0 || gone.step == 12);
    const bool needed = gone.event == Event::kStart || (gone.event == Event::kStep && !edge);
    // A strategy that reports unasked looks the same as a request that is not in the journal.
    const bool unasked = gone.event == Event::kRequested;
    const std::string expected = needed                       ? "ORACLE-INVALID"
                                 : unasked && gone.step == 10 ? "SILENT-CORRUPT +UNREQUESTED-REPORT"
                                 : unasked                    ? "BIT-EXACT +UNREQUESTED-REPORT"
                                                              : "BIT-EXACT";
    EXPECT_EQ(short_text(verdict), expected) << event_name(gone.event) << " of step " << gone.step;
    const bool was_floor =
        gone.step == 10 && (gone.event == Event::kDurable || gone.event == Event::kRequested);
    if (!needed) {
      EXPECT_EQ(verdict.floor_step, was_floor ? 5U : 10U);
    }
  }
}

TEST(MakeReference, NamesTheFirstDifferenceOfTwoCleanRuns) {
  JournalContents first;
  for (uint64_t step = 0; step <= 4; ++step) first.entries.push_back(entry_of(Event::kStep, step));
  JournalContents second = first;
  ASSERT_TRUE(make_reference(first, second).ok());
  EXPECT_EQ(make_reference(first, second).value().steps.size(), 5U);
  second.entries[3].digests[Role::kLoader] = kGarbage;
  second.entries[4].digests[Role::kParameter] = kGarbage;
  EXPECT_THAT(make_reference(first, second).error().message,
              testing::HasSubstr("at step 3 in loader"));
  second.entries.pop_back();
  EXPECT_THAT(make_reference(first, second).error().message,
              testing::HasSubstr("one ends at step 4, the other at step 3"));
  first.entries.erase(first.entries.begin());
  EXPECT_FALSE(make_reference(first, first).ok());
}

TEST(MakeReference, NeedsStepsAndTheirDigests) {
  const JournalContents nothing;
  EXPECT_FALSE(make_reference(nothing, nothing).ok());
  JournalContents bare;
  bare.entries = {entry_of(Event::kStep, 0), entry_of(Event::kStep, 1)};
  ASSERT_TRUE(make_reference(bare, bare).ok());
  bare.entries[1].digests.clear();
  EXPECT_FALSE(make_reference(bare, bare).ok());
}

}  // namespace
}  // namespace ckptbench
