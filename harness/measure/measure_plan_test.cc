#include "harness/measure/measure_plan.h"

#include <gtest/gtest.h>

namespace ckptbench {
namespace {

constexpr int64_t kMs = 1'000'000;

Cell cell(uint64_t steps, uint64_t every) {
  Cell cell;
  cell.steps = steps;
  cell.policy.every_steps = every;
  cell.pairs = 7;
  cell.deadline_s = 60;
  return cell;
}

TEST(MeasurePlan, KeepsWhatWasAskedWhereItIsEnough) {
  const WindowPlan plan = plan_windows(cell(20, 5), {.step_ns = kMs, .persist_ns = kMs});
  EXPECT_EQ(plan.steps, 20U);
  EXPECT_EQ(plan.groups, 4U);
  EXPECT_EQ(plan.saves, 4U);
}

TEST(MeasurePlan, GrowsToThreePersistsBesideTraining) {
  const WindowPlan plan = plan_windows(cell(20, 5), {.step_ns = kMs, .persist_ns = 11 * kMs});
  EXPECT_EQ(plan.steps, 35U);
}

// Where saves go on after they return, a window begins with one under way.
TEST(MeasurePlan, ASaveComesBeforeWindowsWhoseSavesGoOn) {
  Pilot pilot{.step_ns = kMs, .persist_ns = 4 * kMs, .block_ns = kMs, .in_save = false};
  EXPECT_EQ(plan_windows(cell(20, 5), pilot).lead_steps, 5U);
  EXPECT_EQ(plan_windows(cell(20, 0), pilot).lead_steps, 0U) << "saves by epochs";
  pilot.in_save = true;
  EXPECT_EQ(plan_windows(cell(20, 5), pilot).lead_steps, 0U);
}

TEST(MeasurePlan, TheSaveBeforeAWindowTakesItsShareOfTheBudget) {
  Pilot pilot{.step_ns = 100 * kMs, .save_ns = 400 * kMs};
  const WindowPlan without = plan_windows(cell(20, 5), pilot);
  pilot.in_save = false;
  const WindowPlan with = plan_windows(cell(20, 5), pilot);
  ASSERT_EQ(with.steps * with.groups, without.steps * without.groups);
  EXPECT_GT(with.expected_ns, without.expected_ns);
}

TEST(MeasurePlan, ASaveIsAtWorkForHalfAsLongAgainAsItLasts) {
  const Pilot pilot{.step_ns = kMs, .persist_ns = 5 * kMs, .block_ns = kMs};
  EXPECT_EQ(plan_windows(cell(20, 10), pilot).busy_steps, 7U);
  EXPECT_EQ(plan_windows(cell(20, 10), {.step_ns = kMs}).busy_steps, 1U);
}

TEST(MeasurePlan, ABlockingSaveNeedsNoStepsForItsOwnTime) {
  const WindowPlan plan =
      plan_windows(cell(20, 5), {.step_ns = kMs, .persist_ns = 90 * kMs, .block_ns = 90 * kMs});
  EXPECT_EQ(plan.steps, 20U);
}

TEST(MeasurePlan, GrowsToThreeSaves) {
  EXPECT_EQ(plan_windows(cell(20, 16), {.step_ns = kMs}).steps, 48U);
}

// A save in three writes everything: each window has as many of those as its share.
TEST(MeasurePlan, HoldsWholeCyclesOfSaves) {
  const WindowPlan plan = plan_windows(cell(20, 5), {.step_ns = kMs, .cycle_saves = 3});
  EXPECT_EQ(plan.saves, 6U);
  EXPECT_TRUE(plan.whole_cycles);
}

TEST(MeasurePlan, ALongCycleIsNotHeldAndThatIsSaid) {
  const WindowPlan plan = plan_windows(cell(20, 5), {.step_ns = kMs, .cycle_saves = 16});
  EXPECT_EQ(plan.saves, 4U);
  EXPECT_FALSE(plan.whole_cycles);
}

TEST(MeasurePlan, ShrinksInWholeCyclesAsLongAsItCan) {
  const Pilot pilot{.step_ns = 200 * kMs, .save_ns = 100 * kMs, .cycle_saves = 2};
  const WindowPlan plan = plan_windows(cell(40, 2), pilot);
  EXPECT_LT(plan.saves, 20U);
  EXPECT_EQ(plan.saves % 2, 0U);
  EXPECT_TRUE(plan.whole_cycles);
}

TEST(MeasurePlan, ShrinksIntoTheDeadlineAndSaysSo) {
  const Pilot pilot{.step_ns = 500 * kMs, .persist_ns = 9000 * kMs, .save_ns = 100 * kMs};
  const WindowPlan plan = plan_windows(cell(20, 5), pilot);
  EXPECT_LT(plan.steps, 55U);
  EXPECT_EQ(plan.steps % 5, 0U);
  EXPECT_GE(plan.saves, 1U);
}

TEST(MeasurePlan, DropsGroupsWhenOneSaveIsStillTooMuch) {
  const Pilot pilot{.step_ns = 1000 * kMs, .save_ns = 1000 * kMs};
  const WindowPlan plan = plan_windows(cell(20, 5), pilot);
  EXPECT_EQ(plan.steps, 5U);
  EXPECT_EQ(plan.groups, 1U);
}

TEST(MeasurePlan, SaysWhereTheDeadlineTookPairsAway) {
  EXPECT_FALSE(plan_windows(cell(20, 5), {.step_ns = kMs}).cut);
  const Pilot slow{.step_ns = 1000 * kMs, .save_ns = 1000 * kMs};
  EXPECT_TRUE(plan_windows(cell(20, 5), slow).cut);
}

// A group has two windows of each kind: plain ones, ones with saves, ones with plain writes.
TEST(MeasurePlan, CountsTheWindowsOfPlainWrites) {
  Pilot pilot{.step_ns = kMs, .save_ns = 10 * kMs, .probe_ns = 3 * kMs};
  EXPECT_EQ(plan_windows(cell(20, 5), pilot).expected_ns, 4.0 * (4 * 20 + 2 * 4 * 10 + 3) * kMs);
  pilot.floor = true;
  const double first = 5 + 10;  // a write and its interval of steps
  EXPECT_EQ(plan_windows(cell(20, 5), pilot).expected_ns,
            (4.0 * (6 * 20 + 4 * 4 * 10 + 3) + first) * kMs);
  pilot.in_save = false;
  EXPECT_EQ(plan_windows(cell(20, 5), pilot).expected_ns,
            (4.0 * (6 * 25 + 4 * 5 * 10 + 3) + 2 * first) * kMs);
}

// Before each window, plain ones included; before those with saves one of them comes with a save.
TEST(MeasurePlan, CountsTheStepsBeforeEachWindow) {
  Pilot pilot{.step_ns = kMs, .save_ns = 10 * kMs, .probe_ns = 3 * kMs, .in_save = false};
  EXPECT_EQ(plan_windows(cell(20, 5), pilot).expected_ns, 4.0 * (4 * 25 + 2 * 5 * 10 + 3) * kMs);
}

TEST(MeasurePlan, IntervalsInSeconds) {
  Cell timed = cell(20, 0);
  timed.policy.every_s = 0.05;
  EXPECT_EQ(plan_windows(timed, {.step_ns = kMs}).steps, 150U);
}

TEST(MeasurePlan, ASaveEachHundredSecondsDoesNotFitIntoAMinute) {
  Cell timed = cell(20, 0);
  timed.id = "measure.rare";
  timed.policy.every_s = 100;
  const Pilot pilot{.step_ns = 10 * kMs};
  EXPECT_EQ(
      why_too_long(timed, plan_windows(timed, pilot)),
      "cell measure.rare: windows of 10000 steps with a save every 10000 steps need about 400 "
      "s, and deadline_s is 60; expected a longer deadline_s, or a policy that saves more "
      "often");
  timed.policy.every_s = 1;
  EXPECT_EQ(why_too_long(timed, plan_windows(timed, pilot)), "");
}

}  // namespace
}  // namespace ckptbench
