// How long the end of training asks for a save without waiting for it.
#include "harness/train/final_poll.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "harness/train/testing/numbering_strategy.h"

namespace ckptbench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kDeadlineS = 0.4;

// Each save takes so long in the background, of which nothing is seen.
class SlowSaves : public NumberingStrategy {
 public:
  explicit SlowSaves(double save_s) : save_s_(save_s) {}
  Ticket save(const StateView& state, const SaveRequest& request) override {
    begins_.push_back(
        std::max(Clock::now(), begins_.empty() ? Clock::time_point() : end_of(begins_.size())));
    return NumberingStrategy::save(state, request);
  }
  SaveOutcome wait(Ticket ticket, Clock::time_point deadline) override {
    while (Clock::now() < end_of(ticket.id)) {
      if (Clock::now() >= deadline) return Pending{};
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return Durable{{.process = true}};
  }

 private:
  Clock::time_point end_of(uint64_t id) const {
    return begins_[id - 1] + std::chrono::nanoseconds(static_cast<int64_t>(save_s_ * 1e9));
  }

  double save_s_;
  std::vector<Clock::time_point> begins_;
};

// Says durable only to a call that may block.
class OnlyToABlockingCall : public NumberingStrategy {
 public:
  SaveOutcome wait(Ticket, Clock::time_point deadline) override {
    if (deadline <= Clock::now()) return Pending{};
    return Durable{{.process = true}};
  }
};

Deadline late() {
  return Clock::now() + std::chrono::hours(1);
}

uint64_t no_operations() {
  return 0;
}

class FinalPolls : public testing::Test {
 protected:
  bool poll(Strategy& strategy, uint64_t undecided, const std::function<uint64_t()>& operations,
            Deadline end = late()) {
    Saver saver(policy_, strategy, log_, nullptr);
    saver.request({}, 2, std::nullopt);
    EXPECT_TRUE(saver.settle(late()));
    for (uint64_t i = 0; i < undecided; ++i) saver.request({}, 4 + 2 * i, std::nullopt);
    return FinalPoll(saver, log_, kDeadlineS, operations).run(end);
  }

  Policy policy_{.every_steps = 2, .keep_last = 9};
  SaveLog log_{8, nullptr};
};

TEST_F(FinalPolls, ASaveThatTakesAsLongAsTheOneBeforeIsAcknowledged) {
  SlowSaves strategy(0.7 * kDeadlineS);
  EXPECT_TRUE(poll(strategy, 1, no_operations));
}

TEST_F(FinalPolls, SavesThatAreMadeOneAfterTheOtherAreAcknowledged) {
  SlowSaves strategy(0.7 * kDeadlineS);
  EXPECT_TRUE(poll(strategy, 3, no_operations));
}

TEST_F(FinalPolls, FileOperationsAreProgress) {
  SlowSaves slower(4 * kDeadlineS);
  uint64_t operations = 0;
  Saver saver(policy_, slower, log_, nullptr);
  saver.request({}, 2, std::nullopt);
  EXPECT_TRUE(FinalPoll(saver, log_, kDeadlineS, [&] { return ++operations; }).run(late()));
}

TEST_F(FinalPolls, OneThatOnlyAWaitAcknowledgesIsGivenUp) {
  OnlyToABlockingCall strategy;
  EXPECT_FALSE(poll(strategy, 1, no_operations));
}

TEST_F(FinalPolls, TheEndIsTheEndWhateverGoesOn) {
  OnlyToABlockingCall strategy;
  uint64_t operations = 0;
  const Deadline end = Clock::now() + std::chrono::milliseconds(50);
  EXPECT_FALSE(poll(
      strategy, 1, [&] { return ++operations; }, end));
}

}  // namespace
}  // namespace ckptbench
