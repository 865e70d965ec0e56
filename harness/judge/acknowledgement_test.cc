// Acknowledgements, deletions and claims: what the journal's reports come to in a verdict.
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/judge/judge.h"
#include "harness/judge/trial_maker.h"

namespace ckptbench {
namespace {

void retain(TrialEvidence& trial, std::vector<uint64_t> keeps, std::vector<uint64_t> drops) {
  JournalEntry entry = entry_of(Event::kRetain, 10);
  entry.keeps = std::move(keeps);
  entry.drops = std::move(drops);
  entries(trial).push_back(std::move(entry));
}

const JudgeCase kAckCases[] = {
    {"RetiredWithoutANewerOneStaysTheFloor",
     [](TrialEvidence& t) {
       retain(t, {}, {5, 10});
       entries(t).push_back(entry_of(Event::kRetired, 10));
       come_back_at(t, 5);
     },
     "LOST-ACK +EARLY-RETIRE"},
    {"RetiredAlthoughKeptStaysTheFloor",
     [](TrialEvidence& t) {
       retain(t, {5, 10}, {});
       entries(t).push_back(entry_of(Event::kRetired, 5));
     },
     "BIT-EXACT +EARLY-RETIRE"},
    {"RetiredUnasked", [](TrialEvidence& t) { entries(t).push_back(entry_of(Event::kRetired, 5)); },
     "BIT-EXACT +EARLY-RETIRE"},
    {"RetiredAsAskedFor",
     [](TrialEvidence& t) {
       retain(t, {10}, {5});
       entries(t).push_back(entry_of(Event::kRetired, 5));
     },
     "BIT-EXACT"},
    {"AcknowledgedByTheReturnOfSaveAlone",
     [](TrialEvidence& t) {
       entry_in(t, Event::kDurable, 10).by = "save";
       come_back_at(t, 5);
     },
     "LOST-ACK"},
    {"AcknowledgedByWaitAlone",
     [](TrialEvidence& t) {
       entry_in(t, Event::kDurable, 10).by = "wait";
       come_back_at(t, 5);
     },
     "LOST-ACK"},
    {"WaitContradictsTheObserver",
     [](TrialEvidence& t) {
       entries(t).push_back(entry_of(Event::kFailed, 10));
       entries(t).back().by = "wait";
       come_back_at(t, 5);
     },
     "LOST-ACK +ACK-CONFLICT"},
    {"WaitSaysFailedAndTheObserverThenDurable",
     [](TrialEvidence& t) {
       JournalEntry& durable = entry_in(t, Event::kDurable, 10);
       JournalEntry failed = durable;
       durable.event = Event::kFailed;
       durable.by = "wait";
       entries(t).push_back(failed);
     },
     "BIT-EXACT +ACK-CONFLICT"},
    {"ASaveThatIsTriedAgainContradictsNothing",
     [](TrialEvidence& t) {
       JournalEntry& durable = entry_in(t, Event::kDurable, 10);
       JournalEntry second = durable;
       durable.event = Event::kFailed;
       durable.by = "observer";
       entries(t).push_back(second);
     },
     "BIT-EXACT"},
    {"AFurtherTierThatFailsContradictsNothing",
     [](TrialEvidence& t) {
       t.claim = Survives{.process = true, .power = true, .host = true};
       entries(t).push_back(entry_of(Event::kFailed, 10));
       entries(t).back().by = "observer";
       entries(t).push_back(entry_of(Event::kDurable, 10));
       entries(t).back().by = "wait";
       come_back_at(t, 5);
     },
     "LOST-ACK"},
    {"WhatFailsAfterAllThatIsClaimedWasAcknowledged",
     [](TrialEvidence& t) {
       t.claim = Survives{.process = true, .power = true};
       entries(t).push_back(entry_of(Event::kFailed, 10));
       entries(t).back().by = "observer";
     },
     "BIT-EXACT +ACK-CONFLICT"},
    {"WhatFailsAfterTheReturnOfSave",
     [](TrialEvidence& t) {
       t.claim = Survives{.process = true, .power = true};
       entry_in(t, Event::kDurable, 10).by = "save";
       entries(t).push_back(entry_of(Event::kFailed, 10));
       entries(t).back().by = "observer";
     },
     "BIT-EXACT +ACK-CONFLICT"},
    {"WhatAFailureLeavesUndoneMayBecomeDurableLater",
     [](TrialEvidence& t) {
       t.claim = Survives{.process = true, .power = true};
       entry_in(t, Event::kDurable, 10).survives = "process";
       entries(t).push_back(entry_of(Event::kFailed, 10));
       entries(t).back().by = "observer";
       entries(t).push_back(entry_of(Event::kDurable, 10));
     },
     "BIT-EXACT"},
    {"WaitSaysSkippedOfWhatIsDurable",
     [](TrialEvidence& t) {
       entries(t).push_back(entry_of(Event::kSkipped, 10));
       come_back_at(t, 5);
     },
     "LOST-ACK +ACK-CONFLICT"},
    {"WaitSaysSkippedAndTheObserverThenDurable",
     [](TrialEvidence& t) {
       JournalEntry& durable = entry_in(t, Event::kDurable, 10);
       const JournalEntry second = durable;
       durable = entry_of(Event::kSkipped, 10);
       entries(t).push_back(second);
     },
     "BIT-EXACT +ACK-CONFLICT"},
    {"ASkippedSaveAloneIsNoConflict",
     [](TrialEvidence& t) {
       entry_in(t, Event::kDurable, 10) = entry_of(Event::kSkipped, 10);
       come_back_at(t, 5);
     },
     "ROLLED-BACK(5)"},
    {"AConflictOfTheUndisturbedRun",
     [](TrialEvidence& t) { t.undisturbed.conflict = "durable said yes, wait no"; },
     "BIT-EXACT +ACK-CONFLICT"},
    {"ARetainThatFailsIsNoFailedSave",
     [](TrialEvidence& t) {
       entries(t).push_back(entry_of(Event::kFailed, 10));
       entries(t).back().by = "retain";
     },
     "BIT-EXACT"},
    {"ARetainThatFailsInAnUndisturbedRun",
     [](TrialEvidence& t) {
       no_fault(t);
       entries(t).insert(entries(t).end() - 1, entry_of(Event::kFailed, 10));
       entries(t).end()[-2].by = "retain";
     },
     "BIT-EXACT +RETENTION-BROKEN"},
    {"ARetainThatFailedInTheUndisturbedRun",
     [](TrialEvidence& t) { t.undisturbed.failed_retention = "retain: no permission"; },
     "BIT-EXACT +RETENTION-BROKEN"},
    {"AcknowledgesMoreThanTheListClaims",
     [](TrialEvidence& t) { t.claim = Survives{.process = true}; }, "BIT-EXACT +CLAIM-MISMATCH"},
    {"AcknowledgesLessThanTheListClaims",
     [](TrialEvidence& t) {
       t.claim = Survives{.process = true, .power = true, .host = true};
       entry_in(t, Event::kDurable, 10).by = "wait";
     },
     "BIT-EXACT +CLAIM-MISMATCH"},
    {"ATierOfSeveralMayStillBeToCome",
     [](TrialEvidence& t) { t.claim = Survives{.process = true, .power = true, .host = true}; },
     "BIT-EXACT"},
    {"AcknowledgesWhatTheListClaims",
     [](TrialEvidence& t) { t.claim = Survives{.process = true, .power = true}; }, "BIT-EXACT"},
    {"FilesChangeBetweenCalls",
     [](TrialEvidence& t) {
       entries(t).push_back(entry_of(Event::kChanged, 10));
       entries(t).back().detail = "step-10.pt";
     },
     "BIT-EXACT +UNDECLARED-BACKGROUND"},
    {"FilesThatChangedBetweenCallsOfTheUndisturbedRun",
     [](TrialEvidence& t) {
       t.undisturbed.background_change = "checkpoint.pt changed after the save";
     },
     "BIT-EXACT +UNDECLARED-BACKGROUND"},
    {"AcknowledgedOnlyByTheWaitAtTheEnd",
     [](TrialEvidence& t) {
       no_fault(t);
       const JournalEntry durable = entry_in(t, Event::kDurable, 10);
       std::erase_if(entries(t), [](const JournalEntry& entry) {
         return entry.event == Event::kDurable && entry.step == 10;
       });
       entries(t).push_back(entry_of(Event::kAwaited, 10));
       entries(t).push_back(durable);
     },
     "BIT-EXACT +NEVER-ACKNOWLEDGED"},
    {"AcknowledgedOnlyByTheWaitAtTheEndOfTheUndisturbedRun",
     [](TrialEvidence& t) {
       t.undisturbed.late_save = "the save of step 10 was acknowledged only by a wait";
     },
     "BIT-EXACT +NEVER-ACKNOWLEDGED"},
    {"WaitMayRepeatAtTheEndWhatWasAcknowledged",
     [](TrialEvidence& t) {
       no_fault(t);
       const JournalEntry durable = entry_in(t, Event::kDurable, 10);
       entries(t).push_back(entry_of(Event::kAwaited, 10));
       entries(t).push_back(durable);
       entries(t).back().by = "wait";
     },
     "BIT-EXACT"},
    {"APolicyThatNeverSaves",
     [](TrialEvidence& t) {
       end_in_order(t);
       t.cell.fault.kind = "none";
       std::erase_if(entries(t), [](const JournalEntry& entry) {
         return entry.event != Event::kStart && entry.event != Event::kStep &&
                entry.event != Event::kEnd;
       });
       come_back_at(t, 0);
       t.recovery->outcome = RecoveryReport::Outcome::kNothing;
     },
     "VACUOUS"},
};

class Acknowledgement : public testing::TestWithParam<JudgeCase> {};

TEST_P(Acknowledgement, GivesTheVerdict) {
  TrialEvidence trial = good_trial();
  GetParam().change(trial);
  const Verdict verdict = judge(reference_to(23), trial);
  EXPECT_EQ(short_text(verdict), GetParam().expected) << verdict.explanation;
}

INSTANTIATE_TEST_SUITE_P(Cases, Acknowledgement, testing::ValuesIn(kAckCases),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace ckptbench
