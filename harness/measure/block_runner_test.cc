// What a block of steps learns of its saves while it runs.
#include "harness/measure/block_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <thread>

#include "harness/core/cell.h"
#include "harness/platform/clock.h"
#include "harness/platform/testing/temp_directory.h"
#include "harness/train/run_state.h"

namespace ckptbench {
namespace {

using testing::ElementsAre;

// Every save is durable some updates after it was requested, and only wait() says so.
class DurableLater : public Strategy {
 public:
  DurableLater(const Trainer& trainer, uint64_t updates) : trainer_(trainer), updates_(updates) {}

  Ticket save(const StateView&, const SaveRequest& request) override {
    requested_.push_back(request.step);
    return Ticket{requested_.size()};
  }
  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point) override {
    ++waits_;
    if (trainer_.step() < requested_.at(ticket.id - 1) + updates_) return Pending{};
    acknowledged_at_.push_back(trainer_.step());
    return Durable{{.process = true}};
  }
  std::vector<CheckpointInfo> list() override {
    CheckpointInfo newest;
    newest.seq = requested_.size();
    newest.step = requested_.back();
    return {newest};
  }
  RestoreOutcome restore(StateView&, const Want&, Replay*) override { return Nothing{}; }
  Status retain(std::span<const uint64_t>) override { return {}; }

  Status drain() override {
    drain_begin_ns_ = now_ns();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    drain_end_ns_ = now_ns();
    return {};
  }

  uint64_t waits() const { return waits_; }
  int64_t drain_begin_ns() const { return drain_begin_ns_; }
  int64_t drain_end_ns() const { return drain_end_ns_; }
  // The steps that training had done then.
  const std::vector<uint64_t>& acknowledged_at() const { return acknowledged_at_; }

 private:
  const Trainer& trainer_;
  uint64_t updates_;
  uint64_t waits_ = 0;
  int64_t drain_begin_ns_ = 0;
  int64_t drain_end_ns_ = 0;
  std::vector<uint64_t> requested_;
  std::vector<uint64_t> acknowledged_at_;
};

class BlockOfSteps : public testing::Test {
 protected:
  static Cell small_cell() {
    Cell cell;
    cell.workload.name = "digits-mlp";
    cell.policy.every_steps = 6;
    return cell;
  }
  BlockTimes run(DurableLater& strategy, uint64_t steps) {
    Saver saver(cell_.policy, strategy, log_, nullptr);
    TimedHook hook(strategy);
    BlockRunner runner(state_, trainer_, hook, saver, log_, *device_,
                       [] { return std::chrono::steady_clock::now(); });
    return runner.run(steps, AtSaves::kSave);
  }

  const Cell cell_ = small_cell();
  std::unique_ptr<Device> device_ = make_cpu_device();
  RunState state_{cell_, *device_};
  SaveLog log_{10, nullptr};
  Trainer trainer_{cell_.policy, state_, 0, Listens::kNo};
};

TEST_F(BlockOfSteps, SeesASaveThatBecomesDurableBetweenItsStepsAtOnce) {
  DurableLater strategy(trainer_, 2);
  run(strategy, 10);
  EXPECT_THAT(strategy.acknowledged_at(), ElementsAre(8));
}

TEST_F(BlockOfSteps, AsksNothingOnceEverySaveIsDecided) {
  DurableLater strategy(trainer_, 0);
  run(strategy, 17);
  EXPECT_THAT(strategy.acknowledged_at(), ElementsAre(6, 12));
  EXPECT_EQ(strategy.waits(), 2U);
}

// A save that is durable when it returns has no tail, however long its deletions take.
TEST_F(BlockOfSteps, DeletionsInTheBackgroundAreNoPartOfTheTail) {
  DurableLater strategy(trainer_, 0);
  const int64_t begin_ns = now_ns();
  const BlockTimes times = run(strategy, 10);
  EXPECT_LE(times.tail_ns, strategy.drain_begin_ns() - begin_ns - times.wall_ns);
  EXPECT_GE(times.drain_ns, strategy.drain_end_ns() - strategy.drain_begin_ns());
}

TEST_F(BlockOfSteps, WhatAPlainWriteTakesIsNoPartOfItsBlock) {
  const TempDirectory folder;
  DurableLater strategy(trainer_, 0);
  Saver saver(cell_.policy, strategy, log_, nullptr);
  TimedHook hook(strategy);
  BlockRunner runner(state_, trainer_, hook, saver, log_, *device_,
                     [] { return std::chrono::steady_clock::now(); });
  PlainWriter writer(folder.path(), {4096}, false, true);
  const BlockTimes times = runner.run(13, AtSaves::kPlainWrite, &writer);
  EXPECT_THAT(times.written, ElementsAre(5, 11));
  EXPECT_EQ(times.wall_ns, times.steps_ns());
  EXPECT_EQ(strategy.waits(), 0U);
}

TEST_F(BlockOfSteps, WhatListingTakesBetweenTheStepsIsRetentionAndNoStep) {
  DurableLater strategy(trainer_, 1);
  const BlockTimes times = run(strategy, 8);
  EXPECT_THAT(strategy.acknowledged_at(), ElementsAre(7));
  EXPECT_GT(times.listing_ns.at(6), 0);
  EXPECT_EQ(std::accumulate(times.listing_ns.begin(), times.listing_ns.end(), int64_t{0}),
            times.listing_ns.at(6));
  EXPECT_GE(times.retention_ns, times.listing_ns.at(6));
  EXPECT_EQ(times.wall_ns, times.steps_ns() + times.block_ns + times.retention_ns);
}

}  // namespace
}  // namespace ckptbench
