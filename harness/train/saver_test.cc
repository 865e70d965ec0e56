// Which checkpoints the harness asks a strategy to keep, whatever the order in which saves are
// decided, and whether the observer or wait() says so.
#include "harness/train/saver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "harness/platform/clock.h"
#include "harness/train/testing/numbering_strategy.h"

namespace ckptbench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Commits when the test says so, and notes what it is asked to retain.
class Committing : public NumberingStrategy {
 public:
  enum class Reports { kYes, kNo };
  Committing(Observer& observer, Reports reports) : observer_(observer), reports_(reports) {}

  // All that was saved is durable from here on.
  void commit() {
    for (; committed_ < steps_.size(); ++committed_) {
      const uint64_t seq = committed_ + 1;
      listed_[seq] = steps_[committed_];
      if (reports_ == Reports::kYes) observer_.durable(steps_[committed_], seq, kClaim);
    }
  }
  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point) override {
    if (ticket.id > committed_) return Pending{};
    return Durable{kClaim};
  }
  Status retain(std::span<const uint64_t> seqs) override {
    std::erase_if(listed_, [&](const auto& one) {
      return std::find(seqs.begin(), seqs.end(), one.first) == seqs.end();
    });
    return NumberingStrategy::retain(seqs);
  }

 private:
  static constexpr Survives kClaim{.process = true};
  Observer& observer_;
  Reports reports_;
  size_t committed_ = 0;
};

Policy keep(uint64_t count) {
  Policy policy;
  policy.every_steps = 2;
  policy.keep_last = count;
  return policy;
}

// Says durable only to a call that may block.
class OnlyWhenWaitedFor : public Committing {
 public:
  explicit OnlyWhenWaitedFor(Observer& observer) : Committing(observer, Reports::kNo) {}
  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) override {
    if (deadline > std::chrono::steady_clock::now()) commit();
    return Committing::wait(ticket, deadline);
  }
};

TEST(Saver, PollingNeverBlocks) {
  SaveLog log(4, nullptr);
  OnlyWhenWaitedFor strategy(log);
  const Policy policy = keep(2);
  Saver saver(policy, strategy, log, nullptr);
  saver.request({}, 2, std::nullopt);
  const auto soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
  EXPECT_FALSE(saver.poll(soon));
  EXPECT_TRUE(saver.settle(std::chrono::steady_clock::now() + std::chrono::hours(1)));
  EXPECT_TRUE(saver.poll({}));
}

// The first look into the directory sees the second save already, which is noted after it.
TEST(Saver, ASaveThatIsListedBeforeItIsNotedCountsOnce) {
  SaveLog log(4, nullptr);
  Committing strategy(log, Committing::Reports::kYes);
  const Policy policy = keep(2);
  Saver saver(policy, strategy, log, nullptr);
  saver.request({}, 2, std::nullopt);
  saver.request({}, 4, std::nullopt);
  strategy.commit();
  ASSERT_TRUE(saver.settle({}));
  EXPECT_THAT(strategy.retained(), IsEmpty()) << "two checkpoints, and two are kept";
  saver.request({}, 6, std::nullopt);
  strategy.commit();
  ASSERT_TRUE(saver.settle({}));
  EXPECT_THAT(strategy.retained(), ElementsAre(ElementsAre(2, 3)));
}

// Finds two checkpoints of an earlier run; its own is durable when it is asked for.
class Resumed : public NumberingStrategy {
 public:
  explicit Resumed(Observer& observer) : observer_(observer) { listed_ = {{1, 100}, {2, 102}}; }
  SaveOutcome wait(Ticket, std::chrono::steady_clock::time_point) override {
    observer_.durable(steps_.back(), 3, kClaim);
    listed_[3] = steps_.back();
    return Durable{kClaim};
  }
  std::vector<CheckpointInfo> list() override {
    ++lists;
    if (!can_list) throw std::runtime_error("no folder yet");
    return NumberingStrategy::list();
  }
  size_t lists = 0;
  bool can_list = true;

