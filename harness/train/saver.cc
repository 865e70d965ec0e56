#include "harness/train/saver.h"

#include <algorithm>

#include "harness/platform/clock.h"
#include "harness/train/guard.h"
#include "harness/train/journal_observer.h"
#include "harness/train/policy.h"

namespace ckptbench {
namespace {

constexpr Deadline kNow{};                          // long past: asks without waiting
constexpr auto kPatience = std::chrono::hours(24);  // the parent's deadline comes first

}  // namespace

void Saver::request(const StateView& state, uint64_t step, std::optional<double> metric) {
  // A strategy that always has a save in flight would otherwise never retain, and fill the disk.
  const bool overdue = durable_since_retain_ > std::max<uint64_t>(1, policy_.keep_last);
  settle(overdue ? std::chrono::steady_clock::now() + kPatience : kNow);
  if (journal_ != nullptr) {
    journal_->append({.event = Event::kRequested,
                      .step = step,
                      .contents = std::string(contents_name(policy_.contents))});
  }
  last_step_ = step;
  has_requested_ = true;
  on_request_();
  const SaveRequest request{.step = step, .contents = policy_.contents, .metric = metric};
  SaveSlot& slot = log_.begin(step);
  slot.requested_ns = now_ns();
  const Ticket ticket = guarded([&] { return strategy_.save(state, request); });
  slot.returned_ns = now_ns();
  pending_.push_back({ticket, log_.size() - 1, metric});
  settle(kNow);
}

bool Saver::settle(Deadline deadline) {
  while (!pending_.empty()) {
    const Waiting waiting = pending_.front();
    SaveOutcome outcome = guarded([&] { return strategy_.wait(waiting.ticket, deadline); });
    if (std::holds_alternative<Pending>(outcome)) return false;
    pending_.pop_front();
    note(waiting, std::move(outcome));
  }
  return true;
}

void Saver::note(const Waiting& waiting, SaveOutcome outcome) {
  const auto* skipped = std::get_if<Skipped>(&outcome);
  if (skipped != nullptr && journal_ != nullptr) {
    journal_->append(
        {.event = Event::kSkipped, .step = log_.at(waiting.slot).step, .detail = skipped->reason});
  }
  if (std::holds_alternative<Durable>(outcome)) remember(waiting);
  decided_.push_back({waiting.slot, std::move(outcome)});
  before_retention_();
  if (pending_.empty() && durable_since_retain_ > 0) retain();
  on_decided_();
}

void Saver::remember(const Waiting& waiting) {
  const SaveSlot& slot = log_.at(waiting.slot);
  const uint64_t seq = slot.seq.load(std::memory_order_acquire);
  if (seq == 0) return;  // it numbers nothing, so there is nothing to choose from
  ++durable_since_retain_;
  if (!known_) {
    known_ = guarded([&] { return strategy_.list(); });
    std::erase_if(*known_, [&](const CheckpointInfo& info) { return info.seq == seq; });
  }
  known_->push_back(
      {.seq = seq, .step = slot.step, .contents = policy_.contents, .metric = waiting.metric});
}

void Saver::retain() {
  durable_since_retain_ = 0;
  const std::vector<uint64_t> kept = choose_retained(policy_, *known_);
  if (kept.empty()) return;
  const auto is_kept = [&](const CheckpointInfo& info) {
    return std::binary_search(kept.begin(), kept.end(), info.seq);
  };
  if (std::all_of(known_->begin(), known_->end(), is_kept)) return;
  const Status status = guarded([&] { return strategy_.retain(kept); });
  if (status) {
    std::erase_if(*known_, [&](const CheckpointInfo& info) { return !is_kept(info); });
    return;
  }
  // Too many checkpoints cost disk, not safety: training goes on, and the journal tells.
  if (retention_error_.empty()) retention_error_ = status.error().message;
  if (journal_ != nullptr) {
    journal_->append({.event = Event::kFailed,
                      .step = last_step_,
                      .detail = "retain: " + status.error().message});
  }
}

}  // namespace ckptbench
