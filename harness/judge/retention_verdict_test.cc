// What is asked for by number after a good recovery: every checkpoint that retention was told to
// keep must be listed, load, and equal its reference; none that it let go may be listed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "harness/judge/judge.h"
#include "harness/judge/trial_maker.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;

struct RetentionCase {
  const char* name;
  std::function<void(RetentionEvidence&)> change;
  const char* expected;  // short_text
  const char* text;      // part of the explanation
};

void PrintTo(const RetentionCase& c, std::ostream* out) {
  *out << c.name;
}

// Keeps the checkpoints 1 to 3 of the steps 10, 13 and 16, and all of them are there.
RetentionEvidence kept_well() {
  RetentionEvidence evidence;
  evidence.asker.exited = true;
  evidence.report.emplace();
  evidence.report->restores_by_number = true;
  for (uint64_t seq = 1; seq <= 3; ++seq) {
    const uint64_t step = 7 + 3 * seq;
    evidence.acknowledged[seq] = step;
    evidence.kept.push_back(seq);
    evidence.report->listed.push_back({seq, step});
    evidence.report->asked.push_back({seq, step, "", digests_at(step)});
  }
  return evidence;
}

const RetentionCase kRetentionCases[] = {
    {"AllAreThere", [](RetentionEvidence&) {}, "BIT-EXACT", ""},
    {"OneIsGone",
     [](RetentionEvidence& r) { r.report->asked[1].error = "no valid checkpoint has seq 2"; },
     "BIT-EXACT +RETENTION-BROKEN",
     "checkpoint 2 (step 13), which retention was told to keep, cannot be restored: no valid"},
    {"OneWasNotAskedFor", [](RetentionEvidence& r) { r.report->asked.pop_back(); }, "HARNESS-ERROR",
     "checkpoint 3 (step 16) was not asked for"},
    {"OneIsWrong",
     [](RetentionEvidence& r) { r.report->asked[0].digests[Role::kRng] = {.high = 1, .low = 1}; },
     "BIT-EXACT +RETENTION-BROKEN", "checkpoint 1 (step 10) departs from its reference in rng"},
    {"OneHoldsAnotherStep",
     [](RetentionEvidence& r) { r.report->asked[0].digests = digests_at(13); },
     "BIT-EXACT +RETENTION-BROKEN", "checkpoint 1 (step 10) departs"},
    {"OneIsRestoredUnderAWrongStep", [](RetentionEvidence& r) { r.report->asked[0].step = 13; },
     "BIT-EXACT +MISLABELED", "claims step 13"},
    {"OneIsListedUnderAWrongStep", [](RetentionEvidence& r) { r.report->listed[0].step = 13; },
     "BIT-EXACT +MISLABELED", "lists checkpoint 1 as step 13"},
    {"OneLiesBeyondTheReference", [](RetentionEvidence& r) { r.acknowledged[2] = 640; },
     "BIT-EXACT +MISLABELED", "checkpoint 2 (step 640) lies beyond the reference"},
    {"OneIsNotListed",
     [](RetentionEvidence& r) { r.report->listed.erase(r.report->listed.begin()); },
     "BIT-EXACT +RETENTION-BROKEN",
     "checkpoint 1 (step 10), which retention was told to keep, "
     "is not listed"},
    {"OneThatWasLetGoIsStillListed",
     [](RetentionEvidence& r) {
       r.let_go = {7, 8};
       r.report->listed.push_back({8, 5});
     },
     "BIT-EXACT +RETENTION-BROKEN",
     "checkpoints that retention let go are still listed: 8 (step 5)"},
    {"WhatWasLetGoFillsTheDiskWhereNothingIsAskedForByNameToo",
     [](RetentionEvidence& r) {
       r.report->restores_by_number = false;
       r.let_go = {7, 8};
       r.report->listed.push_back({8, 5});
       r.report->listed.push_back({7, 2});
     },
     "BIT-EXACT +RETENTION-BROKEN", "still listed: 8 (step 5), 7 (step 2)"},
    {"OneThatWasLetGoIsGone",
     [](RetentionEvidence& r) {
       r.let_go = {7, 8};
     },
     "BIT-EXACT", ""},
    {"NothingIsListedAtAll",
     [](RetentionEvidence& r) {
       r.let_go = {7, 8};
       r.kept.clear();
       r.report->listed.clear();
     },
     "BIT-EXACT", ""},
    {"AnUnacknowledgedOneIsNotMissed",
     [](RetentionEvidence& r) {
       r.acknowledged.erase(1);
       r.report->asked[0].error = "torn";
     },
     "BIT-EXACT", ""},
    {"NothingCanBeAskedForByName",
     [](RetentionEvidence& r) {
       r.report->restores_by_number = false;
       for (auto& asked : r.report->asked) asked.error = "no parameter 'step'";
     },
     "BIT-EXACT", ""},
    {"TheAskerCrashes",
     [](RetentionEvidence& r) {
       r.report.reset();
       r.asker = {.signal = SIGSEGV, .stacks_path = ""};
     },
     "BIT-EXACT +RESTORE-CRASHED", "died by signal 11"},
    {"TheAskerHangs",
     [](RetentionEvidence& r) {
       r.report.reset();
       r.asker = {.signal = SIGKILL, .timed_out = true, .stacks_path = ""};
     },
     "BIT-EXACT +HANG", "deadline"},
    {"TheAskerIsKilledByAnotherProcess",
     [](RetentionEvidence& r) {
       r.report.reset();
       r.asker = {.signal = SIGKILL, .stacks_path = ""};
     },
     "HARNESS-ERROR", "signal 9"},
};

class Retention : public testing::TestWithParam<RetentionCase> {};

TEST_P(Retention, GivesTheVerdict) {
  TrialEvidence trial = good_trial();
  trial.retention = kept_well();
  GetParam().change(*trial.retention);
  const Verdict verdict = judge(reference_to(23), trial);
  EXPECT_EQ(short_text(verdict), GetParam().expected) << verdict.explanation;
  EXPECT_THAT(verdict.explanation, HasSubstr(GetParam().text));
}

INSTANTIATE_TEST_SUITE_P(Cases, Retention, testing::ValuesIn(kRetentionCases),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Retention, IsOnlyJudgedWhereTheRecoveryWasGood) {
  TrialEvidence trial = good_trial();
  trial.retention = kept_well();
  trial.retention->report->asked[1].error = "gone";
  trial.recovery = recovered_at(5, 3);
  trial.second = recovered_at(8, 3);
  EXPECT_EQ(short_text(judge(reference_to(23), trial)), "LOST-ACK");
}

}  // namespace
}  // namespace ckptbench