 private:
  static constexpr Survives kClaim{.process = true};
  Observer& observer_;
};

// A directory with many checkpoints takes long to list: before training, not between two steps.
TEST(Saver, WhatAnEarlierRunHasLeftIsListedBeforeTraining) {
  SaveLog log(4, nullptr);
  Resumed strategy(log);
  const Policy policy = keep(2);
  Saver saver(policy, strategy, log, nullptr);
  saver.prepare({});
  EXPECT_EQ(strategy.lists, 1U);
  EXPECT_EQ(saver.retention_ns(), 0) << "this is opening";
  saver.request({}, 104, std::nullopt);
  ASSERT_TRUE(saver.settle({}));
  EXPECT_EQ(strategy.lists, 1U);
  EXPECT_THAT(strategy.retained(), ElementsAre(ElementsAre(2, 3)));
}

// Before its first save a class may have nothing that it could list.
TEST(Saver, WhatCannotBeListedYetIsListedWhenItIsNeeded) {
  SaveLog log(4, nullptr);
  Resumed strategy(log);
  const Policy policy = keep(2);
  Saver saver(policy, strategy, log, nullptr);
  strategy.can_list = false;
  saver.prepare({});
  strategy.can_list = true;
  saver.request({}, 104, std::nullopt);
  ASSERT_TRUE(saver.settle({}));
  EXPECT_EQ(strategy.lists, 2U);
  EXPECT_THAT(strategy.retained(), ElementsAre(ElementsAre(2, 3)));
}

TEST(Saver, WhatWaitAloneAcknowledgesIsRetainedToo) {
  SaveLog log(4, nullptr);
  Committing strategy(log, Committing::Reports::kNo);
  const Policy policy = keep(2);
  Saver saver(policy, strategy, log, nullptr);
  for (const uint64_t step : {2, 4, 6}) {
    saver.request({}, step, std::nullopt);
    strategy.commit();
    ASSERT_TRUE(saver.settle({}));
  }
  EXPECT_THAT(strategy.retained(), ElementsAre(ElementsAre(2, 3)));
  EXPECT_EQ(log.at(2).seq.load(), 3U);
  EXPECT_GE(log.at(2).durable_ns.load(), log.at(2).returned_ns) << "its persist ends here";
  EXPECT_TRUE(survives_of(log.at(2)).process);
}

// Always has a save in flight: the one before is durable when another is requested.
class AlwaysInFlight : public Committing {
 public:
  explicit AlwaysInFlight(Observer& observer) : Committing(observer, Reports::kYes) {}
  Ticket save(const StateView& state, const SaveRequest& request) override {
    commit();
    return Committing::save(state, request);
  }
  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) override {
    if (deadline > std::chrono::steady_clock::now()) {
      const int64_t begin_ns = now_ns();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      commit();
      waited_ns_ += now_ns() - begin_ns;
    }
    return Committing::wait(ticket, deadline);
  }
  int64_t waited_ns() const { return waited_ns_; }

 private:
  int64_t waited_ns_ = 0;
};

// Nobody would wait but for the old checkpoints.
TEST(Saver, TheWaitThatRetentionNeedsIsRetentionAndNotAsking) {
  SaveLog log(16, nullptr);
  AlwaysInFlight strategy(log);
  const Policy policy = keep(1);
  Saver saver(policy, strategy, log, nullptr);
  const int64_t begin_ns = now_ns();
  for (uint64_t step = 2; step <= 16; step += 2) saver.request({}, step, std::nullopt);
  const int64_t all_ns = now_ns() - begin_ns;
  ASSERT_GT(strategy.waited_ns(), 0);
  EXPECT_GE(saver.retention_wait_ns(), strategy.waited_ns());
  EXPECT_GE(saver.retention_ns(), saver.retention_wait_ns());
  EXPECT_LE(saver.retention_ns() + saver.asking_ns(), all_ns);
}

}  // namespace
}  // namespace ckptbench
