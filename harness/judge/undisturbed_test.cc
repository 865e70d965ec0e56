// What no fault caused: saves that fail by themselves, and reports of saves that nobody asked for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/judge/judge.h"
#include "harness/judge/trial_maker.h"

namespace ckptbench {
namespace {

const JudgeCase kUndisturbedCases[] = {
    {"ASaveFailsThatNothingDisturbed",
     [](TrialEvidence& t) {
       no_fault(t);
       entry_in(t, Event::kDurable, 10).event = Event::kFailed;
       entry_in(t, Event::kFailed, 10).by = "wait";
       come_back_at(t, 5);
     },
     "ROLLED-BACK(5) +SAVE-FAILED"},
    {"ASaveFailsInTheRunThatTheFaultMissed",
     [](TrialEvidence& t) {
       end_in_order(t);
       entry_in(t, Event::kDurable, 5).event = Event::kFailed;
       entry_in(t, Event::kFailed, 5).by = "observer";
     },
     "VACUOUS +SAVE-FAILED"},
    {"ASaveFailsBeforeTheKill",
     [](TrialEvidence& t) {
       entry_in(t, Event::kDurable, 5).event = Event::kFailed;
       entry_in(t, Event::kFailed, 5).by = "wait";
     },
     "BIT-EXACT"},
    {"ARetriedSaveHasNotFailed",
     [](TrialEvidence& t) {
       no_fault(t);
       JournalEntry first = entry_of(Event::kFailed, 10);
       first.by = "observer";
       const auto at = std::find_if(entries(t).begin(), entries(t).end(), [](const auto& entry) {
         return entry.event == Event::kDurable && entry.step == 10;
       });
       entries(t).insert(at, first);
     },
     "BIT-EXACT"},
    {"SavesFailedInTheUndisturbedRun",
     [](TrialEvidence& t) { t.undisturbed.failed_saves = "the save of step 4 failed: no space"; },
     "BIT-EXACT +SAVE-FAILED"},
    {"ReportsASaveThatNobodyAskedFor",
     [](TrialEvidence& t) {
       entries(t).push_back(entry_of(Event::kDurable, 11));
       entries(t).back().by = "observer";
     },
     "BIT-EXACT +UNREQUESTED-REPORT"},
    {"ReportsASaveBeyondTheReference",
     [](TrialEvidence& t) {
       entries(t).push_back(entry_of(Event::kFailed, 1000));
       entries(t).back().by = "observer";
     },
     "BIT-EXACT +UNREQUESTED-REPORT"},
    {"AFalseReportAcquitsNobody",
     [](TrialEvidence& t) {
       entries(t).push_back(entry_of(Event::kRetired, 11));
       come_back_at(t, 5);
     },
     "LOST-ACK +UNREQUESTED-REPORT"},
};

void skip(TrialEvidence& trial, std::optional<bool> in_flight) {
  entry_in(trial, Event::kRequested, 10).in_flight = in_flight;
  entry_in(trial, Event::kDurable, 10).event = Event::kSkipped;
  entry_in(trial, Event::kSkipped, 10).detail = "too many";
  come_back_at(trial, 5);
}

const JudgeCase kSkippedCases[] = {
    {"WhileNoneIsInFlight",
     [](TrialEvidence& t) {
       no_fault(t);
       skip(t, false);
     },
     "ROLLED-BACK(5) +SAVE-FAILED"},
    {"WhileAnEarlierOneIsInFlight",
     [](TrialEvidence& t) {
       no_fault(t);
       skip(t, true);
     },
     "ROLLED-BACK(5)"},
    {"WhereTheJournalDoesNotSay",
     [](TrialEvidence& t) {
       no_fault(t);
       skip(t, std::nullopt);
     },
     "ROLLED-BACK(5)"},
    {"BeforeAKill", [](TrialEvidence& t) { skip(t, false); }, "ROLLED-BACK(5)"},
    {"InTheRunThatTheFaultMissed",
     [](TrialEvidence& t) {
       end_in_order(t);
       skip(t, false);
     },
     "VACUOUS +SAVE-FAILED"},
    // Requested alone, and then dropped for the next one.
    {"ForANewerOne",
     [](TrialEvidence& t) {
       no_fault(t);
       entry_in(t, Event::kRequested, 5).in_flight = false;
       entry_in(t, Event::kRequested, 10).in_flight = true;
       drop(t, Event::kDurable, 5);
       entries(t).insert(entries(t).end() - 1, entry_of(Event::kSkipped, 5));
     },
     "BIT-EXACT"},
    // A strategy may save whole states only.
    {"OfTheWeightsAlone",
     [](TrialEvidence& t) {
       no_fault(t);
       skip(t, false);
       entry_in(t, Event::kRequested, 10).contents = "weights";
     },
     "BIT-EXACT"},
};

class Undisturbed : public testing::TestWithParam<JudgeCase> {};

TEST_P(Undisturbed, GivesTheVerdict) {
  TrialEvidence trial = good_trial();
  GetParam().change(trial);
  const Verdict verdict = judge(reference_to(23), trial);
  EXPECT_EQ(short_text(verdict), GetParam().expected) << verdict.explanation;
}

INSTANTIATE_TEST_SUITE_P(Cases, Undisturbed, testing::ValuesIn(kUndisturbedCases),
                         [](const auto& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(Skipped, Undisturbed, testing::ValuesIn(kSkippedCases),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Undisturbed, ASaveSkippedWhileNoneIsInFlightIsExplained) {
  TrialEvidence trial = good_trial();
  no_fault(trial);
  skip(trial, false);
  EXPECT_THAT(judge(reference_to(23), trial).explanation,
              testing::HasSubstr("1 of 2 saves failed, the first of step 10: skipped while no "
                                 "earlier save was in flight: too many"));
}

TEST(Undisturbed, FailedAndSkippedSavesAreCounted) {
  TrialEvidence trial = good_trial();
  no_fault(trial);
  JournalEntry& durable = entry_in(trial, Event::kDurable, 10);
  durable.event = Event::kSkipped;
  come_back_at(trial, 5);
  EXPECT_THAT(judge(reference_to(23), trial).explanation,
              testing::HasSubstr("1 of 2 saves were skipped"));
  durable.event = Event::kFailed;
  durable.by = "wait";
  durable.detail = "no space";
  EXPECT_THAT(judge(reference_to(23), trial).explanation,
              testing::HasSubstr("1 of 2 saves failed, the first of step 10: no space"));
}

}  // namespace
}  // namespace ckptbench
