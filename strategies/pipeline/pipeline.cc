#include "strategies/pipeline/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <system_error>

#include "strategies/pipeline/load.h"
#include "strategies/pipeline/restore.h"
#include "strategies/pipeline/saved_tensors.h"

namespace ckptbench {
namespace {

// Outcomes that were not asked for yet are kept this far back.
constexpr uint64_t kKeptOutcomes = 1024;

bool is_pending(const SaveOutcome& outcome) {
  return std::holds_alternative<Pending>(outcome);
}

}  // namespace

Pipeline::Pipeline(const StrategyContext& context, PipelineParts parts)
    : observer_(context.observer),
      trace_(context.trace),
      parts_(std::move(parts)),
      retirement_(*parts_.directory, observer_, trace_),
      persister_(context, *parts_.directory, retirement_, *parts_.writer, parts_.survives),
      device_(context.device) {}

Pipeline::~Pipeline() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (worker_.joinable()) worker_.join();
}

Status Pipeline::prepare(const StateView& state) {
  wait_until_decided();
  try {
    for (const Contents contents : {Contents::kFull, Contents::kWeights}) {
      const Status prepared = prepare_for(saved_tensors(state, contents), contents);
      if (!prepared) return prepared;
    }
  } catch (const std::bad_alloc&) {
    return Error{kNoMemoryToSave};
  }
  const std::lock_guard lock(mutex_);
  return parts_.detaches ? start_worker() : Status();
}

Status Pipeline::prepare_for(const std::vector<TensorView>& tensors, Contents contents) {
  const Result<const Layout*> layout = layout_for(tensors, contents);
  if (!layout) return layout.error();
  const Result<Captured> captured = parts_.capture->prepare(tensors, *layout.value());
  if (!captured) return captured.error();
  return parts_.writer->prepare(captured.value(), *layout.value());
}

Ticket Pipeline::save(const StateView& state, const SaveRequest& request) {
  const PhaseScope capture(trace_, Phase::kCapture);
  rethrow_from_background();
  const Ticket ticket{.id = ++tickets_};
  SaveOutcome outcome;
  try {
    expect(ticket.id);
    outcome = start(state, request, ticket.id);
  } catch (const std::bad_alloc&) {
    outcome = fail(request, Error{kNoMemoryToSave});
  }
  if (!is_pending(outcome)) decide(ticket.id, std::move(outcome));
  return ticket;
}

// What needs memory for an outcome, while the save may still fail for want of it.
void Pipeline::expect(uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  outcomes_.emplace(ticket, Pending{});
  if (outcomes_.size() <= kKeptOutcomes) return;
  outcomes_.erase(std::ranges::find_if(
      outcomes_, [](const auto& outcome) { return !is_pending(outcome.second); }));
}

SaveOutcome Pipeline::fail(const SaveRequest& request, const Error& error) {
  observer_.failed(request.step, error.message);
  return Failed{error.message};
}

// True: idle. False: busy, and the save is to be skipped.
bool Pipeline::wait_until_idle() {
  std::unique_lock lock(mutex_);
  if (parts_.skip_when_busy) return !in_flight_;
  changed_.wait(lock, [this] { return !in_flight_; });
  return true;
}

// A save in flight uses the team, which serves one loop at a time, and the buffers and the layout.
void Pipeline::wait_until_decided() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !in_flight_; });
}

SaveOutcome Pipeline::start(const StateView& state, const SaveRequest& request, uint64_t ticket) {
  if (parts_.detaches && !wait_until_idle()) {
    return Skipped{"the previous save is still being written"};
  }
  const std::vector<TensorView> tensors = saved_tensors(state, request.contents);
  const Result<const Layout*> layout = layout_for(tensors, request.contents);
  if (!layout) return fail(request, layout.error());
  Result<Captured> captured = parts_.capture->take(tensors, *layout.value());
  if (!captured) return fail(request, captured.error());
  PersistJob job{.captured = std::move(captured).value(),
                 .layout = layout.value(),
                 .request = request,
                 .tell_captured = !parts_.detaches};
  if (!parts_.detaches) return persister_.persist(job);
  observer_.captured(request.step);
  const Status submitted = submit({.ticket = ticket, .job = std::move(job)});
  if (!submitted) return fail(request, submitted.error());
  return Pending{};
}

