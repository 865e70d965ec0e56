// What the saver tells the judge of saves that are not simply durable, and how it goes on
// retaining.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

#include "harness/platform/testing/temp_directory.h"
#include "harness/train/saver.h"
#include "harness/train/testing/numbering_strategy.h"

namespace ckptbench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

using Steady = std::chrono::steady_clock;

constexpr Survives kClaim{.process = true};

// Numbers its saves from 1; the test says what wait() answers and whether retain() succeeds.
class Answering : public NumberingStrategy {
 public:
  using Answer = std::function<SaveOutcome(uint64_t seq, Steady::time_point deadline)>;
  explicit Answering(Answer answer) : answer_(std::move(answer)) {}

  SaveOutcome wait(Ticket ticket, Steady::time_point deadline) override {
    SaveOutcome outcome = answer_(ticket.id, deadline);
    if (std::holds_alternative<Durable>(outcome)) listed_[ticket.id] = steps_.at(ticket.id - 1);
    return outcome;
  }
  Status retain(std::span<const uint64_t> seqs) override {
    (void)NumberingStrategy::retain(seqs);
    return retain_status;
  }

  uint64_t saves() const { return steps_.size(); }
  Status retain_status;

 private:
  Answer answer_;
};

class SaverJournal : public testing::Test {
 protected:
  SaverJournal() { policy_.keep_last = 2; }
  std::vector<JournalEntry> entries(Event event) const {
    std::vector<JournalEntry> found = read_journal(path_).value().entries;
    std::erase_if(found, [&](const JournalEntry& entry) { return entry.event != event; });
    return found;
  }
  std::vector<std::string> acknowledged_by() const {
    std::vector<std::string> names;
    for (const JournalEntry& entry : entries(Event::kDurable)) names.push_back(entry.by);
    return names;
  }

  const TempDirectory folder_;
  const std::string path_ = folder_ / "journal.jsonl";
  const std::string checkpoints_ = folder_ / "checkpoints";
  JournalWriter journal_ = JournalWriter::open(path_, 0).value();
  SaveLog log_{20, nullptr};
  Policy policy_;
};

SaveOutcome durable_at_once(uint64_t, Steady::time_point) {
  return Durable{kClaim};
}

// What is declined while an earlier save is in flight is no failure. One that was decided just now
// counts as in flight: its thread may still be at work.
TEST_F(SaverJournal, ARequestSaysWhetherAnEarlierSaveIsInFlight) {
  bool committed = false;
  Answering strategy([&](uint64_t, Steady::time_point) -> SaveOutcome {
    if (committed) return Durable{kClaim};
    return Pending{};
  });
  Saver saver(policy_, strategy, log_, &journal_);
  std::vector<std::optional<bool>> expected;
  const auto request_finds = [&](bool in_flight) {
    saver.request({}, expected.size() + 1, std::nullopt);
    expected.emplace_back(in_flight);
  };
  request_finds(false);
  saver.settle({});
  request_finds(true);
  committed = true;
  ASSERT_TRUE(saver.settle({}));
  request_finds(true);
  ASSERT_TRUE(saver.settle({}));
  request_finds(false);
  std::vector<std::optional<bool>> found;
  for (const JournalEntry& entry : entries(Event::kRequested)) found.push_back(entry.in_flight);
  EXPECT_EQ(found, expected);
}

// Otherwise such a strategy would never retain, and fill the disk.
TEST_F(SaverJournal, AStrategyThatAlwaysHasASaveInFlightRetainsToo) {
  Answering* asked = nullptr;
  // Decided when a newer one was requested, or when somebody waits for it.
  Answering strategy([&](uint64_t seq, Steady::time_point deadline) -> SaveOutcome {
    if (seq < asked->saves() || deadline > Steady::now()) return Durable{kClaim};
    return Pending{};
  });
  asked = &strategy;
  Saver saver(policy_, strategy, log_, &journal_);
  for (uint64_t step = 1; step <= 10; ++step) saver.request({}, step, std::nullopt);
  EXPECT_THAT(strategy.retained(), Not(IsEmpty()));
}

TEST_F(SaverJournal, WhatADeclinedSaveReturnsIsNoAcknowledgement) {
  for (const SaveOutcome& outcome :
       {SaveOutcome(Skipped{"still busy"}), SaveOutcome(Failed{"no space"})}) {
    Answering strategy([&](uint64_t, Steady::time_point) { return outcome; });
    Saver saver(policy_, strategy, log_, &journal_);
    saver.expect_no_background(kClaim, checkpoints_);
    saver.request({}, 1, std::nullopt);
  }
  EXPECT_THAT(acknowledged_by(), IsEmpty());
  ASSERT_EQ(entries(Event::kSkipped).size(), 1U);
  EXPECT_EQ(entries(Event::kSkipped)[0].detail, "still busy");
  ASSERT_EQ(entries(Event::kFailed).size(), 1U);
  EXPECT_EQ(entries(Event::kFailed)[0].detail, "no space");
}

// Its return was the acknowledgement, which stays in the journal beside what is said later.
TEST_F(SaverJournal, AFailureToldAtTheEndStandsBesideTheAcknowledgement) {
  bool asked_at_the_end = false;
  Answering strategy([&](uint64_t, Steady::time_point) -> SaveOutcome {
    if (asked_at_the_end) return Failed{"lost"};
    return Durable{kClaim};
  });
  Saver saver(policy_, strategy, log_, &journal_);
  saver.expect_no_background(kClaim, checkpoints_);
  saver.request({}, 1, std::nullopt);
  ASSERT_THAT(acknowledged_by(), ElementsAre("save", "wait"));
  asked_at_the_end = true;
  saver.confirm(Steady::now());
  ASSERT_EQ(entries(Event::kFailed).size(), 1U);
  EXPECT_EQ(entries(Event::kFailed)[0].detail, "lost");
  EXPECT_EQ(entries(Event::kFailed)[0].step, 1U);
}

