// The verdict of each kind of evidence, one changed thing at a time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/judge/judge.h"
#include "harness/judge/trial_maker.h"

namespace ckptbench {
namespace {

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
    {"WhatCouldNotBeRead",
     [](TrialEvidence& t) {
       t.unseen = "open a: Permission denied";
       t.unseen.unread = true;
     },
     "HARNESS-ERROR"},
    {"KilledByAnotherProcessBeforeTheMoment",
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
    // The worker leaves with 0 only when its report is written: the strategy ended it.
    {"RecoveryEndsWithoutAReport",
     [](TrialEvidence& t) { no_recovery(t, {.exited = true, .stacks_path = ""}); },
     "DETECTED-UNRECOVERABLE +RESTORE-CRASHED"},
    {"SecondResumeEndsWithoutAReport",
     [](TrialEvidence& t) {
       t.second.reset();
       t.resumed = {.exited = true, .stacks_path = ""};
     },
     "DETECTED-UNRECOVERABLE +RESTORE-CRASHED"},
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
    // As of a recovery: with 0 the worker leaves at its end alone.
    {"EndsBeforeTheFirstSave",
     [](TrialEvidence& t) {
       std::erase_if(entries(t), [](const JournalEntry& entry) {
         return entry.event != Event::kStart && entry.event != Event::kStep;
       });
       find_nothing(t);
       die_by_itself(t, {.exited = true, .stacks_path = ""});
     },
     "BIT-EXACT +TRAINER-KILLED"},
    {"SavingChangesTraining",
     [](TrialEvidence& t) { entry_in(t, Event::kStep, 11).digests[Role::kRng] = kGarbage; },
     "BIT-EXACT +PERTURBED"},
    {"Leaks", [](TrialEvidence& t) { t.undisturbed.leaks = {"descriptors grow by 1 per save"}; },
     "BIT-EXACT +LEAK"},
    // Harness outcomes.
    {"NeverFired", end_in_order, "VACUOUS"},
    {"KilledByAnotherProcess",
     [](TrialEvidence& t) { die_by_itself(t, {.signal = SIGKILL, .stacks_path = ""}); },
     "HARNESS-ERROR"},
    {"WorkerCannotVouch",
     [](TrialEvidence& t) {
       die_by_itself(t, {.exited = true, .exit_code = 3, .stacks_path = ""});
     },
     "HARNESS-ERROR"},
    {"NeverStarted", [](TrialEvidence& t) { die_by_itself(t, {}); }, "HARNESS-ERROR"},
    {"RecoveryIsKilledByAnotherProcess",
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

}  // namespace
}  // namespace ckptbench
