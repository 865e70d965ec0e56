#include "harness/measure/measure_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ckptbench {
namespace {

constexpr uint64_t kPersists = 3;

uint64_t steps_for(double ns, int64_t step_ns) {
  return static_cast<uint64_t>(std::ceil(ns / static_cast<double>(std::max<int64_t>(1, step_ns))));
}

uint64_t round_up(uint64_t steps, uint64_t unit) {
  return (steps + unit - 1) / unit * unit;
}

// Of what a save lasts: the plain writes of the floor may take somewhat longer.
constexpr double kBusyPersists = 1.5;

// Steps from one save to the next.
uint64_t interval_of(const Policy& policy, int64_t step_ns) {
  if (policy.every_steps > 0) return policy.every_steps;
  if (policy.every_s > 0) return std::max<uint64_t>(1, steps_for(policy.every_s * 1e9, step_ns));
  return 1;
}

// Where nothing but steps and time ask for saves, the next one is due that many steps later.
uint64_t lead_steps(const Policy& policy, const Pilot& pilot, uint64_t interval) {
  const bool regular = policy.every_steps > 0 || policy.every_s > 0;
  return regular && !pilot.in_save ? interval : 0;
}

// What is expected of a plan's windows.
struct GroupTimes {
  const Pilot& pilot;
  uint64_t lead_steps = 0;
  uint64_t interval = 1;

  double steps_ns(uint64_t steps) const {
    return static_cast<double>(steps) * static_cast<double>(pilot.step_ns);
  }
  double saves_ns(uint64_t steps) const {  // with saves or plain writes
    return static_cast<double>(steps) / static_cast<double>(interval) *
           static_cast<double>(pilot.save_ns);
  }
  // `steps`: of a window.
  double group_ns(uint64_t steps) const {
    const double with_writes = pilot.floor ? 4 : 2;  // windows
    const uint64_t all = steps + lead_steps;
    return (2 + with_writes) * steps_ns(all) + with_writes * saves_ns(all) +
           static_cast<double>(pilot.probe_ns);
  }
  double all_ns(uint64_t steps, uint64_t groups) const {
    const uint64_t first = pilot.floor ? lead_steps + interval : 0;  // WindowSampler::warm_up
    return group_ns(steps) * static_cast<double>(groups) + steps_ns(first) + saves_ns(first);
  }
};

}  // namespace

double windows_budget_ns(const Cell& cell, const Pilot& pilot) {
  return kWindowsShare * cell.deadline_s * 1e9 - static_cast<double>(pilot.elapsed_ns);
}

double row_budget_ns(const Cell& cell, const Pilot& pilot) {
  return std::min(cell.budget_s * 1e9, windows_budget_ns(cell, pilot));
}

WindowPlan plan_windows(const Cell& cell, const Pilot& pilot) {
  const int64_t step_ns = std::max<int64_t>(1, pilot.step_ns);
  const uint64_t interval = interval_of(cell.policy, pilot.step_ns);
  // A save that blocks brings its own time into the window; what runs beside it needs steps.
  const int64_t beside_ns = std::max<int64_t>(0, pilot.persist_ns - pilot.block_ns);
  const double persists = static_cast<double>(kPersists) * static_cast<double>(beside_ns);
  const uint64_t least = round_up(
      std::max({cell.steps, kPersists * interval, steps_for(persists, pilot.step_ns)}), interval);
  const uint64_t cycle = pilot.cycle_saves * interval;
  const uint64_t cycles = round_up(least, cycle);
  const uint64_t wanted = cycles <= 2 * least ? cycles : least;
  const double budget_ns = windows_budget_ns(cell, pilot);
  WindowPlan plan{
      .steps = wanted,
      .groups = std::max<uint64_t>(1, (cell.pairs + 1) / 2),
      .lead_steps = lead_steps(cell.policy, pilot, interval),
      .busy_steps = 1 + static_cast<uint64_t>(kBusyPersists * static_cast<double>(beside_ns) /
                                              static_cast<double>(step_ns))};
  const GroupTimes times{pilot, plan.lead_steps, interval};
  const auto all_ns = [&] { return times.all_ns(plan.steps, plan.groups); };
  while (plan.steps > interval && all_ns() > budget_ns) {
    const uint64_t half = plan.steps / 2;
    const uint64_t halved = round_up(half, half >= cycle ? cycle : interval);
    plan.steps = halved < plan.steps ? halved : plan.steps - interval;
  }
  while (plan.groups > 1 && all_ns() > budget_ns) {
    --plan.groups;
    plan.cut = true;
  }
  plan.expected_ns = all_ns();
  plan.saves = plan.steps / interval;
  plan.whole_cycles = plan.steps % cycle == 0;
  return plan;
}

std::string why_too_long(const Cell& cell, const WindowPlan& plan) {
  const double needed_s = plan.expected_ns / 1e9;
  if (needed_s <= cell.deadline_s) return "";
  return fmt::format(
      "cell {}: windows of {} steps with a save every {} steps need about {:.0f} s, and deadline_s "
      "is {:g}; expected a longer deadline_s, or a policy that saves more often",
      cell.id, plan.steps, plan.steps / std::max<uint64_t>(1, plan.saves), needed_s,
      cell.deadline_s);
}

}  // namespace ckptbench
