// What a window of steps learns of its saves while it runs.
#include "harness/measure/window_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <thread>

#include "harness/core/cell.h"
#include "harness/platform/clock.h"
#include "harness/platform/proc.h"
#include "harness/platform/testing/temp_directory.h"
#include "harness/train/run_state.h"

namespace ckptbench {
namespace {

using testing::ElementsAre;

// Every save is durable some updates after it was requested, and only wait() says so.
class DurableLater : public Strategy {
 public:
  // `answer`: how long an answer takes.
  DurableLater(const Trainer& trainer, uint64_t updates, std::chrono::milliseconds answer = {})
      : trainer_(trainer), updates_(updates), answer_(answer) {}

  Ticket save(const StateView&, const SaveRequest& request) override {
    requested_.push_back(request.step);
    return Ticket{requested_.size()};
  }
  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point) override {
    ++waits_;
    const int64_t begin_ns = now_ns();
    if (answer_.count() > 0) std::this_thread::sleep_for(answer_);
    waited_ns_ += now_ns() - begin_ns;
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
  int64_t waited_ns() const { return waited_ns_; }
  int64_t drain_begin_ns() const { return drain_begin_ns_; }
  int64_t drain_end_ns() const { return drain_end_ns_; }
  // The steps that training had done then.
  const std::vector<uint64_t>& acknowledged_at() const { return acknowledged_at_; }

 private:
  const Trainer& trainer_;
  uint64_t updates_;
  std::chrono::milliseconds answer_;
  uint64_t waits_ = 0;
  int64_t waited_ns_ = 0;
  int64_t drain_begin_ns_ = 0;
  int64_t drain_end_ns_ = 0;
  std::vector<uint64_t> requested_;
  std::vector<uint64_t> acknowledged_at_;
};

class WindowOfSteps : public testing::Test {
 protected:
  static Cell small_cell() {
    Cell cell;
    cell.workload.name = "digits-mlp";
    cell.policy.every_steps = 6;
    return cell;
  }
  WindowTimes run(DurableLater& strategy, uint64_t steps, AtSaves at_saves = AtSaves::kSave) {
    Saver saver(cell_.policy, strategy, log_, nullptr);
    TimedHook hook(strategy);
    WindowRunner runner(state_, trainer_, hook, saver, log_, *device_,
                        [] { return std::chrono::steady_clock::now(); });
    return runner.run(steps, at_saves);
  }

