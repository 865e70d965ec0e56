#include "harness/measure/measure_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/json_text.h"
#include "harness/core/observed_keys.h"
#include "harness/measure/saved_part.h"
#include "harness/train/plugins.h"
#include "strategies/registry.h"

namespace ckptbench {
namespace {

constexpr uint64_t kMaxLossPoints = 500;

uint64_t parameters_of(MeasureRig& rig) {
  uint64_t count = 0;
  for (const TensorView& tensor : rig.state.view().tensors) {
    if (tensor.role != Role::kParameter || tensor.alias_of) continue;
    count += tensor.bytes / dtype_bytes(tensor.dtype);
  }
  return count;
}

// Of what is saved; aliases of others are not stored, and not counted.
uint64_t saved_tensors_of(MeasureRig& rig) {
  const StateView saved = saved_part(rig.state.view(), rig.cell().policy.contents);
  return static_cast<uint64_t>(
      std::count_if(saved.tensors.begin(), saved.tensors.end(),
                    [](const TensorView& tensor) { return !tensor.alias_of; }));
}

void add_losses(const MeasureRig& rig, Record& record) {
  const std::vector<double>& losses = rig.runner->losses();
  const size_t stride = losses.size() / kMaxLossPoints + 1;
  for (size_t i = 0; i < losses.size(); i += stride) {
    record.losses.push_back({MeasureRig::kWarmUpSteps + 1 + i, losses[i], "trained"});
  }
}

ParamText params_in_use(const MeasureRig& rig) {
  if (rig.context.strategy().group == Group::kNative) {
    return used_params(rig.cell().strategy, rig.context.training_threads());
  }
  const auto params = check_strategy(rig.cell().strategy);
  return params ? params.value().values() : ParamText{};
}

void observe_settings(const MeasureRig& rig, const WindowPlan& plan, nlohmann::json& seen) {
  seen["device"] = rig.device.name();
  seen["requested_threads"] = rig.cell().threads;
  seen["threads"] = rig.context.torch_threads();
  seen["requested_window_steps"] = rig.cell().steps;
  seen["window_steps"] = plan.steps;
  seen["lead_steps"] = plan.lead_steps;
  seen[observed::kBusySteps] = plan.busy_steps;
  seen["requested_pairs"] = rig.cell().pairs;
  seen["repeat"] = rig.cell().repeat;
  seen["claimed_survives"] = to_text(rig.context.strategy().info.survives);
  seen["strategy_params"] = params_in_use(rig);
  const auto workload = check_workload(rig.cell().workload);
  seen["workload_params"] = workload ? workload.value().values() : ParamText{};
}

// Empty: the bytes of the saves of each window are those of a whole cycle.
std::string missing_cycle(const WindowPlan& plan, const nlohmann::json& seen) {
  const auto cycle = seen.value("cycle_saves", uint64_t{1});
  if (cycle == 0) return "the sizes of the saves were not seen to repeat";
  if (plan.whole_cycles) return "";
  return fmt::format("windows of {} saves hold no whole cycle of {}", plan.saves, cycle);
}

void observe_windows(const SavedWindows& saved, const WindowPlan& plan, nlohmann::json& seen) {
  const std::string cycle = missing_cycle(plan, seen);
  const std::string shortfall = saved.shortfall();
  seen["whole_cycles"] = cycle.empty();
  seen["measured_saves"] = saved.requested_saves;
  seen[observed::kSavesPerWindow] = saved.saves_per_window();
  seen["spans_three_persists"] = saved.saving_windows > 0 && saved.short_windows == 0;
  seen[observed::kShortWindows] =
      shortfall + (shortfall.empty() || cycle.empty() ? "" : "; ") + cycle;
}

void observe_saves(const MeasureRig& rig, Record& record) {
  nlohmann::json& seen = record.observed;
  uint64_t skips = 0;
  uint64_t failures = 0;
  std::string first_failure;
  for (const Saver::Decided& decided : rig.saver->decided()) {
    skips += std::holds_alternative<Skipped>(decided.outcome) ? 1 : 0;
    const auto* failed = std::get_if<Failed>(&decided.outcome);
    if (failed == nullptr) continue;
    if (failures++ == 0) first_failure = failed->reason;
  }
  seen[observed::kRequestedSaves] = rig.log.size();
  seen["skipped_saves"] = skips;
  seen[observed::kFailedSaves] = failures;
  record.samples.push_back({"skipped_saves", 0, {static_cast<double>(skips)}});
  record.samples.push_back({"failed_saves", 0, {static_cast<double>(failures)}});
  seen[observed::kFirstFailure] = first_failure;
  seen[observed::kRetentionError] = rig.saver->retention_error();
  seen[observed::kSurvives] = rig.log.size() > 0 ? to_text(survives_of(rig.newest())) : "";
}

}  // namespace

void fill_report(MeasureRig& rig, const WindowPlan& plan, const SavedWindows& saved,
                 Record& record) {
  record.cell = rig.cell();
  rig.add("logical_bytes", static_cast<double>(rig.saved_bytes()));
  rig.add("parameters", static_cast<double>(parameters_of(rig)));
  for (const auto& [metric, values] : rig.samples) record.samples.push_back({metric, 0, values});
  add_losses(rig, record);
  observe_settings(rig, plan, record.observed);
  observe_windows(saved, plan, record.observed);
  observe_saves(rig, record);
  record.observed[observed::kSavedTensors] = saved_tensors_of(rig);
}

}  // namespace ckptbench
