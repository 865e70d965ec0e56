#include "harness/train/saver.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "harness/platform/clock.h"
#include "harness/train/guard.h"
#include "harness/train/journal_observer.h"
#include "harness/train/policy.h"

namespace ckptbench {
namespace {

constexpr Deadline kNow{};  // long past: asks without waiting
// Asking runs Python where the strategy does: seldom enough to leave the interpreter to its
// threads.
constexpr auto kFirstPause = std::chrono::milliseconds(1);
constexpr auto kLongestPause = std::chrono::milliseconds(50);
constexpr auto kNoLimit = std::chrono::hours(24);  // the parent's deadline comes first

// Seqs of the known checkpoints that are not kept.
std::vector<uint64_t> not_kept(const std::vector<CheckpointInfo>& known,
                               const std::vector<uint64_t>& kept) {
  std::vector<uint64_t> out;
  for (const CheckpointInfo& info : known) {
    if (!std::binary_search(kept.begin(), kept.end(), info.seq)) out.push_back(info.seq);
  }
  return out;
}

}  // namespace

int64_t Saver::prepare(const StateView& state) {
  const int64_t begin_ns = now_ns();
  const Status prepared = guarded([&] { return strategy_.prepare(state); });
  if (!prepared) {
    throw ExitError(ExitCode::kEnvironment,
                    "the strategy cannot prepare its saves: " + prepared.error().message);
  }
  look();
  return now_ns() - begin_ns;
}

// list() may fail before the first save; it is asked again later.
void Saver::look() {
  try {
    known_ = guarded([&] { return strategy_.list(); });
  } catch (const StrategyBroken&) {
    known_.reset();
  }
}

void Saver::expect_no_background(Survives claim, std::string directory) {
  foreground_.emplace(Foreground{claim, DirectoryWatch(std::move(directory))});
}

void Saver::check_unchanged() {
  if (!foreground_ || journal_ == nullptr) return;
  const std::string file = foreground_->watch.first_change();
  if (file.empty()) return;
  journal_->append({.event = Event::kChanged, .step = last_step_, .detail = file});
}

void Saver::take_files() {
  if (foreground_ && journal_ != nullptr) foreground_->watch.take();
}

void Saver::request(const StateView& state, uint64_t step, std::optional<double> metric) {
  check_unchanged();
  // A thread may be at work a little longer than until its save is durable.
  const bool in_flight = found_undecided_;
  make_retention_possible();
  retain_if_due();
  if (journal_ != nullptr) {
    journal_->append({.event = Event::kRequested,
                      .step = step,
                      .contents = std::string(contents_name(policy_.contents)),
                      .in_flight = in_flight});
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
  if (foreground_) acknowledge_return(pending_.back());
  settle(kNow);
  take_files();
}

// A strategy that always has a save in flight would otherwise never retain, and fill the disk.
void Saver::make_retention_possible() {
  const bool overdue = durable_since_retain_ > std::max<uint64_t>(1, policy_.keep_last);
  if (settle(kNow) || !overdue) return;
  const int64_t asked_ns = asking_ns_;
  settle(std::chrono::steady_clock::now() + kNoLimit);
  const int64_t waited_ns = std::exchange(asking_ns_, asked_ns) - asked_ns;
  retention_ns_ += waited_ns;
  retention_wait_ns_ += waited_ns;
}

SaveOutcome Saver::ask(const Waiting& waiting, Deadline deadline) {
  const int64_t begin_ns = now_ns();
  SaveOutcome outcome = guarded([&] { return strategy_.wait(waiting.ticket, deadline); });
  asking_ns_ += now_ns() - begin_ns;
  return outcome;
}

// What save() reported as failed or declined when it returned is not acknowledged by its return.
void Saver::acknowledge_return(const Waiting& waiting) {
  const SaveOutcome outcome = ask(waiting, kNow);
  const bool declined =
      std::holds_alternative<Failed>(outcome) || std::holds_alternative<Skipped>(outcome);
  if (!declined) journal_durable(waiting.slot, foreground_->claim, "save");
}

// An observer, or what a strategy says without being waited for, may have decided every save: then
// nobody has heard its wait() yet.
void Saver::confirm(Deadline deadline) {
  check_unchanged();
  if (!last_durable_) return;
  take_files();
  const SaveOutcome outcome = ask(*last_durable_, deadline);
  check_unchanged();  // what wait() wrote or waited for was not there when save() returned
  const auto* durable = std::get_if<Durable>(&outcome);
  const bool is_new = durable == nullptr || durable->by != durable_by_;
  if (is_new) journal_outcome(last_durable_->slot, outcome);
}

void Saver::journal_durable(uint64_t slot, Survives survives, std::string by) {
  if (journal_ == nullptr) return;
  journal_->append({.event = Event::kDurable,
                    .step = log_.at(slot).step,
                    .seq = log_.at(slot).seq.load(std::memory_order_acquire),
                    .survives = to_text(survives),
                    .contents = std::string(contents_name(policy_.contents)),
                    .by = std::move(by)});
}

void Saver::journal_outcome(uint64_t slot, const SaveOutcome& outcome) {
  if (journal_ == nullptr) return;
  const uint64_t step = log_.at(slot).step;
  if (const auto* durable = std::get_if<Durable>(&outcome)) {
    if (foreground_ && durable->by == "save") return;  // its return has been journaled
    journal_durable(slot, durable->survives, durable->by);
  } else if (const auto* skipped = std::get_if<Skipped>(&outcome)) {
    journal_->append({.event = Event::kSkipped, .step = step, .detail = skipped->reason});
  } else if (const auto* failed = std::get_if<Failed>(&outcome)) {
    journal_->append(
        {.event = Event::kFailed, .step = step, .detail = failed->reason, .by = "wait"});
  }
}

bool Saver::settle(Deadline deadline) {
  found_undecided_ = !pending_.empty();
  while (!pending_.empty()) {
    const Waiting waiting = pending_.front();
    SaveOutcome outcome = ask(waiting, deadline);
    if (std::holds_alternative<Pending>(outcome)) return false;
    pending_.pop_front();
    note(waiting, std::move(outcome));
  }
  return true;
}

bool Saver::poll(Deadline deadline) {
  auto pause = kFirstPause;
  while (!settle(kNow)) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, kLongestPause);
  }
  return true;
}