  const Cell cell_ = small_cell();
  std::unique_ptr<Device> device_ = make_cpu_device();
  RunState state_{cell_, *device_};
  SaveLog log_{10, nullptr};
  Trainer trainer_{cell_.policy, state_, 0, Listens::kNo};
};

// Each save is followed by as many steps, so what the last one does to them is in the window.
TEST_F(WindowOfSteps, BeginsWithASaveAndEndsWhereTheNextOneIsDue) {
  DurableLater strategy(trainer_, 0);
  Saver saver(cell_.policy, strategy, log_, nullptr);
  TimedHook hook(strategy);
  WindowRunner runner(state_, trainer_, hook, saver, log_, *device_,
                      [] { return std::chrono::steady_clock::now(); });
  while (!runner.save_is_due()) runner.step();
  const WindowTimes times = runner.run(12, AtSaves::kSave);
  EXPECT_TRUE(runner.save_is_due());
  ASSERT_EQ(times.saves.size(), 2U);
  EXPECT_EQ(times.saves[0].before_step, 0U);
  EXPECT_EQ(times.saves[1].before_step, 6U);
}

TEST_F(WindowOfSteps, SeesASaveThatBecomesDurableBetweenItsStepsAtOnce) {
  DurableLater strategy(trainer_, 2);
  run(strategy, 10);
  EXPECT_THAT(strategy.acknowledged_at(), ElementsAre(8));
}

TEST_F(WindowOfSteps, AsksNothingOnceEverySaveIsDecided) {
  DurableLater strategy(trainer_, 0);
  run(strategy, 17);
  EXPECT_THAT(strategy.acknowledged_at(), ElementsAre(6, 12));
  EXPECT_EQ(strategy.waits(), 2U);
}

// A save that is durable when it returns has no tail, however long its deletions take.
TEST_F(WindowOfSteps, DeletionsInTheBackgroundAreNoPartOfTheTail) {
  DurableLater strategy(trainer_, 0);
  const int64_t begin_ns = now_ns();
  const WindowTimes times = run(strategy, 10);
  EXPECT_LE(times.tail_ns, strategy.drain_begin_ns() - begin_ns - times.wall_ns);
  EXPECT_GE(times.drain_ns, strategy.drain_end_ns() - strategy.drain_begin_ns());
}

TEST_F(WindowOfSteps, WhatAPlainWriteTakesIsNoPartOfItsWindow) {
  const TempDirectory folder;
  DurableLater strategy(trainer_, 0);
  Saver saver(cell_.policy, strategy, log_, nullptr);
  TimedHook hook(strategy);
  WindowRunner runner(state_, trainer_, hook, saver, log_, *device_,
                      [] { return std::chrono::steady_clock::now(); });
  PlainWriter writer(folder.path(), {claimed_save({4096}, false)}, true);
  const WindowTimes times = runner.run(13, AtSaves::kPlainWrite, &writer);
  EXPECT_THAT(times.written, ElementsAre(6, 12));
  EXPECT_EQ(times.wall_ns, times.steps_ns());
  EXPECT_EQ(strategy.waits(), 0U);
}

TEST_F(WindowOfSteps, WhatListingTakesBetweenTheStepsIsRetentionAndNoStep) {
  DurableLater strategy(trainer_, 1);
  const WindowTimes times = run(strategy, 8);
  EXPECT_THAT(strategy.acknowledged_at(), ElementsAre(7));
  EXPECT_GT(times.polls.at(6).retention_ns, 0);
  const int64_t sum_ns =
      std::accumulate(times.polls.begin(), times.polls.end(), int64_t{0},
                      [](int64_t sum, const BesideTimes& poll) { return sum + poll.retention_ns; });
  EXPECT_EQ(sum_ns, times.polls.at(6).retention_ns);
  EXPECT_GE(times.retention_ns, sum_ns);
  EXPECT_EQ(times.wall_ns,
            times.steps_ns() + times.block_ns + times.retention_ns + times.asking_ns);
}

// As a class in Python does, which waits for its interpreter when it is asked.
TEST_F(WindowOfSteps, WhatAskingTakesIsNoPartOfBlockOrAStep) {
  DurableLater strategy(trainer_, 1, std::chrono::milliseconds(5));
  const WindowTimes times = run(strategy, 7);
  EXPECT_EQ(strategy.waits(), 2U);  // right after the request, and after the next step
  EXPECT_GT(times.saves.at(0).beside.asking_ns, 0);
  EXPECT_GT(times.polls.at(6).asking_ns, 0);
  EXPECT_GE(times.asking_ns, strategy.waited_ns());
  EXPECT_LE(times.block_ns + times.steps_ns(), times.wall_ns - strategy.waited_ns());
  EXPECT_EQ(times.wall_ns,
            times.steps_ns() + times.block_ns + times.retention_ns + times.asking_ns);
}

TEST_F(WindowOfSteps, CountsHowLongItWaitedForAProcessorWhateverItDoesAtSaves) {
  if (!own_run_delay_ns()) GTEST_SKIP() << "the kernel does not count it";
  DurableLater strategy(trainer_, 0);
  EXPECT_GE(run(strategy, 7).run_delay_ns.value(), 0);
  EXPECT_GE(run(strategy, 7, AtSaves::kNothing).run_delay_ns.value(), 0);
}

}  // namespace
}  // namespace ckptbench
