// No byte of the evidence goes unused.
#include <gtest/gtest.h>

#include "harness/judge/judge.h"
#include "harness/judge/trial_maker.h"

namespace ckptbench {
namespace {

using Entries = std::vector<JournalEntry>;

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

TEST(JudgeMutation, EveryDroppedEventOfAResumedRunShowsWhereItMust) {
  const Entries whole = good_resume().entries;
  for (size_t i = 0; i < whole.size(); ++i) {
    TrialEvidence trial = good_trial();
    trial.resumed_journals = {good_resume()};
    Entries& left = trial.resumed_journals[0].entries;
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(i));
    const Event gone = whole[i].event;
    // What deletes older checkpoints needs a request to and something newer.
    const std::string expected = gone == Event::kRequested ? " +EARLY-RETIRE +UNREQUESTED-REPORT"
                                 : gone == Event::kDurable || gone == Event::kRetain
                                     ? " +EARLY-RETIRE"
                                     : "";
    EXPECT_EQ(short_text(judge(reference_to(23), trial)), "BIT-EXACT" + expected)
        << event_name(gone) << " of step " << whole[i].step;
  }
}

}  // namespace
}  // namespace ckptbench
