#include "harness/train/policy.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ckptbench {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

// The steps after which a run of `steps` steps saves; an epoch ends every `epoch` steps.
std::vector<uint64_t> saves_of(const Policy& policy, uint64_t steps, uint64_t epoch = 5,
                               const std::vector<double>& losses = {}) {
  PolicyMemory memory = initial_memory(policy);
  std::vector<uint64_t> saved;
  int64_t last_save_ns = 0;
  for (uint64_t step = 1; step <= steps; ++step) {
    StepPoint point{.step = step,
                    .epoch_ended = step % epoch == 0,
                    .now_ns = static_cast<int64_t>(step) * kSecond,
                    .last_save_ns = last_save_ns};
    if (!losses.empty()) {
      point.loss = losses.at(step - 1);
      if (needs_accuracy(policy, memory, point)) point.accuracy = losses.at(step - 1);
    }
    const Decision decision = decide(policy, memory, point);
    memory = decision.memory;
    if (!decision.save()) continue;
    saved.push_back(step);
    last_save_ns = point.now_ns;
  }
  return saved;
}

using Steps = std::vector<uint64_t>;

TEST(Policy, OffSavesNever) {
  EXPECT_EQ(saves_of({}, 20), Steps{});
}

TEST(Policy, EverySteps) {
  EXPECT_EQ(saves_of({.every_steps = 3}, 10), (Steps{3, 6, 9}));
  EXPECT_EQ(saves_of({.every_steps = 1}, 3), (Steps{1, 2, 3}));
}

TEST(Policy, EverySecondsCountsFromTheLastSave) {
  EXPECT_EQ(saves_of({.every_s = 4}, 10), (Steps{4, 8}));
  EXPECT_EQ(saves_of({.every_steps = 3, .every_s = 2}, 8), (Steps{2, 3, 5, 6, 8}));
}

TEST(Policy, EveryEpochs) {
  EXPECT_EQ(saves_of({.every_epochs = 1}, 12), (Steps{5, 10}));
  EXPECT_EQ(saves_of({.every_epochs = 2}, 22), (Steps{10, 20}));
}

TEST(Policy, EpochsGoOnCountingAfterAResume) {
  const Policy policy{.every_epochs = 2};
  const PolicyMemory memory{.best = INFINITY, .epochs = 1};
  EXPECT_TRUE(decide(policy, memory, {.step = 10, .epoch_ended = true}).save());
  EXPECT_FALSE(decide(policy, memory, {.step = 9}).save());
}

TEST(Policy, ByHandAndSigtermSaveAtOnce) {
  const PolicyMemory memory;
  const Decision manual = decide({}, memory, {.step = 1, .by_hand = true});
  EXPECT_EQ(manual.reason, SaveReason::kManual);
  EXPECT_FALSE(manual.stop);
  const Decision terminate = decide({}, memory, {.step = 1, .by_hand = true, .terminate = true});
  EXPECT_EQ(terminate.reason, SaveReason::kTerminate);
  EXPECT_TRUE(terminate.stop);
}

TEST(Policy, BestOnlyLossSavesOnImprovementAlone) {
  const std::vector<double> losses{5, 6, 4, 4, 3, 7};
  EXPECT_EQ(saves_of({.monitor = "loss", .best_only = true}, 6, 5, losses), (Steps{1, 3, 5}));
  EXPECT_EQ(saves_of({.monitor = "loss", .monitor_max = true, .best_only = true}, 6, 5, losses),
            (Steps{1, 2, 6}));
}

TEST(Policy, BestOnlyMeasuresAtTheScheduleWhereThereIsOne) {
  const std::vector<double> losses{1, 6, 1, 4, 1, 5};
  EXPECT_EQ(saves_of({.every_steps = 2, .monitor = "loss", .best_only = true}, 6, 5, losses),
            (Steps{2, 4}));
}

TEST(Policy, ImprovementAddsToTheScheduleWithoutBestOnly) {
  const std::vector<double> losses{5, 6, 4, 9, 9, 9};
  EXPECT_EQ(saves_of({.every_steps = 4, .monitor = "loss"}, 6, 5, losses), (Steps{1, 3, 4}));
}

TEST(Policy, AccuracyIsMeasuredAtEpochsWithoutASchedule) {
  const std::vector<double> accuracies{.9, .9, .9, .9, .5, .9, .9, .9, .9, .4, .9, .9, .9, .9, .6};
  const Policy policy{.monitor = "accuracy", .monitor_max = true, .best_only = true};
  EXPECT_EQ(saves_of(policy, 15, 5, accuracies), (Steps{5, 15}));
}

TEST(Policy, AccuracyIsAskedForOnlyWhereItIsUsed) {
  const Policy policy{.every_steps = 4, .monitor = "accuracy", .best_only = true};
  const PolicyMemory memory = initial_memory(policy);
  EXPECT_TRUE(needs_accuracy(policy, memory, {.step = 4}));
  EXPECT_FALSE(needs_accuracy(policy, memory, {.step = 5, .epoch_ended = true}));
  EXPECT_TRUE(needs_accuracy(policy, memory, {.step = 5, .by_hand = true}));
  EXPECT_FALSE(needs_accuracy(policy, memory, {.step = 5, .terminate = true}));
  EXPECT_FALSE(needs_accuracy({.every_steps = 1, .monitor = "accuracy"}, memory,
                              {.step = 5, .terminate = true}))
      << "it would take from the grace period";
  EXPECT_FALSE(needs_accuracy({.every_steps = 1, .monitor = "loss"}, memory, {.step = 1}));
}

