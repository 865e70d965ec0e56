// What is wrong in a resumed run is found there, too, and what it does with checkpoints of the
// trained run is judged by what was requested of them.
#include "harness/run/resumed_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/judge/trial_maker.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;
using Entries = std::vector<JournalEntry>;

// Restores step 10 of the good trial, saves step 12, keeps it and lets the older ones go.
JournalContents good_resume() {
  JournalContents journal;
  JournalEntry restored = entry_of(Event::kRestored, 10);
  restored.digests = digests_at(10);
  JournalEntry retain = entry_of(Event::kRetain, 12);
  retain.keeps = {12};
  retain.drops = {5, 10};
  journal.entries = {entry_of(Event::kStart, 0),      restored,
                     entry_of(Event::kStep, 11),      entry_of(Event::kStep, 12),
                     entry_of(Event::kRequested, 12), entry_of(Event::kCaptured, 12),
                     entry_of(Event::kDurable, 12),   retain,
                     entry_of(Event::kRetired, 10),   entry_of(Event::kRetired, 5),
                     entry_of(Event::kEnd, 12)};
  return journal;
}

JournalEntry failed(uint64_t step, const char* by, const char* why) {
  JournalEntry entry = entry_of(Event::kFailed, step);
  entry.by = by;
  entry.detail = why;
  return entry;
}

void add_before_end(Entries& entries, JournalEntry entry) {
  entries.insert(entries.end() - 1, std::move(entry));
}

void erase(Entries& entries, Event event) {
  std::erase_if(entries, [&](const JournalEntry& entry) { return entry.event == event; });
}

struct ResumedCase {
  const char* name;
  std::function<void(Entries&)> change;
  const char* expected;  // the findings, by name
  const char* text;      // part of the first one's explanation
};

void PrintTo(const ResumedCase& c, std::ostream* out) {
  *out << c.name;
}

const ResumedCase kResumedCases[] = {
    {"AllIsWell", [](Entries&) {}, "", ""},
    {"RetentionFails",
     [](Entries& e) { add_before_end(e, failed(12, "retain", "retain: ValueError")); },
     "RETENTION-BROKEN ",
     "old checkpoints were not deleted in a resumed run: retain: ValueError, although nothing "
     "disturbed it"},
    {"TheWaitTakesBackWhatWasSaid",
     [](Entries& e) { add_before_end(e, failed(12, "wait", "lost")); }, "ACK-CONFLICT ",
     "observer said that the save of step 12 is durable, wait that it failed"},
    {"NobodyLetItGo", [](Entries& e) { erase(e, Event::kRetain); }, "EARLY-RETIRE ",
     "step 10 was deleted although no retain request lets it go"},
    {"NothingNewerIsAcknowledged", [](Entries& e) { erase(e, Event::kDurable); }, "EARLY-RETIRE ",
     "step 10 was deleted before a newer checkpoint"},
    {"MoreThanIsClaimed",
     [](Entries& e) {
       for (JournalEntry& entry : e) {
         if (entry.event == Event::kDurable) entry.survives = "process,power,host";
       }
     },
     "CLAIM-MISMATCH ", "step 12 was acknowledged as surviving process,power,host"},
    {"AStepThatNobodyAskedFor",
     [](Entries& e) { add_before_end(e, entry_of(Event::kDurable, 11)); }, "UNREQUESTED-REPORT ",
     "reports 'durable' of step 11"},
    {"AFileChangesBetweenTwoCalls",
     [](Entries& e) {
       JournalEntry changed = entry_of(Event::kChanged, 12);
       changed.detail = "c.pt";
       add_before_end(e, changed);
     },
     "UNDECLARED-BACKGROUND ", "c.pt was worked on after the save of step 12"},
};

class ResumedFindings : public testing::TestWithParam<ResumedCase> {};

TEST_P(ResumedFindings, AreThose) {
  JournalContents resumed = good_resume();
  GetParam().change(resumed.entries);
  const auto found = find_in_resumed(good_trial().journal, {resumed}, reference_to(23),
                                     Survives{.process = true, .power = true});
  std::string names;
  for (const ResumedFinding& one : found) names += std::string(finding_name(one.finding)) + " ";
  ASSERT_EQ(names, GetParam().expected);
  const std::string why = found.empty() ? "" : found.front().why;
  EXPECT_THAT(why, HasSubstr(GetParam().text));
}

INSTANTIATE_TEST_SUITE_P(Cases, ResumedFindings, testing::ValuesIn(kResumedCases),
                         [](const auto& info) { return std::string(info.param.name); });

// The step of a save that was killed is saved again; its first request is not the second's.
TEST(ResumedFindingsOfTwoRuns, AStepThatIsSavedAgainIsNoConflict) {
  TrialEvidence trial = good_trial();
  entries(trial).push_back(entry_of(Event::kRequested, 12));
  entries(trial).push_back(failed(12, "wait", "no space"));
  EXPECT_TRUE(
      find_in_resumed(trial.journal, {good_resume()}, reference_to(23), std::nullopt).empty());
}

// What failed in the trained run, under a fault, is not the resumed one's.
TEST(ResumedFindingsOfTwoRuns, ARequestThatFailedInTheTrainedRunIsJudgedThere) {
  TrialEvidence trial = good_trial();
  entries(trial).push_back(failed(10, "retain", "retain: no space"));
  EXPECT_TRUE(
      find_in_resumed(trial.journal, {good_resume()}, reference_to(23), std::nullopt).empty());
}

TEST(ResumedFindingsOfTwoRuns, EachIsAddedOnceAndNotWhereNothingIsProved) {
  const std::vector<ResumedFinding> found = {{Finding::kAckConflict, "resumed"},
                                             {Finding::kRetentionBroken, "broken"}};
  Verdict verdict;
  verdict.findings = {Finding::kAckConflict};
  verdict.explanation = "resumed";
  add_resumed_findings(verdict, found);
  EXPECT_EQ(verdict.findings, (std::set{Finding::kAckConflict, Finding::kRetentionBroken}));
  EXPECT_EQ(verdict.explanation, "resumed; broken");
  Verdict invalid = harness_outcome(HarnessOutcome::kOracleInvalid, "steps jump");
  add_resumed_findings(invalid, found);
  EXPECT_TRUE(invalid.findings.empty());
}

}  // namespace
}  // namespace ckptbench
