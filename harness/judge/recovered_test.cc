// What a recovery says and does beside bringing bytes back: its step, its names, what it leaves
// unfilled, and what loads only when it is asked for by number.
#include "harness/judge/recovered.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "harness/judge/trial_maker.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;

constexpr Digest kNoState{.high = 1, .low = 1};

struct ClaimCase {
  const char* name;
  std::function<void(TrialEvidence&)> change;
  const char* expected;  // short_text
};

void PrintTo(const ClaimCase& c, std::ostream* out) {
  *out << c.name;
}

// The strategy refused by itself; what the report holds came when `step` was asked for by number.
void ask_for(TrialEvidence& trial, uint64_t step) {
  trial.recovery = recovered_at(step, 3);
  trial.recovery->by_number = true;
  trial.recovery->reason = "checksum of weights";
  trial.second = recovered_at(step + 3, 3);
}

void give_up(TrialEvidence& trial) {
  trial.recovery.emplace();
  trial.recovery->outcome = RecoveryReport::Outcome::kRefused;
  trial.recovery->reason = "checksum of weights";
}

// What `report` says was found by further processes: the one before them ended in its restore.
void ask_anew(RecoveryReport& report, ProcessEnd& end) {
  report.anew = true;
  report.reason = "the process exited with code 1";
  end = {.exited = true, .exit_code = 1, .stacks_path = ""};
}

const ClaimCase kClaims[] = {
    {"AnOlderOneLoadsByName", [](TrialEvidence& t) { ask_for(t, 5); }, "NO-FALLBACK(5)"},
    {"TheNewestLoadsByName", [](TrialEvidence& t) { ask_for(t, 10); }, "NO-FALLBACK(0)"},
    {"WhatLoadsByNameIsOfNoStep",
     [](TrialEvidence& t) {
       ask_for(t, 5);
       t.recovery->restored[Role::kParameter] = kNoState;
     },
     "SILENT-CORRUPT"},
    {"WhatLoadsByNameDeparts",
     [](TrialEvidence& t) {
       ask_for(t, 5);
       t.recovery->continuation[2].digests[Role::kLoader] = kNoState;
     },
     "DIVERGED(loader)"},
    {"AfterLoadingByNameTheSecondResumeIsGone",
     [](TrialEvidence& t) {
       ask_for(t, 5);
       t.second = recovered_at(5, 3);
     },
     "LOST-ACK"},
    {"SecondResumeLoadsByName",
     [](TrialEvidence& t) {
       t.second = recovered_at(10, 3);
       t.second->by_number = true;
     },
     "NO-FALLBACK(3)"},
    {"NothingLoadsByName",
     [](TrialEvidence& t) {
       give_up(t);
       t.recovery->tried = {"seq 5 (step 5): torn"};
     },
     "DETECTED-UNRECOVERABLE"},
    {"RightBytesUnderAWrongStep", [](TrialEvidence& t) { t.recovery->step = 11; },
     "BIT-EXACT +MISLABELED"},
    {"SecondResumeUnderAWrongStep", [](TrialEvidence& t) { t.second->step = 10; },
     "BIT-EXACT +MISLABELED"},
    {"AWrongStepIsNotMaskedByALoss",
     [](TrialEvidence& t) {
       t.recovery = recovered_at(5, 3);
       t.second = recovered_at(8, 3);
       t.recovery->step = 10;
     },
     "LOST-ACK +MISLABELED"},
    {"AWrongStepIsNotMaskedByADeparture",
     [](TrialEvidence& t) {
       t.recovery->step = 11;
       t.recovery->continuation[1].digests[Role::kLoader] = kNoState;
     },
     "DIVERGED(loader) +MISLABELED"},
    {"FullRestoreLacksAName",
     [](TrialEvidence& t) {
       t.recovery->missing = {"rng"};
       t.recovery->restored[Role::kRng] = kNoState;
     },
     "DIVERGED(rng) +NAME-MISMATCH"},
    {"FullRestoreBringsAnotherName", [](TrialEvidence& t) { t.recovery->unexpected = {"ema"}; },
     "BIT-EXACT +NAME-MISMATCH"},
    {"SecondResumeLacksAName", [](TrialEvidence& t) { t.second->missing = {"rng"}; },
     "BIT-EXACT +NAME-MISMATCH"},
    {"CrashesInTheSecondRestore",
     [](TrialEvidence& t) {
       t.second.reset();
       t.resumed = {.exited = true, .exit_code = 1, .stacks_path = ""};
     },
     "DETECTED-UNRECOVERABLE +RESTORE-CRASHED"},
    {"CannotSaveAThirdTime",
     [](TrialEvidence& t) {
       t.second->resave_durable = false;
       t.second->resave_error = "failed: no more";
     },
     "DETECTED-UNRECOVERABLE +SAVE-FAILED"},
    {"BreaksTheSecondResumedRun",
     [](TrialEvidence& t) {
       t.second->continuation.resize(1);
       t.second->resave_error = "threw: x";
     },
     "DETECTED-UNRECOVERABLE +TRAINER-KILLED"},
    {"TooFewUpdatesOfTheSecondResume", [](TrialEvidence& t) { t.second->continuation.pop_back(); },
     "HARNESS-ERROR"},
    {"RightBytesThatTheWorkloadRefuses",
     [](TrialEvidence& t) { t.recovery->load_error = "loader.position: 9"; }, "HARNESS-ERROR"},
};