Result<const Layout*> Pipeline::layout_for(const std::vector<TensorView>& tensors,
                                           Contents contents) {
  const auto known = layouts_.find(contents);
  if (known != layouts_.end() && fits(known->second, tensors)) return &known->second;
  Result<Layout> layout = parts_.writer->plan(tensors);
  if (!layout) return layout.error();
  return &layouts_.insert_or_assign(contents, std::move(layout).value()).first->second;
}

// REQUIRES: mutex_ held.
Status Pipeline::start_worker() {
  if (worker_.joinable()) return {};
  try {
    worker_ = std::thread([this] { work(); });
  } catch (const std::system_error& error) {
    return Error{fmt::format("no thread to save: {}", error.what())};
  }
  return {};
}

Status Pipeline::submit(InFlight in_flight) {
  const std::lock_guard lock(mutex_);
  const Status started = start_worker();
  if (!started) return started;
  in_flight_ = std::move(in_flight);
  changed_.notify_all();
  return {};
}

void Pipeline::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || in_flight_; });
    if (!in_flight_) return;
    lock.unlock();
    SaveOutcome outcome;
    std::exception_ptr thrown;
    try {
      outcome = persister_.persist(in_flight_->job);
    } catch (const std::exception& error) {
      // The training thread throws it again: only there can it end the process's job.
      thrown = std::current_exception();
      outcome = Failed{error.what()};
    }
    lock.lock();
    thrown_ = thrown;
    record(in_flight_->ticket, std::move(outcome));
    in_flight_.reset();
  }
}

void Pipeline::decide(uint64_t ticket, SaveOutcome outcome) {
  const std::lock_guard lock(mutex_);
  record(ticket, std::move(outcome));
}

// REQUIRES: mutex_ held.
void Pipeline::record(uint64_t ticket, SaveOutcome outcome) {
  outcomes_.insert_or_assign(ticket, std::move(outcome));
  changed_.notify_all();
}

void Pipeline::rethrow_from_background() {
  const std::lock_guard lock(mutex_);
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

SaveOutcome Pipeline::wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) {
  rethrow_from_background();
  std::unique_lock lock(mutex_);
  const auto found = outcomes_.find(ticket.id);
  if (found != outcomes_.end()) {
    changed_.wait_until(lock, deadline, [&] { return !is_pending(found->second); });
    return found->second;
  }
  return Failed{fmt::format("the outcome of save {} is not known", ticket.id)};
}

std::vector<CheckpointInfo> Pipeline::list() {
  // A directory that cannot be listed shows nothing, and a retention deletes nothing of it;
  // restore() says why.
  try {
    Result<std::vector<CheckpointInfo>> checkpoints = parts_.directory->list();
    if (checkpoints) return std::move(checkpoints).value();
  } catch (const std::bad_alloc&) {
  }
  return {};
}

RestoreOutcome Pipeline::restore(StateView& state, const Want& want, Replay* /*replay*/) {
  const PhaseScope restore(trace_, Phase::kRestore);
  rethrow_from_background();
  // A fallback to a checkpoint that is being deleted would fail half-way.
  retirement_.wait_until_idle();
  wait_until_decided();
  try {
    // Its threads and buffers go with the call: training needs the cores.
    ThreadTeam readers(parts_.readers);
    Loader loader(device_, readers, parts_.directory->store(), parts_.stages);
    return Restorer(*parts_.directory, loader).restore(state, want);
  } catch (const std::bad_alloc&) {
    return Refused{"no memory to restore"};
  }
}

Status Pipeline::retain(std::span<const uint64_t> seqs) {
  return retirement_.retain(seqs);
}

Status Pipeline::drain() {
  return retirement_.drain();
}

}  // namespace ckptbench
