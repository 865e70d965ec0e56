#include "strategies/testing/sequence_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>

namespace ckptbench {
namespace {

using Op = DrawnOp::Kind;
using Event = TapeEvent::Kind;

constexpr auto kNow = std::chrono::seconds(0);
constexpr auto kLong = std::chrono::minutes(1);

// A kill keeps the page cache, so a disk would only make the sequences slower.
std::string memory_folder() {
  constexpr const char* kMemory = "/dev/shm";
  return ::access(kMemory, W_OK) == 0 ? kMemory : "";
}

TapeEvent retain_event(Event kind, const std::vector<uint64_t>& seqs) {
  TapeEvent event{.kind = kind, .count = seqs.size()};
  std::copy(seqs.begin(), seqs.end(), event.seqs.begin());
  return event;
}

}  // namespace

SequenceRun::SequenceRun(const SequenceSubject& subject, const DrawnSequence& sequence)
    : subject_(subject),
      sequence_(sequence),
      prng_(sequence.seed),
      folder_(TempDir::make("ckptbench-sequence", memory_folder()).value()),
      model_(subject, subject.may_skip && subject.may_skip(sequence.params)) {}

void SequenceRun::run() {
  size_t next = 0;
  try {
    for (size_t i = 0; i < kDrawnTensors; ++i) state_.fill(i, new_seed());
    open_writer();
    while (next < sequence_.ops.size()) {
      const DrawnOp& op = sequence_.ops[next];
      next = op.kind == Op::kKill ? kill(op, next + 1) : next + (do_op(op), 1);
      check_with_reader();
    }
    finish();
  } catch (const Violation& violation) {
    throw SequenceFailure(next, violation.text, done_);
  } catch (const std::exception& error) {
    throw SequenceFailure(next, fmt::format("it throws: {}", error.what()), done_);
  }
}

void SequenceRun::do_op(const DrawnOp& op) {
  switch (op.kind) {
    case Op::kMutate:
      return mutate(op);
    case Op::kSave:
      return save(op);
    case Op::kWait:
      return wait(op);
    case Op::kList:
      note("list");
      return list();
    case Op::kRestore:
      return restore(op);
    case Op::kRetain:
      return retain(op);
    case Op::kDrain:
      note("drain");
      return drain(false);
    case Op::kPrepare: {
      note("prepare");
      const Status prepared = strategy_->prepare(state_.view());
      if (!prepared) throw Violation{"prepare: " + prepared.error().message};
      return;
    }
    case Op::kReopen:
      return reopen(1 + op.a % 3);
    case Op::kSecondWriter:
      return second_writer();
    case Op::kDamage:
      return damage(op);
    case Op::kSmallFiles:
      return save_in_small_files(op);
    case Op::kFailingSync:
      return fail_a_sync(op);
    case Op::kKill:
      return;  // within a kill
  }
}

void SequenceRun::finish() {
  await_all();
  drain(deletions_failed_);
  reopen(run_);
  check_all_restores();
}

void SequenceRun::mutate(const DrawnOp& op) {
  const uint64_t mask = op.a % 3 == 0 ? ~0ULL : op.a % 3 == 1 ? op.b : 0;
  note(fmt::format("mutate {}", op.a % 3 == 0 ? "all" : op.a % 3 == 1 ? "a few" : "nothing"));
  strategy_->before_update(state_.view().tensors, {});
  for (size_t i = 0; i < kDrawnTensors; ++i) {
    if ((mask >> i & 1) != 0) state_.fill(i, new_seed());
  }
}

void SequenceRun::save(const DrawnOp& op) {
  do ++step_;
  while (!subject_.keeps_one && !model_.is_step_free(step_));
  const bool weights = subject_.weights_only && op.a % 10 == 0;
  const SaveRequest request{.step = step_,
                            .contents = weights ? Contents::kWeights : Contents::kFull,
                            .metric = op.a % 3 == 0 ? std::optional(0.5) : std::nullopt};
  note(fmt::format("save step {}{}", step_, weights ? ", weights only" : ""));
  catch_up();
  const uint64_t number = model_.saves().size();
  tape_.append({.kind = Event::kRequested,
                .step = step_,
                .run = run_,
                .contents = request.contents,
                .seeds = state_.seeds()});
  tickets_[number] = strategy_->save(state_.view(), request);
  // This one changes at any time, so at once.
  state_.fill(kDrawnTensors - 1, new_seed());
  if (subject_.background) return;
  const SaveOutcome outcome = await(number, kNow);
  // The return of save() is its word, where nothing speaks against it.
  if (!std::holds_alternative<Pending>(outcome)) return;
  tape_.append({.kind = Event::kDurable, .save = number});
  tickets_.erase(number);
}

SaveOutcome SequenceRun::await(uint64_t save, std::chrono::steady_clock::duration timeout) {
  const SaveOutcome outcome =
      strategy_->wait(tickets_.at(save), std::chrono::steady_clock::now() + timeout);
  catch_up();
  if (std::holds_alternative<Pending>(outcome)) {
    if (timeout == kLong) throw Violation{"a save is not decided after a minute"};
    return outcome;
  }
  const bool failed = std::holds_alternative<Failed>(outcome);
  const bool skipped = std::holds_alternative<Skipped>(outcome);
  tape_.append({.kind = failed    ? Event::kFailed
                        : skipped ? Event::kSkipped
                                  : Event::kDurable,
                .save = save});
  tickets_.erase(save);
  note(fmt::format("  step {}: {}", model_.saves().at(save).step, words(outcome)));
  catch_up();
  return outcome;
}

void SequenceRun::await_all() {
  while (!tickets_.empty()) await(tickets_.begin()->first, kLong);
}

void SequenceRun::wait(const DrawnOp& op) {
  note(op.a % 2 == 0 ? "wait" : "wait, with no time");
  if (op.a % 2 == 0) return await_all();
  if (tickets_.empty()) return;
  auto ticket = tickets_.begin();
  std::advance(ticket, op.b % tickets_.size());
  await(ticket->first, kNow);
}

void SequenceRun::list() {
  const std::vector<CheckpointInfo> listed = check_list(*strategy_);
  if (!listed.empty()) tape_.append({.kind = Event::kListed, .seq = listed.front().seq});
  catch_up();
}

void SequenceRun::restore(const DrawnOp& op) {
  Want want{.seq = {}};
  if (!subject_.keeps_one && op.a % 2 == 0) {
    std::vector<uint64_t> seqs{1000};  // there is none
    for (const ModelSave& save : model_.saves()) {
      if (save.seq) seqs.push_back(*save.seq);
    }
    want.seq = seqs[op.b % seqs.size()];
    want.partial = op.a % 4 == 0;
  }
  note(fmt::format("restore {}{}", want.seq ? std::to_string(*want.seq) : "the newest",
                   want.partial ? ", partial" : ""));
  const RestoreOutcome outcome = check_restore(*strategy_, want);
  const auto* const restored = std::get_if<Restored>(&outcome);
  note("  " + words(outcome));
  if (!restored || !restored->missing.empty() || op.b % 2 == 0) return;
  // Training goes on from there, and the steps come again.
  state_.fill(target_.seeds());
  if (!subject_.keeps_one && !subject_.numbers_by_step) step_ = restored->step;
  note("  and go on from there");
}

std::vector<uint64_t> SequenceRun::choose_kept(const DrawnOp& op, std::vector<uint64_t> known) {
  std::vector<uint64_t> keep;
  for (size_t i = 0; i < known.size(); ++i) {
    const bool newest = i == 0 && !subject_.checks_retain;
    if (newest || (op.a >> i & 1) != 0) keep.push_back(known[i]);
  }
  if (keep.empty()) keep.push_back(known.front());
  return keep;
}

void SequenceRun::retain_in_vain(const std::vector<uint64_t>& seqs) {
  note(fmt::format("retain {}", fmt::join(seqs, ", ")));
  if (strategy_->retain(seqs)) throw Violation{"retain accepts what it cannot keep"};
}

// Nothing is deleted for the sake of checkpoints that cannot be read. A later call tells what the
// background met.
bool SequenceRun::are_doubtful(const std::vector<uint64_t>& keep) const {
  return !keep.empty() && std::all_of(keep.begin(), keep.end(),
                                      [&](uint64_t seq) { return model_.is_doubtful(seq); });
}

void SequenceRun::retain(const DrawnOp& op) {
  if (subject_.keeps_one) return;
  if (subject_.checks_retain && op.b % 16 == 1) return retain_in_vain({});
  if (subject_.checks_retain && op.b % 16 == 2) return retain_in_vain({1000});
  std::vector<uint64_t> known = seqs_of(check_list(*strategy_));
  // One that deletes at once is asked for what is acknowledged, as training does: a save under way
  // may be listed already.
  if (!subject_.tells_retired) {
    std::erase_if(known, [&](uint64_t seq) {
      return model_.save_of(seq)->state != ModelSave::State::kDurable;
    });
  }
  if (known.empty()) return;
  tape_.append({.kind = Event::kListed, .seq = known.front()});
  const std::vector<uint64_t> keep = choose_kept(op, known);
  note(fmt::format("retain {} of {}", fmt::join(keep, ", "), fmt::join(known, ", ")));
  catch_up();
  // An earlier request may have deleted it meanwhile.
  const bool contradicts = std::any_of(keep.begin(), keep.end(), [&](uint64_t seq) {
    return model_.save_of(seq)->state == ModelSave::State::kDurable && !model_.must_keep(seq);
  });
  tape_.append(retain_event(Event::kRetain, keep));
  const Status retained = strategy_->retain(keep);
  if (retained) {
    tape_.append(retain_event(Event::kRetained, keep));
  } else if (contradicts) {
    tape_.append(retain_event(Event::kRefused, keep));
    note("  refused: " + retained.error().message);
    return;
  } else if (!deletions_failed_ && !are_doubtful(keep) && !are_doubtful(asked_)) {
    throw Violation{"retain: " + retained.error().message};
  }
  catch_up();
  asked_ = keep;
  is_deleting_ = true;
  to_go_.clear();
  for (size_t i = 1; i < known.size(); ++i) {
    if (std::find(keep.begin(), keep.end(), known[i]) == keep.end()) to_go_.insert(known[i]);
  }
}

void SequenceRun::drain(bool may_fail) {
  const Status drained = strategy_->drain();
  catch_up();
  if (!drained) {
    note("  drain: " + drained.error().message);
    if (!may_fail && !deletions_failed_ && !are_doubtful(asked_)) {
      throw Violation{"drain: " + drained.error().message};
    }
    to_go_.clear();
    return;
  }
  if (!may_fail) deletions_failed_ = false;
  std::set<uint64_t> expected = std::exchange(to_go_, {});
  // What is needed by others stays, and so does what a damaged record may need.
  if (subject_.shares || model_.has_doubtful()) expected.clear();
  for (const uint64_t seq : seqs_of(check_list(*strategy_))) {
    if (expected.contains(seq)) {
      throw Violation{fmt::format("checkpoint {} is still there after drain()", seq)};
    }
  }
  is_deleting_ = false;
  // Damage takes records away from data that others needed: the next open removes it.
  if (tickets_.empty() && !model_.has_doubtful()) check_folder();
}

void SequenceRun::close() {
  if (!subject_.joins_at_close) await_all();
  strategy_.reset();
  is_deleting_ = false;
  asked_.clear();
  left_files_ = false;
  tickets_.clear();
  to_go_.clear();
  deletions_failed_ = false;
  catch_up();
}

std::unique_ptr<Strategy> SequenceRun::open(bool read_only) {
  auto strategy = subject_.open({.device = *device_,
                                 .comm = comm_,
                                 .observer = tape_,
                                 .trace = trace_,
                                 .directory = folder_.path(),
                                 .run_id = fmt::format("run-{}", run_),
                                 .read_only = read_only},
                                sequence_.params);
  if (!strategy) throw Violation{"cannot be opened: " + strategy.error().message};
  return std::move(strategy).value();
}

void SequenceRun::open_writer() {
  tape_.append({.kind = Event::kOpened});
  strategy_ = open(false);
  check_folder();
  list();
}

void SequenceRun::reopen(uint64_t run) {
  note(fmt::format("reopen as run-{}", run));
  close();
  run_ = run;
  open_writer();
}

void SequenceRun::second_writer() {
  note("open a second writer");
  if (subject_.open({.device = *device_,
                     .comm = comm_,
                     .observer = tape_,
                     .trace = trace_,
                     .directory = folder_.path(),
                     .run_id = "second"},
                    sequence_.params)) {
    throw Violation{"a second writer is let in"};
  }
}

}  // namespace ckptbench
