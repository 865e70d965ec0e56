// What is wrong in a resumed run is found there, too, and what it does with checkpoints of the
// trained run is judged by what was requested of them.
#include "harness/judge/resumed_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/core/error.h"
#include "harness/judge/trial_maker.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;
using Entries = std::vector<JournalEntry>;

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
  TrialEvidence trial = good_trial();
  trial.resumed_journals = {resumed};
  trial.claim = Survives{.process = true, .power = true};
  const auto found = find_in_resumed(reference_to(23), trial);
  std::string names;
  for (const FoundLine& one : found) names += std::string(finding_name(one.finding)) + " ";
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
  trial.resumed_journals = {good_resume()};
  EXPECT_TRUE(find_in_resumed(reference_to(23), trial).empty());
}

// What failed in the trained run, under a fault, is not the resumed one's.
TEST(ResumedFindingsOfTwoRuns, ARequestThatFailedInTheTrainedRunIsJudgedThere) {
  TrialEvidence trial = good_trial();
  entries(trial).push_back(failed(10, "retain", "retain: no space"));
  trial.resumed_journals = {good_resume()};
  EXPECT_TRUE(find_in_resumed(reference_to(23), trial).empty());
}

// Both see what is wrong in the trained run; the verdict says it once.
TEST(ResumedFindingsOfTwoRuns, EachIsSaidOnceInTheVerdict) {
  TrialEvidence trial = good_trial();
  entries(trial).push_back(failed(5, "wait", "lost"));
  trial.resumed_journals = {good_resume()};
  add_before_end(trial.resumed_journals[0].entries, failed(12, "retain", "retain: no space"));
  const Verdict verdict = judge(reference_to(23), trial);
  EXPECT_EQ(short_text(verdict), "BIT-EXACT +ACK-CONFLICT +RETENTION-BROKEN");
  const std::string conflict = "the save of step 5 is durable, wait that it failed";
  const size_t first = verdict.explanation.find(conflict);
  ASSERT_NE(first, std::string::npos) << verdict.explanation;
  EXPECT_EQ(verdict.explanation.find(conflict, first + 1), std::string::npos);
  EXPECT_THAT(verdict.explanation,
              HasSubstr("; old checkpoints were not deleted in a resumed run"));
}

TEST(ResumedFindingsOfTwoRuns, AreNoneWhereTheEvidenceProvesNothing) {
  TrialEvidence trial = good_trial();
  drop(trial, Event::kStep, 6);
  trial.resumed_journals = {good_resume()};
  add_before_end(trial.resumed_journals[0].entries, failed(12, "retain", "retain: no space"));
  const Verdict verdict = judge(reference_to(23), trial);
  EXPECT_EQ(short_text(verdict), "ORACLE-INVALID");
  EXPECT_TRUE(verdict.findings.empty());
}

// What the harness's process said comes right after what the judge says of it.
TEST(ResumedFindingsOfTwoRuns, ComeAfterTheWordsOfAProcessOfTheHarness) {
  TrialEvidence trial = good_trial();
  trial.trained = {};
  trial.trained.exited = true;
  trial.trained.exit_code = static_cast<int>(ExitCode::kHarness);
  trial.job_errors = ": no such file";
  trial.resumed_journals = {good_resume()};
  add_before_end(trial.resumed_journals[0].entries, failed(12, "retain", "retain: no space"));
  EXPECT_THAT(judge(reference_to(23), trial).explanation,
              HasSubstr(": no such file; old checkpoints were not deleted in a resumed run"));
}

}  // namespace
}  // namespace ckptbench
