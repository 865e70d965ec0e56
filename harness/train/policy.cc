#include "harness/train/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "harness/core/near_names.h"

namespace ckptbench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::string_view kLoss = "loss";
constexpr std::string_view kAccuracy = "accuracy";

bool improves(const Policy& policy, double value, double best) {
  return policy.monitor_max ? value > best : value < best;
}

int64_t epochs_after(const PolicyMemory& memory, const StepPoint& point) {
  return memory.epochs + (point.epoch_ended ? 1 : 0);
}

// A schedule that a second run meets at the same steps.
bool has_step_schedule(const Policy& policy) {
  return policy.every_steps > 0 || policy.every_epochs > 0;
}

SaveReason scheduled(const Policy& policy, const PolicyMemory& memory, const StepPoint& point) {
  if (policy.every_steps > 0 && point.step % policy.every_steps == 0) return SaveReason::kSteps;
  if (policy.every_epochs > 0 && point.epoch_ended &&
      epochs_after(memory, point) % static_cast<int64_t>(policy.every_epochs) == 0) {
    return SaveReason::kEpochs;
  }
  return SaveReason::kNone;
}

bool time_is_up(const Policy& policy, const StepPoint& point) {
  return policy.every_s > 0 &&
         static_cast<double>(point.now_ns - point.last_save_ns) >= policy.every_s * 1e9;
}

// Where an improvement counts. Only at steps that the training itself determines.
bool is_measuring_point(const Policy& policy, const PolicyMemory& memory, const StepPoint& point) {
  if (policy.monitor.empty()) return false;
  if (policy.best_only && has_step_schedule(policy)) {
    return scheduled(policy, memory, point) != SaveReason::kNone;
  }
  return policy.monitor == kLoss || point.epoch_ended;
}

SaveReason reason_of(const Policy& policy, const PolicyMemory& memory, const StepPoint& point,
                     bool improved) {
  if (point.terminate) return SaveReason::kTerminate;
  if (point.by_hand) return SaveReason::kManual;
  if (improved) return SaveReason::kImproved;
  if (policy.best_only) return SaveReason::kNone;
  const SaveReason reason = scheduled(policy, memory, point);
  if (reason != SaveReason::kNone) return reason;
  return time_is_up(policy, point) ? SaveReason::kTime : SaveReason::kNone;
}

// Best first; of equals the newer first. A NaN is no better than anything, and has no rank.
std::vector<CheckpointInfo> ranked(const Policy& policy,
                                   std::span<const CheckpointInfo> checkpoints) {
  std::vector<CheckpointInfo> found;
  for (const CheckpointInfo& info : checkpoints) {
    if (info.metric && !std::isnan(*info.metric)) found.push_back(info);
  }
  std::sort(found.begin(), found.end(), [&](const CheckpointInfo& a, const CheckpointInfo& b) {
    if (*a.metric != *b.metric) return improves(policy, *a.metric, *b.metric);
    return a.seq > b.seq;
  });
  return found;
}

}  // namespace

PolicyMemory initial_memory(const Policy& policy) {
  return {.best = policy.monitor_max ? -kInfinity : kInfinity, .epochs = 0};
}

Status check_policy(const Policy& policy) {
  const std::vector<std::string> known{std::string(kLoss), std::string(kAccuracy)};
  const std::string& monitor = policy.monitor;
  if (!monitor.empty() && std::find(known.begin(), known.end(), monitor) == known.end()) {
    return Error{"policy: " + unknown_name("monitor", monitor, known)};
  }
  if (policy.best_only && monitor.empty()) {
    return Error{"policy: best_only = true needs a monitor, expected monitor = loss or accuracy"};
  }
  if (policy.best_only && policy.every_s > 0) {
    return Error{fmt::format(
        "policy: best_only with every_s = {}: what is best would depend on the clock; expected "
        "every_steps or every_epochs",
        policy.every_s)};
  }
  if (policy.keep_best > 0 && monitor.empty()) {
    return Error{
        fmt::format("policy: keep_best = {} needs a monitor, expected monitor = loss or accuracy",
                    policy.keep_best)};
  }
  return {};
}

bool needs_accuracy(const Policy& policy, const PolicyMemory& memory, const StepPoint& point) {
  if (policy.monitor != kAccuracy) return false;
  if (is_measuring_point(policy, memory, point)) return true;
  if (point.by_hand) return true;
  // A save after SIGTERM has a deadline of its own: no evaluation before it.
  if (point.terminate || policy.best_only) return false;
  return scheduled(policy, memory, point) != SaveReason::kNone || time_is_up(policy, point);
}

Decision decide(const Policy& policy, const PolicyMemory& memory, const StepPoint& point) {
  Decision decision;
  decision.memory = memory;
  decision.memory.epochs = epochs_after(memory, point);
  if (policy.monitor == kLoss) decision.metric = point.loss;
  if (policy.monitor == kAccuracy) decision.metric = point.accuracy;
  const bool improved = is_measuring_point(policy, memory, point) && decision.metric &&
                        improves(policy, *decision.metric, memory.best);
  if (improved) decision.memory.best = *decision.metric;
  decision.reason = reason_of(policy, memory, point, improved);
  decision.stop = point.terminate;
  return decision;
}

std::vector<uint64_t> choose_retained(const Policy& policy,
                                      std::span<const CheckpointInfo> checkpoints) {
  if (policy.keep_last == 0 && policy.keep_best == 0 && policy.keep_every == 0) return {};
  std::vector<CheckpointInfo> newest_first(checkpoints.begin(), checkpoints.end());
  std::erase_if(newest_first, [](const CheckpointInfo& info) { return info.seq == 0; });
  std::sort(newest_first.begin(), newest_first.end(),
            [](const CheckpointInfo& a, const CheckpointInfo& b) { return a.seq > b.seq; });
  const auto same = [](const CheckpointInfo& a, const CheckpointInfo& b) { return a.seq == b.seq; };
  newest_first.erase(std::unique(newest_first.begin(), newest_first.end(), same),
                     newest_first.end());
  std::set<uint64_t> kept;
  const auto keep = [&](std::span<const CheckpointInfo> order, uint64_t count) {
    for (size_t i = 0; i < std::min<size_t>(count, order.size()); ++i) kept.insert(order[i].seq);
  };
  keep(newest_first, std::max<uint64_t>(1, policy.keep_last));
  keep(ranked(policy, newest_first), policy.keep_best);
  for (const CheckpointInfo& info : newest_first) {
    if (policy.keep_every > 0 && info.seq % policy.keep_every == 0) kept.insert(info.seq);
  }
  // Weights alone resume nothing: the newest full checkpoint stays beside them.
  const auto full = std::find_if(newest_first.begin(), newest_first.end(),
                                 [](const auto& info) { return info.contents == Contents::kFull; });
  if (full != newest_first.end()) kept.insert(full->seq);
  return {kept.begin(), kept.end()};
}

}  // namespace ckptbench