TEST(Policy, NotANumberNeverImproves) {
  const std::vector<double> losses{NAN, 3, NAN, 2};
  EXPECT_EQ(saves_of({.monitor = "loss", .best_only = true}, 4, 5, losses), (Steps{2, 4}));
}

TEST(Policy, ClockAndSignalsLeaveNoTraceInTheState) {
  const Policy policy{.every_s = 1, .monitor = "accuracy"};
  const PolicyMemory before = initial_memory(policy);
  const StepPoint point{
      .step = 3, .now_ns = 9 * kSecond, .by_hand = true, .terminate = true, .accuracy = 0.1};
  const Decision decision = decide(policy, before, point);
  EXPECT_TRUE(decision.save());
  EXPECT_EQ(decision.metric, 0.1);
  EXPECT_EQ(decision.memory.best, before.best);
  EXPECT_EQ(decision.memory.epochs, before.epochs);
}

TEST(Policy, CombinationsWithoutMeaningAreNamed) {
  EXPECT_TRUE(check_policy({.every_steps = 1}).ok());
  EXPECT_TRUE(check_policy({.every_s = 1, .monitor = "loss"}).ok());
  const Status unknown = check_policy({.monitor = "los"});
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.error().message.find("did you mean 'loss'"), std::string::npos);
  EXPECT_FALSE(check_policy({.best_only = true}).ok());
  EXPECT_FALSE(check_policy({.keep_best = 1}).ok());
  EXPECT_FALSE(check_policy({.every_s = 1, .monitor = "loss", .best_only = true}).ok());
}

CheckpointInfo info(uint64_t seq, std::optional<double> metric = std::nullopt,
                    Contents contents = Contents::kFull) {
  return {.seq = seq, .step = seq * 10, .contents = contents, .metric = metric};
}

using Seqs = std::vector<uint64_t>;

TEST(Retention, KeepsTheLast) {
  const std::vector<CheckpointInfo> all{info(4), info(3), info(2), info(1)};
  EXPECT_EQ(choose_retained({.keep_last = 2}, all), (Seqs{3, 4}));
  EXPECT_EQ(choose_retained({.keep_last = 9}, all), (Seqs{1, 2, 3, 4}));
}

TEST(Retention, NewestIsByNumberNotByStepOrOrder) {
  std::vector<CheckpointInfo> all{info(1), info(5), info(3)};
  all[1].step = 2;  // a rollback reuses step numbers
  EXPECT_EQ(choose_retained({.keep_last = 1}, all), Seqs{5});
}

TEST(Retention, KeepsTheBestBesideTheNewest) {
  const std::vector<CheckpointInfo> all{info(4, 0.9), info(3, 0.1), info(2, 0.1), info(1, 0.5)};
  EXPECT_EQ(choose_retained({.keep_last = 0, .keep_best = 1}, all), (Seqs{3, 4}));
  EXPECT_EQ(choose_retained({.monitor_max = true, .keep_last = 0, .keep_best = 1}, all), Seqs{4});
  EXPECT_EQ(choose_retained({.monitor_max = true, .keep_last = 0, .keep_best = 2}, all),
            (Seqs{1, 4}));
}

// A run that diverges must not push out the checkpoint from before.
TEST(Retention, ANanIsNeverTheBest) {
  for (const bool monitor_max : {false, true}) {
    const Policy policy{.monitor_max = monitor_max, .keep_last = 1, .keep_best = 1};
    EXPECT_EQ(choose_retained(policy, std::vector{info(3, NAN), info(2, 0.1), info(1, 0.1)}),
              (Seqs{2, 3}));
    EXPECT_EQ(choose_retained(policy, std::vector{info(2, NAN), info(1, NAN)}), Seqs{2});
  }
}

TEST(Retention, KeepsEveryMthForGood) {
  std::vector<CheckpointInfo> all;
  for (uint64_t seq = 7; seq >= 1; --seq) all.push_back(info(seq));
  EXPECT_EQ(choose_retained({.keep_last = 1, .keep_every = 3}, all), (Seqs{3, 6, 7}));
}

TEST(Retention, NeverFewerThanOne) {
  EXPECT_EQ(choose_retained({.keep_last = 0, .keep_every = 100}, std::vector{info(2), info(1)}),
            Seqs{2});
}

TEST(Retention, WeightsAloneAreNoResume) {
  const std::vector<CheckpointInfo> all{info(3, {}, Contents::kWeights),
                                        info(2, {}, Contents::kWeights), info(1)};
  EXPECT_EQ(choose_retained({.keep_last = 1}, all), (Seqs{1, 3}));
}

TEST(Retention, OffOrUnnumberedKeepsEverything) {
  EXPECT_EQ(choose_retained({.keep_last = 0}, std::vector{info(2), info(1)}), Seqs{});
  EXPECT_EQ(choose_retained({.keep_last = 1}, std::vector{info(0), info(0)}), Seqs{});
  EXPECT_EQ(choose_retained({.keep_last = 1}, {}), Seqs{});
}

}  // namespace
}  // namespace ckptbench
