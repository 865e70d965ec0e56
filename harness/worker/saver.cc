#include "harness/worker/saver.h"

#include <algorithm>

#include "harness/worker/guard.h"
#include "harness/worker/journal_observer.h"
#include "harness/worker/policy.h"

namespace ckptbench {
namespace {

constexpr Deadline kNow{};                          // long past: asks without waiting
constexpr auto kPatience = std::chrono::hours(24);  // the parent's deadline comes first

}  // namespace

void Saver::request(const StateView& state, uint64_t step, std::optional<double> metric) {
  // A strategy that never has nothing in flight would otherwise never retain, and fill the disk.
  const bool overdue = durable_since_retain_ > std::max<uint64_t>(1, policy_.keep_last);
  settle(overdue ? std::chrono::steady_clock::now() + kPatience : kNow);
  last_step_ = step;
  journal_.append({.event = Event::kRequested,
                   .step = step,
                   .contents = std::string(contents_name(policy_.contents))});
  on_request_();
  const SaveRequest request{.step = step, .contents = policy_.contents, .metric = metric};
  pending_.push_back({guarded([&] { return strategy_.save(state, request); }), step});
  settle(kNow);
}

bool Saver::settle(Deadline deadline) {
  while (!pending_.empty()) {
    const Waiting waiting = pending_.front();
    SaveOutcome outcome = guarded([&] { return strategy_.wait(waiting.ticket, deadline); });
    if (std::holds_alternative<Pending>(outcome)) return false;
    pending_.pop_front();
    note(waiting.step, std::move(outcome));
  }
  if (durable_since_retain_ > 0) retain();
  return true;
}

void Saver::note(uint64_t step, SaveOutcome outcome) {
  if (const auto* skipped = std::get_if<Skipped>(&outcome)) {
    journal_.append({.event = Event::kSkipped, .step = step, .detail = skipped->reason});
  }
  if (std::holds_alternative<Durable>(outcome)) ++durable_since_retain_;
  decided_.push_back({step, std::move(outcome)});
  if (pending_.empty() && durable_since_retain_ > 0) retain();
  on_decided_();
}

void Saver::retain() {
  durable_since_retain_ = 0;
  const std::vector<CheckpointInfo> checkpoints = guarded([&] { return strategy_.list(); });
  const std::vector<uint64_t> kept = choose_retained(policy_, checkpoints);
  if (kept.empty()) return;
  const Status status = guarded([&] { return strategy_.retain(kept); });
  // Too many checkpoints cost disk, not safety: training goes on, and the journal tells.
  if (!status) {
    journal_.append({.event = Event::kFailed,
                     .step = last_step_,
                     .detail = "retain: " + status.error().message});
  }
}

}  // namespace ckptbench
