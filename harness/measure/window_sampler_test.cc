// The order of the windows of a group, and what a measured cell says of its workload.
#include "harness/measure/window_sampler.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <optional>

#include "harness/core/record.h"
#include "harness/measure/measure_report.h"
#include "harness/platform/testing/file_size_limit.h"
#include "harness/platform/testing/temp_directory.h"
#include "harness/train/testing/numbering_strategy.h"

namespace ckptbench {
namespace {

class MeasuredCell : public testing::Test {
 protected:
  MeasuredCell() {
    job_.role = JobRole::kMeasure;
    job_.cell.strategy.name = "null";
    job_.cell.workload.name = "digits-mlp";
    job_.cell.policy.every_steps = kInterval;
    job_.checkpoint_dir = folder_ / "checkpoints";
    job_.journal_path = folder_ / "journal.jsonl";
    job_.scratch_dir = folder_.path();
    std::filesystem::create_directory(job_.checkpoint_dir);
  }

  static constexpr uint64_t kInterval = 4;
  const TempDirectory folder_;
  Job job_;
};

// Whatever drifts meanwhile then weighs on both kinds of windows alike.
TEST_F(MeasuredCell, AGroupIsPlainSavingSavingPlainAndItsSavesBeginTheirWindows) {
  JobContext context(job_, [](const std::string&) { return make_cpu_device(); });
  MeasureRig rig(context);
  rig.warm_up();
  rig.open();
  const WindowPlan plan{.steps = 3 * kInterval, .groups = 1, .saves = 3};
  WindowSampler sampler(rig, plan);
  MeasureProbes probes(folder_.path(), {}, false, 4096, nullptr);
  sampler.group(probes, nullptr);
  ASSERT_EQ(rig.log.size(), 6U);
  const uint64_t begin = rig.trainer.step() - 4 * plan.steps;
  for (uint64_t i = 0; i < plan.saves; ++i) {
    EXPECT_EQ(rig.log.at(i).step, begin + plan.steps + i * kInterval);
    EXPECT_EQ(rig.log.at(plan.saves + i).step, begin + 2 * plan.steps + i * kInterval);
  }
  for (uint64_t lag = 1; lag <= kInterval; ++lag) {
    EXPECT_EQ(rig.samples[fmt::format("step_lag_{}_ns", lag)].size(), 2U);
  }
  EXPECT_EQ(sampler.saved().requested_saves, 6U);
  EXPECT_EQ(sampler.saved().windows, 2U);
  EXPECT_EQ(rig.samples["stall_ns"].size(), 2U);
}

// Steps that no save has come before count on neither side.
TEST(SlowedWithin, IsWhatBusyStepsTakeBeyondTheLaterOnesOfTheirWindow) {
  const std::vector<int64_t> step_ns = {500, 130, 120, 110, 150, 100, 90};
  EXPECT_DOUBLE_EQ(slowed_within_ns(step_ns, {1, 4}, 1).value(), 140 - 105);
  EXPECT_DOUBLE_EQ(slowed_within_ns(step_ns, {1, 4}, 2).value(), (30 + 20 + 50 + 0) / 2);
  EXPECT_FALSE(slowed_within_ns(step_ns, {1, 4}, 3)) << "no later steps";
  EXPECT_FALSE(slowed_within_ns(step_ns, {6}, 1));
  EXPECT_FALSE(slowed_within_ns(step_ns, {}, 1));
}

// Its saves go on for two updates; save() waits for the one before.
class OneInFlight : public NumberingStrategy {
 public:
  explicit OneInFlight(const Trainer& trainer) : trainer_(trainer) {}
  Ticket save(const StateView& state, const SaveRequest& request) override {
    if (!steps_.empty() && is_pending(steps_.size())) ++waited_;
    return NumberingStrategy::save(state, request);
  }
  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) override {
    const bool blocks = deadline > std::chrono::steady_clock::now();
    if (is_pending(ticket.id) && !blocks) return Pending{};
    return Durable{{.process = true}};
  }
  uint64_t waited() const { return waited_; }

 private:
  bool is_pending(size_t id) const { return trainer_.step() <= steps_[id - 1] + 1; }

