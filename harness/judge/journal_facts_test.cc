// Where the floor lies, and which journals prove nothing.
#include "harness/judge/journal_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/judge/trial_maker.h"

namespace ckptbench {
namespace {

JournalEntry requested(uint64_t step, const char* contents = "full") {
  JournalEntry entry = entry_of(Event::kRequested, step);
  entry.contents = contents;
  return entry;
}

JournalEntry durable(uint64_t step, uint64_t seq) {
  JournalEntry entry = entry_of(Event::kDurable, step);
  entry.seq = seq;
  return entry;
}

JournalEntry retired(uint64_t step, uint64_t seq) {
  JournalEntry entry = entry_of(Event::kRetired, step);
  entry.seq = seq;
  return entry;
}

uint64_t floor_of(std::vector<JournalEntry> entries) {
  return read_facts({.entries = std::move(entries), .torn_tail = ""}).floor;
}

JournalEntry retain(std::vector<uint64_t> keeps, std::vector<uint64_t> drops) {
  JournalEntry entry = entry_of(Event::kRetain, 0);
  entry.keeps = std::move(keeps);
  entry.drops = std::move(drops);
  return entry;
}

std::vector<JournalEntry> with(std::vector<JournalEntry> entries,
                               const std::vector<JournalEntry>& more) {
  entries.insert(entries.end(), more.begin(), more.end());
  return entries;
}

std::string early_retire_in(std::vector<JournalEntry> entries) {
  return read_facts({.entries = std::move(entries), .torn_tail = ""}).saves.early_retire();
}

TEST(JournalFacts, TheFloorIsTheHighestDurableStepInWhateverOrder) {
  EXPECT_EQ(floor_of({requested(5), requested(10), durable(10, 2), durable(5, 1)}), 10u);
}

TEST(JournalFacts, ARetiredCheckpointTakesNoOtherOfItsStepWithIt) {
  // A rollback saves step 10 again, and the older of the two is deleted.
  const std::vector<JournalEntry> twice{requested(10), durable(10, 2), requested(10),
                                        durable(10, 3)};
  std::vector<JournalEntry> entries = twice;
  entries.push_back(retain({}, {2, 3}));
  entries.push_back(retired(10, 2));
  EXPECT_EQ(floor_of(entries), 10u);
  EXPECT_EQ(early_retire_in(entries), "");
  entries.push_back(retired(10, 3));
  EXPECT_EQ(floor_of(entries), 10u);
  EXPECT_EQ(early_retire_in(entries),
            "step 10 was deleted before a newer checkpoint was acknowledged");
}

TEST(JournalFacts, OnlyARetainRequestLetsACheckpointGo) {
  std::vector<JournalEntry> saved{requested(5),   durable(5, 1), requested(10),
                                  durable(10, 2), requested(15), durable(15, 3)};
  EXPECT_EQ(early_retire_in(with(saved, {retired(5, 1)})),
            "step 5 was deleted although no retain request lets it go");
  EXPECT_EQ(early_retire_in(with(saved, {retain({2, 3}, {1}), retired(5, 1)})), "");
  EXPECT_EQ(early_retire_in(with(saved, {retain({2, 3}, {1}), retired(10, 2)})),
            "step 10 was deleted although the last retain request keeps it");
  // Retention in the background: what was let go before goes after a newer request.
  EXPECT_EQ(early_retire_in(with(
                saved, {retain({2, 3}, {1}), retain({3}, {2}), retired(5, 1), retired(10, 2)})),
            "");
  // Committed after the list that the request was made from: not the caller's to delete.
  EXPECT_EQ(early_retire_in(with(saved, {retain({2}, {1}), retired(15, 3)})),
            "step 15 was deleted although no retain request lets it go");
}

TEST(JournalFacts, AFloorIsLoweredByNothingButADeletionAsAskedFor) {
  const std::vector<JournalEntry> saved{requested(5), durable(5, 1), requested(10), durable(10, 2)};
  EXPECT_EQ(floor_of(with(saved, {retain({1}, {2}), retired(10, 2)})), 10u) << "it is the newest";
  EXPECT_EQ(floor_of(with(saved, {retired(10, 0)})), 10u);
  JournalEntry elsewhere = durable(15, 3);
  elsewhere.survives = "host";
  EXPECT_EQ(floor_of(with(saved, {requested(15), elsewhere, retain({3}, {1, 2}), retired(10, 2)})),
            10u)
      << "the newer one survives less";
}

TEST(JournalFacts, TheEarliestAcknowledgementCounts) {
  for (const char* by : {"observer", "wait", "save"}) {
    JournalEntry entry = durable(10, 0);
    entry.by = by;
    EXPECT_EQ(floor_of({requested(10), entry}), 10u) << by;
  }
}

TEST(JournalFacts, AStepAskedForInFullStaysSoWhenItsWeightsAreAskedForToo) {
  const auto facts =
      read_facts({.entries = {requested(10), requested(10, "weights")}, .torn_tail = ""});
  EXPECT_EQ(facts.last_requested, 10u);
  JournalEntry silent = durable(10, 1);
  silent.contents = "";  // an opaque peer says no more than that it is durable
  EXPECT_EQ(floor_of({requested(10), requested(10, "weights"), silent}), 10u);
  EXPECT_EQ(floor_of({requested(10, "weights"), silent}), 0u);
}

std::string contradiction_of(std::vector<JournalEntry> entries) {
  entries.insert(entries.begin(), entry_of(Event::kStart, 0));
  return find_contradiction({.entries = std::move(entries), .torn_tail = ""}, reference_to(23));
}

TEST(JournalFacts, ARunBeginsAtItsBeginning) {
  EXPECT_EQ(contradiction_of({entry_of(Event::kStep, 1), entry_of(Event::kStep, 2)}), "");
  EXPECT_EQ(contradiction_of({entry_of(Event::kStep, 2), entry_of(Event::kStep, 3)}),
            "step 2 follows the start");
}

TEST(JournalFacts, SavesAreRequestedInTheOrderOfTheirSteps) {
  EXPECT_EQ(contradiction_of({requested(5), requested(5), requested(10)}), "");
  EXPECT_EQ(contradiction_of({requested(10), requested(5)}),
            "save of step 5 requested after that of step 10");
}

// A recovery that claims `claimed` for this state, trains three updates on and saves, and is
// killed.
void add_killed_recovery(TrialEvidence& trial, uint64_t claimed, const ComponentDigests& state) {
  JournalEntry restored = entry_of(Event::kRestored, claimed);
  restored.digests = state;
  entries(trial).push_back(restored);
  entries(trial).push_back(entry_of(Event::kRequested, claimed + 3));
  entries(trial).push_back(entry_of(Event::kDurable, claimed + 3));
}

TEST(KilledRecovery, AWrongStepIsMislabeledAndNoContradiction) {
  for (const uint64_t claimed : {uint64_t{11}, uint64_t{640}}) {
    TrialEvidence trial = good_trial();
    add_killed_recovery(trial, claimed, digests_at(10));
    come_back_at(trial, 13);
    const Verdict verdict = judge(reference_to(23), trial);
    EXPECT_EQ(short_text(verdict), "BIT-EXACT +MISLABELED") << verdict.explanation;
    EXPECT_EQ(verdict.floor_step, 13U);
  }
}

TEST(KilledRecovery, OfAnUnknownStateFarBeyondNothingIsBelieved) {
  TrialEvidence trial = good_trial();
  ComponentDigests state = digests_at(10);
  state[Role::kParameter] = {.high = 1, .low = 1};
  add_killed_recovery(trial, 640, state);
  EXPECT_EQ(short_text(judge(reference_to(23), trial)), "BIT-EXACT");
}

TEST(KilledRecovery, UnderItsOwnStepIsAsItWas) {
  TrialEvidence trial = good_trial();
  add_killed_recovery(trial, 10, digests_at(10));
  come_back_at(trial, 13);
  EXPECT_EQ(short_text(judge(reference_to(23), trial)), "BIT-EXACT");
}

}  // namespace
}  // namespace ckptbench