// Further processes asked by number, after one that ended in its restore.
const ClaimCase kAnew[] = {
    {"ItLoads",
     [](TrialEvidence& t) {
       ask_for(t, 5);
       ask_anew(*t.recovery, t.recovered);
     },
     "NO-FALLBACK(5) +RESTORE-CRASHED"},
    {"ItLoadsAfterAHang",
     [](TrialEvidence& t) {
       ask_for(t, 5);
       ask_anew(*t.recovery, t.recovered);
       t.recovered = {.timed_out = true, .stacks_path = ""};
     },
     "NO-FALLBACK(5) +HANG"},
    {"NothingLoads",
     [](TrialEvidence& t) {
       give_up(t);
       ask_anew(*t.recovery, t.recovered);
     },
     "DETECTED-UNRECOVERABLE +RESTORE-CRASHED"},
    {"ItLoadsAWrongState",
     [](TrialEvidence& t) {
       ask_for(t, 5);
       ask_anew(*t.recovery, t.recovered);
       t.recovery->restored[Role::kParameter] = kNoState;
     },
     "SILENT-CORRUPT +RESTORE-CRASHED"},
    {"TheSecondResumeLoads",
     [](TrialEvidence& t) {
       t.second->by_number = true;
       ask_anew(*t.second, t.resumed);
     },
     "NO-FALLBACK(0) +RESTORE-CRASHED"},
    {"NothingLoadsInTheSecondResume",
     [](TrialEvidence& t) {
       t.second->outcome = RecoveryReport::Outcome::kRefused;
       ask_anew(*t.second, t.resumed);
     },
     "DETECTED-UNRECOVERABLE +RESTORE-CRASHED"},
};

class Claims : public testing::TestWithParam<ClaimCase> {};

TEST_P(Claims, GiveTheVerdict) {
  TrialEvidence trial = good_trial();
  GetParam().change(trial);
  const Verdict verdict = judge(reference_to(23), trial);
  EXPECT_EQ(short_text(verdict), GetParam().expected) << verdict.explanation;
}

INSTANTIATE_TEST_SUITE_P(Cases, Claims, testing::ValuesIn(kClaims),
                         [](const auto& info) { return std::string(info.param.name); });