  const Trainer& trainer_;
  uint64_t waited_ = 0;
};

// As many waits as saves: in the middle of a run each of them waits.
TEST_F(MeasuredCell, AWindowBeginsAsItEndsWithASaveUnderWay) {
  job_.cell.policy.every_steps = 1;
  JobContext context(job_, [](const std::string&) { return make_cpu_device(); });
  MeasureRig rig(context);
  rig.open();
  OneInFlight strategy(rig.trainer);
  Saver saver(job_.cell.policy, strategy, rig.log, nullptr);
  TimedHook hook(strategy);
  WindowRunner runner(rig.state, rig.trainer, hook, saver, rig.log, rig.device,
                      [] { return Deadline::max(); });
  runner.step();
  runner.lead_in(1, AtSaves::kSave);
  const uint64_t before = strategy.waited();
  const WindowTimes times = runner.run(3, AtSaves::kSave);
  EXPECT_EQ(times.saves.size(), 3U);
  EXPECT_EQ(strategy.waited() - before, 3U);
}

TEST_F(MeasuredCell, ASaveBeforeTheWindowIsInNoFigureOfTheTrainingThread) {
  JobContext context(job_, [](const std::string&) { return make_cpu_device(); });
  MeasureRig rig(context);
  rig.open();
  const WindowPlan plan{.steps = 3 * kInterval, .groups = 1, .saves = 3, .lead_steps = kInterval};
  WindowSampler sampler(rig, plan);
  MeasureProbes probes(folder_.path(), {}, 0, 4096, nullptr);
  sampler.group(probes, nullptr);
  EXPECT_EQ(rig.log.size(), 8U);
  EXPECT_EQ(sampler.saved().requested_saves, 6U);
  EXPECT_EQ(rig.samples["save_block_ns"].size(), 6U);
  EXPECT_EQ(rig.log.at(0).step + kInterval, rig.log.at(1).step);
}

// What the steps before leave behind, in caches, clocks and the page cache, is then on both sides
// of a pair.
TEST_F(MeasuredCell, AsManyStepsComeBeforeAPlainWindowAsBeforeOneWithSaves) {
  JobContext context(job_, [](const std::string&) { return make_cpu_device(); });
  MeasureRig rig(context);
  rig.open();
  const WindowPlan plan{.steps = 3 * kInterval, .groups = 1, .saves = 3, .lead_steps = kInterval};
  WindowSampler sampler(rig, plan);
  MeasureProbes probes(folder_.path(), {}, 0, 4096, nullptr);
  sampler.group(probes, nullptr);
  const uint64_t window = plan.lead_steps + plan.steps;
  ASSERT_EQ(rig.log.size(), 8U);
  EXPECT_EQ(rig.log.at(4).step, rig.log.at(0).step + window);
  EXPECT_EQ(rig.trainer.step(), rig.log.at(4).step + 2 * window) << "the plain window at the end";
  EXPECT_EQ(rig.log.at(0).step, kInterval + window) << "the plain window at the beginning";
}

// What a process writes first may cost the steps more than later writes do.
TEST_F(MeasuredCell, APlainWriteBeforeTheFirstGroupIsInNoFigure) {
  JobContext context(job_, [](const std::string&) { return make_cpu_device(); });
  MeasureRig rig(context);
  rig.open();
  for (const uint64_t lead : {uint64_t{0}, kInterval}) {
    const WindowPlan plan{.steps = 3 * kInterval, .groups = 1, .saves = 3, .lead_steps = lead};
    WindowSampler sampler(rig, plan);
    PlainWriter writer(folder_.path(), {claimed_save({4096}, false), claimed_save({8192}, false)},
                       false);
    SteadyWatch no_steps(0, 1);
    while (!rig.runner->save_is_due()) rig.runner->step();
    const uint64_t begin = rig.trainer.step();
    sampler.warm_up(no_steps, &writer);
    EXPECT_EQ(rig.trainer.step(), begin + lead + kInterval);
    EXPECT_EQ(std::filesystem::file_size(folder_ / "floor-0"), lead == 0 ? 4096U : 8192U);
    EXPECT_EQ(writer.mean_bytes(), 0);
  }
  EXPECT_TRUE(rig.samples.empty());
  EXPECT_EQ(rig.log.size(), 0U);
}

TEST_F(MeasuredCell, StepsBeforeTheFirstGroupAreAsManyAsAreAskedFor) {
  JobContext context(job_, [](const std::string&) { return make_cpu_device(); });
  MeasureRig rig(context);
  rig.open();
  const WindowPlan plan{.steps = kInterval, .groups = 1, .saves = 1};
  WindowSampler sampler(rig, plan);
  SteadyWatch watch(100e9, 1'500'000'000);  // one by one
  sampler.warm_up(watch, nullptr);
  EXPECT_GE(watch.steps(), 1U);
  EXPECT_EQ(rig.trainer.step(), watch.steps());
  EXPECT_TRUE(rig.samples.empty());
  EXPECT_EQ(rig.log.size(), 0U);
}

// What happened, not what was planned: a policy that saves once in an epoch saves in few windows.
TEST_F(MeasuredCell, ItsSavesPerWindowAreCounted) {
  job_.cell.policy.every_steps = 0;
  job_.cell.policy.every_s = 1e6;  // never
  JobContext context(job_, [](const std::string&) { return make_cpu_device(); });
  MeasureRig rig(context);
  rig.open();
  const WindowPlan plan{.steps = 4, .groups = 1, .saves = 4};
  WindowSampler sampler(rig, plan);
  MeasureProbes probes(folder_.path(), {}, false, 4096, nullptr);
  sampler.group(probes, nullptr);
  Record record;
  fill_report(rig, plan, sampler.saved(), record);
  EXPECT_EQ(record.observed["saves_per_window"], 0);
  EXPECT_EQ(record.observed["spans_three_persists"], false);
  EXPECT_EQ(record.observed["short_windows"], "2 of 2 windows have no save");
}

TEST_F(MeasuredCell, ACycleThatWasNotSeenIsNotWhole) {
  JobContext context(job_, [](const std::string&) { return make_cpu_device(); });
  MeasureRig rig(context);
  rig.open();
  Record record;
  record.observed["cycle_saves"] = 0;
  fill_report(rig, {}, {}, record);
  EXPECT_EQ(record.observed["whole_cycles"], false);
  EXPECT_EQ(record.observed["short_windows"], "the sizes of the saves were not seen to repeat");
}

// What it cost is borne by those that did their work: failing fast must not lower a figure.
TEST_F(MeasuredCell, ASaveThatFailsIsInNoAverage) {
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  job_.cell.strategy.name = "sync";
  JobContext context(job_, [](const std::string&) { return make_cpu_device(); });
  MeasureRig rig(context);
  rig.open();
  constexpr uint64_t kSaves = 4;  // of a window; of the first one half fails, of the second one all
  std::optional<FileSizeLimit> limit;
  uint64_t requests = 0;
  rig.saver->on_request([&] {
    if (requests >= kSaves || requests % 2 == 1) limit.emplace(64);
    ++requests;
  });
  rig.saver->on_decided([&] { limit.reset(); });
  const WindowPlan plan{.steps = kSaves * kInterval, .groups = 1, .saves = kSaves};
  WindowSampler sampler(rig, plan);
  MeasureProbes probes(folder_.path(), {}, false, 4096, nullptr);
  sampler.group(probes, nullptr);
  std::signal(SIGXFSZ, old_handler);
  ASSERT_EQ(rig.log.size(), 2 * kSaves);
  ASSERT_EQ(rig.samples["stall_ns"].size(), 1U);
  EXPECT_EQ(sampler.saved().saves, kSaves / 2);
  EXPECT_EQ(sampler.saved().saving_windows, 1U);
  EXPECT_EQ(rig.samples["save_block_ns"].size(), kSaves / 2);
  double inside_ns = 0;
  for (uint64_t i = 0; i < kSaves; ++i) {
    inside_ns += static_cast<double>(rig.log.at(i).returned_ns - rig.log.at(i).requested_ns);
  }
  EXPECT_GT(rig.samples["block_ns"].front() * (kSaves / 2), 0.9 * inside_ns);
}

TEST(SavedWindows, AreCountedByWhatTheySaved) {
  const SavedWindows seven{
      .windows = 8, .requested_saves = 8, .saves = 7, .saving_windows = 7, .short_windows = 7};
  EXPECT_DOUBLE_EQ(seven.saves_per_window(), 1);
  EXPECT_EQ(
      seven.shortfall(),
      "1 of 8 windows have no save; 7 of 7 windows with saves span fewer than three persists");
  const SavedWindows whole{.windows = 2, .requested_saves = 7, .saves = 7, .saving_windows = 2};
  EXPECT_DOUBLE_EQ(whole.saves_per_window(), 3.5);
  EXPECT_EQ(whole.shortfall(), "");
}

TEST(SavedWindows, SpanThreePersistsBySavesAndByTime) {
  EXPECT_TRUE(spans_three_persists(300, {100, 80, 120}));
  EXPECT_FALSE(spans_three_persists(299, {100, 80, 120}));
  EXPECT_FALSE(spans_three_persists(300, {100, 100}));
}

// What is saved is what a save is measured against.
TEST_F(MeasuredCell, TheBytesOfWeightsAloneAreLessThanThoseOfTheState) {
  job_.cell.policy.contents = Contents::kWeights;
  JobContext context(job_, [](const std::string&) { return make_cpu_device(); });
  MeasureRig rig(context);
  rig.open();
  uint64_t weights = 0;
  for (const TensorView& tensor : rig.state.view().tensors) {
    if (is_weight(tensor.role) && !tensor.alias_of) weights += tensor.bytes;
  }
  ASSERT_LT(weights, rig.state.view().logical_bytes());
  Record record;
  fill_report(rig, {}, {}, record);
  EXPECT_EQ(rig.samples["logical_bytes"], std::vector<double>{static_cast<double>(weights)});
  EXPECT_EQ(rig.saved_bytes(), weights);
}

TEST_F(MeasuredCell, ParametersThatShareTheirBytesCountOnce) {
  job_.cell.workload = {"char-gpt", {{"size", "1M"}, {"batch", "1"}}};
  JobContext context(job_, [](const std::string&) { return make_cpu_device(); });
  MeasureRig rig(context);
  rig.open();
  std::map<const std::byte*, uint64_t> elements;  // by address
  uint64_t names = 0;
  for (const TensorView& tensor : rig.state.view().tensors) {
    if (tensor.role != Role::kParameter) continue;
    ++names;
    elements[tensor.data] = tensor.bytes / dtype_bytes(tensor.dtype);
  }
  ASSERT_LT(elements.size(), names) << "none shares its bytes";
  double count = 0;
  for (const auto& [address, each] : elements) count += static_cast<double>(each);
  Record record;
  fill_report(rig, {}, {}, record);
  EXPECT_EQ(rig.samples["parameters"], std::vector<double>{count});
}

}  // namespace
}  // namespace ckptbench