void Saver::drain() {
  report_retention(guarded([&] { return strategy_.drain(); }));
}

std::vector<CheckpointInfo> Saver::list() {
  const int64_t begin_ns = now_ns();
  std::vector<CheckpointInfo> listed = guarded([&] { return strategy_.list(); });
  retention_ns_ += now_ns() - begin_ns;
  return listed;
}

// A strategy may leave the observer alone; what it lists of this step is then the save's number.
void Saver::find_number(const Waiting& waiting) {
  const SaveSlot& slot = log_.at(waiting.slot);
  const bool reported = slot.durable_ns.load(std::memory_order_relaxed) != 0;
  if (reported || !lists_numbers_) return;
  uint64_t newest = 0;
  for (const CheckpointInfo& info : list()) {
    if (info.step == slot.step) newest = std::max(newest, info.seq);
  }
  lists_numbers_ = newest != 0;
  if (newest != 0) log_.number(waiting.slot, newest);
}

void Saver::note(const Waiting& waiting, SaveOutcome outcome) {
  if (const auto* durable = std::get_if<Durable>(&outcome)) {
    find_number(waiting);
    log_.acknowledged(waiting.slot, durable->survives);
  }
  journal_outcome(waiting.slot, outcome);
  if (const auto* durable = std::get_if<Durable>(&outcome)) {
    remember(waiting);
    last_durable_ = waiting;
    durable_by_ = durable->by;
  } else if (std::holds_alternative<Failed>(outcome)) {
    last_durable_.reset();  // what wait() says of that failure would be held against another save
  }
  decided_.push_back({waiting.slot, std::move(outcome)});
  before_retention_();
  if (!retention_held_) retain_if_due();
  on_decided_();
}

void Saver::remember(const Waiting& waiting) {
  const SaveSlot& slot = log_.at(waiting.slot);
  const uint64_t seq = slot.seq.load(std::memory_order_acquire);
  if (seq == 0) return;  // it numbers nothing, so there is nothing to choose from
  ++durable_since_retain_;
  if (!known_) known_ = list();
  // The list may have been ahead of what was noted.
  std::erase_if(*known_, [&](const CheckpointInfo& info) { return info.seq == seq; });
  known_->push_back(
      {.seq = seq, .step = slot.step, .contents = policy_.contents, .metric = waiting.metric});
}

void Saver::retain_if_due() {
  if (!pending_.empty() || durable_since_retain_ == 0) return;
  const int64_t begin_ns = now_ns();
  retain();
  retention_ns_ += now_ns() - begin_ns;
}

void Saver::retain() {
  durable_since_retain_ = 0;
  const std::vector<uint64_t> kept = choose_retained(policy_, *known_);
  if (kept.empty()) return;
  const auto is_kept = [&](const CheckpointInfo& info) {
    return std::binary_search(kept.begin(), kept.end(), info.seq);
  };
  if (std::all_of(known_->begin(), known_->end(), is_kept)) return;
  if (journal_ != nullptr) {
    journal_->append({.event = Event::kRetain,
                      .step = last_step_,
                      .keeps = kept,
                      .drops = not_kept(*known_, kept)});
  }
  const Status status = guarded([&] { return strategy_.retain(kept); });
  if (status) std::erase_if(*known_, [&](const CheckpointInfo& info) { return !is_kept(info); });
  report_retention(status);
}

void Saver::report_retention(const Status& status) {
  if (status) return;
  // Too many checkpoints cost disk, not safety: training goes on, and the journal tells.
  if (retention_error_.empty()) retention_error_ = status.error().message;
  if (journal_ != nullptr) {
    journal_->append({.event = Event::kFailed,
                      .step = last_step_,
                      .detail = "retain: " + status.error().message,
                      .by = "retain"});
  }
}

}  // namespace ckptbench