INSTANTIATE_TEST_SUITE_P(Anew, Claims, testing::ValuesIn(kAnew),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Recovered, NamesTheTensorsThatARestoreLeftAsTheyWere) {
  TrialEvidence trial = good_trial();
  trial.recovery->unfilled = {"adamw.m.fc1.weight", "rng.cpu"};
  trial.recovery->restored[Role::kMoment1] = kNoState;
  trial.recovery->load_error = "rng.cpu: no such state";
  trial.recovery->continuation.clear();
  const Verdict verdict = judge(reference_to(23), trial);
  EXPECT_EQ(short_text(verdict), "DIVERGED(moment1)");
  EXPECT_THAT(verdict.explanation, HasSubstr("adamw.m.fc1.weight, rng.cpu"));
}

TEST(Recovered, TellsWhatBecameOfEachCheckpointAskedForByName) {
  TrialEvidence trial = good_trial();
  give_up(trial);
  EXPECT_THAT(judge(reference_to(23), trial).explanation, HasSubstr("it lists no checkpoint"));
  trial.recovery->tried = {"seq 5 (step 5): torn", "seq 4 (step 4): gone"};
  EXPECT_THAT(judge(reference_to(23), trial).explanation,
              HasSubstr("asked for by number: seq 5 (step 5): torn, seq 4 (step 4): gone"));
}

TEST(Recovered, TellsWhatFurtherProcessesWereAskedFor) {
  TrialEvidence trial = good_trial();
  give_up(trial);
  ask_anew(*trial.recovery, trial.recovered);
  trial.recovery->tried = {"seq 10: the process exited with code 1", "seq 5 (step 5): torn"};
  EXPECT_THAT(judge(reference_to(23), trial).explanation,
              HasSubstr("the recovery gave no report: the process exited with code 1; asked for by "
                        "number: seq 10: the process exited with code 1, seq 5 (step 5): torn"));
  ask_for(trial, 5);
  ask_anew(*trial.recovery, trial.recovered);
  EXPECT_THAT(judge(reference_to(23), trial).explanation,
              HasSubstr("the recovery gave no report: the process exited with code 1; asked for by "
                        "number, step 5 comes back"));
}

TEST(Recovered, TellsTheReasonOfFailedSavesOnce) {
  TrialEvidence trial = good_trial();
  trial.undisturbed.failed_saves = "5 of 5 saves failed, the first of step 2: no more";
  trial.second->resave_durable = false;
  trial.second->resave_error = "failed: no more";
  const std::string same = judge(reference_to(23), trial).explanation;
  EXPECT_THAT(same, HasSubstr("could not save again, as in the undisturbed run"));
  EXPECT_EQ(same.find("no more"), same.rfind("no more")) << same;
  trial.second->resave_error = "failed: another";
  EXPECT_THAT(judge(reference_to(23), trial).explanation,
              HasSubstr("could not save again: failed: another"));
}

// The harness cannot judge what lies beyond, but that is no failure of the harness.
TEST(Recovered, TellsTheLikelyCauseOfARunThatGoesTooFar) {
  TrialEvidence trial = good_trial();
  const Verdict alone = judge(reference_to(15), trial);
  EXPECT_EQ(short_text(alone), "HARNESS-ERROR");
  EXPECT_THAT(
      alone.explanation,
      HasSubstr("the second resume ended at step 16, although no process of this trial gets "
                "beyond step 15 from what the one before it left: something outside the "
                "checkpoint directory changed between them, most likely in another trial"));
  trial.cell.fault.params["during"] = "recovery";
  EXPECT_THAT(judge(reference_to(15), trial).explanation,
              HasSubstr("most likely in the rehearsal of the recovery"));
}

// The text of a finding stays when the other resume decides the verdict.
TEST(Recovered, TellsTheFindingsOfBothResumes) {
  TrialEvidence trial = good_trial();
  trial.recovery->step = 11;
  trial.second->unexpected = {"ema"};
  const Verdict verdict = judge(reference_to(23), trial);
  EXPECT_EQ(short_text(verdict), "BIT-EXACT +MISLABELED +NAME-MISMATCH");
  EXPECT_THAT(verdict.explanation, HasSubstr("claims step 11 for the state of step 10"));
  EXPECT_THAT(verdict.explanation, HasSubstr("with ema, which the state lacks"));
}

}  // namespace
}  // namespace ckptbench