// What its observer or durable() has named is asked about once more, where nothing trains.
TEST_F(SaverJournal, ASaveOfABackgroundStrategyIsWaitedForAtTheEnd) {
  for (const SaveOutcome& last : {SaveOutcome(Failed{"lost"}), SaveOutcome(Skipped{"dropped"}),
                                  SaveOutcome(Durable{kClaim})}) {
    const size_t before = acknowledged_by().size();
    Answering strategy([&](uint64_t, Steady::time_point deadline) -> SaveOutcome {
      if (deadline > Steady::now()) return last;
      return Durable{.survives = kClaim, .by = "durable"};
    });
    Saver saver(policy_, strategy, log_, &journal_);
    saver.request({}, 1, std::nullopt);
    ASSERT_EQ(acknowledged_by().size(), before + 1);
    EXPECT_EQ(acknowledged_by().back(), "durable") << "wait() was not asked";
    saver.confirm(Steady::now() + std::chrono::hours(1));
  }
  ASSERT_EQ(entries(Event::kFailed).size(), 1U);
  EXPECT_EQ(entries(Event::kFailed)[0].by, "wait");
  EXPECT_EQ(entries(Event::kFailed)[0].detail, "lost");
  ASSERT_EQ(entries(Event::kSkipped).size(), 1U);
  EXPECT_EQ(entries(Event::kSkipped)[0].detail, "dropped");
  EXPECT_EQ(acknowledged_by().back(), "wait");
}

// wait() speaks of every save so far: one that was declined since then hides none.
TEST_F(SaverJournal, TheNewestSaveThatIsDurableIsWaitedForAtTheEnd) {
  std::vector<uint64_t> waited_for;
  Answering strategy([&](uint64_t seq, Steady::time_point deadline) -> SaveOutcome {
    if (deadline > Steady::now()) waited_for.push_back(seq);
    if (seq == 2) return Skipped{"still busy"};
    return Durable{kClaim};
  });
  Saver saver(policy_, strategy, log_, &journal_);
  for (uint64_t step = 1; step <= 2; ++step) saver.request({}, step, std::nullopt);
  saver.confirm(Steady::now() + std::chrono::hours(1));
  EXPECT_THAT(waited_for, ElementsAre(1));
  EXPECT_EQ(entries(Event::kSkipped).size(), 1U);
  EXPECT_THAT(acknowledged_by(), ElementsAre("wait")) << "that was said before";
}

// Whose failure a wait() after it would tell is unknown.
TEST_F(SaverJournal, AfterAFailedSaveNoneIsWaitedFor) {
  size_t waits = 0;
  Answering strategy([&](uint64_t seq, Steady::time_point deadline) -> SaveOutcome {
    waits += deadline > Steady::now();
    if (seq == 2) return Failed{"no space"};
    return Durable{kClaim};
  });
  Saver saver(policy_, strategy, log_, &journal_);
  for (uint64_t step = 1; step <= 2; ++step) saver.request({}, step, std::nullopt);
  saver.confirm(Steady::now() + std::chrono::hours(1));
  EXPECT_EQ(waits, 0U);
}

// Such a strategy's wait() has nothing left to do.
TEST_F(SaverJournal, WhatWaitWritesAtTheEndIsBackgroundWork) {
  bool asked_at_the_end = false;
  Answering strategy([&](uint64_t, Steady::time_point) -> SaveOutcome {
    if (asked_at_the_end) std::ofstream(checkpoints_ + "/late") << "x";
    return Durable{kClaim};
  });
  ASSERT_TRUE(std::filesystem::create_directory(checkpoints_));
  Saver saver(policy_, strategy, log_, &journal_);
  saver.expect_no_background(kClaim, checkpoints_);
  saver.request({}, 1, std::nullopt);
  saver.confirm(Steady::now());
  ASSERT_THAT(entries(Event::kChanged), IsEmpty());
  asked_at_the_end = true;
  saver.confirm(Steady::now());
  ASSERT_EQ(entries(Event::kChanged).size(), 1U);
  EXPECT_EQ(entries(Event::kChanged)[0].detail, "late");
}

TEST_F(SaverJournal, WhatAFailedRetentionLeftIsNamedAgain) {
  Answering strategy(durable_at_once);
  Saver saver(policy_, strategy, log_, &journal_);
  strategy.retain_status = Error{"cannot delete"};
  for (uint64_t step = 1; step <= 3; ++step) saver.request({}, step, std::nullopt);
  strategy.retain_status = Status();
  saver.request({}, 4, std::nullopt);
  saver.request({}, 5, std::nullopt);
  const std::vector<JournalEntry> asked = entries(Event::kRetain);
  ASSERT_EQ(asked.size(), 3U);
  EXPECT_THAT(asked[0].keeps, ElementsAre(2, 3));
  EXPECT_THAT(asked[0].drops, ElementsAre(1));
  EXPECT_THAT(asked[1].keeps, ElementsAre(3, 4));
  EXPECT_THAT(asked[1].drops, ElementsAre(1, 2));
  EXPECT_THAT(asked[2].drops, ElementsAre(3)) << "the others have gone";
  EXPECT_EQ(saver.retention_error(), "cannot delete");
  ASSERT_EQ(entries(Event::kFailed).size(), 1U);
  EXPECT_EQ(entries(Event::kFailed)[0].by, "retain");
}

}  // namespace
}  // namespace ckptbench
