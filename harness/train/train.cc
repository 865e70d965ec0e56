#include "harness/train/train.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <optional>

#include "faults/api/preload_library.h"
#include "harness/core/json_text.h"
#include "harness/core/record.h"
#include "harness/train/fault_arm.h"
#include "harness/train/final_poll.h"
#include "harness/train/grace_watch.h"
#include "harness/train/guard.h"
#include "harness/train/leak_samples.h"
#include "harness/train/save_log.h"
#include "harness/train/terminate_signal.h"
#include "harness/train/trainer.h"

namespace ckptbench {
namespace {

// One acknowledgement in the middle of the run: whatever is killed later has something to lose. An
// update follows the save before it is awaited, and the saves after it overlap as they like.
constexpr uint64_t kAwaitedSave = 2;

constexpr const char* kDecidedInGrace = "sigterm: every save is decided";
constexpr const char* kUndecidedInGrace =
    "sigterm: the grace period ended before the save was decided";
constexpr const char* kUnfinishedInGrace =
    "sigterm: every save is decided, but the grace period ended before the run did";

class TrainedRun {
 public:
  explicit TrainedRun(JobContext& context)
      : context_(context),
        cell_(context.cell()),
        state_(cell_, context.device()),
        trainer_(cell_.policy, state_, 0, Listens::kYes),
        log_(cell_.steps, &context.observer()),
        leaks_(context.job().checkpoint_dir) {}

  ExitCode run() {
    fault_.arm(context_.job(), context_.trace());
    auto strategy = context_.make_strategy(log_, context_.device());
    if (!strategy) throw ExitError(ExitCode::kEnvironment, strategy.error().message);
    Saver saver(cell_.policy, *strategy.value(), log_, &context_.journal());
    saver.on_request([&] { fault_.save_requested(); });
    const StrategyInfo& info = context_.strategy().info;
    if (!info.background) saver.expect_no_background(info.survives, context_.job().checkpoint_dir);
    if (context_.job().samples_leaks) {
      saver.on_decided([&] {
        saver.drain();  // what is about to be deleted is no leak
        const std::lock_guard lock(noted_);
        leaks_.take();
      });
    }
    try {
      train(*strategy.value(), saver);
      finish(std::move(strategy).value(), saver);
    } catch (const StrategyBroken& broken) {
      if (watch_) watch_->stop();
      return report_failure(broken, saver);
    }
    return ExitCode::kOk;
  }

 private:
  void train(Strategy& strategy, Saver& saver) {
    StrategyHook hook(strategy);
    saver.prepare(state_.view());
    journal_step(context_.journal(), state_, 0, std::nullopt);
    if (cell_.policy.sigterm_grace_s > 0) {
      install_terminate_handler();
      watch_.emplace(grace(), [&] { end_with_grace(); });
    }
    while (trainer_.step() < cell_.steps && !stopped_) {
      const Decision decision = trainer_.advance(hook);
      journal_step(context_.journal(), state_, trainer_.step(), trainer_.loss());
      note_loss();
      // An acknowledgement that only wait() gives is seen at the next step.
      saver.settle(log_.size() == kAwaitedSave ? context_.save_deadline() : Deadline{});
      if (decision.save()) {
        trainer_.saved();
        saver.request(state_.view(), trainer_.step(), decision.metric);
      }
      stopped_ = decision.stop;
    }
  }

  void finish(std::unique_ptr<Strategy> strategy, Saver& saver) {
    const bool decided = stopped_ ? saver.settle(grace_end()) : decide_all(saver);
    decided_ = decided;
    // Within a grace period deletions are left to the next run of this directory.
    if (decided && !stopped_) {
      saver.drain();
      saver.confirm(context_.save_deadline());
    }
    fault_.await_end();
    if (!decided && !stopped_) {
      throw ExitError(ExitCode::kNotAllowed,
                      fmt::format("the save of step {} is still not decided after {} times the "
                                  "cell's deadline of {} s",
                                  saver.last_step(), kMostDeadlines, cell_.deadline_s));
    }
    // Its destructor would wait for what the grace period no longer allows; the process ends here.
    if (!decided) static_cast<void>(strategy.release());
    strategy.reset();
    if (watch_) watch_->stop();
    end(!stopped_ ? "" : decided ? kDecidedInGrace : kUndecidedInGrace);
  }

  // One thread at a time: that of the watch ends the process.
  void end(const char* detail) {
    const std::lock_guard lock(noted_);
    context_.write_report(report());
    const uint64_t step = losses_.empty() ? 0 : losses_.back().step;
    context_.journal().append({.event = Event::kEnd, .step = step, .detail = detail});
  }

  [[noreturn]] void end_with_grace() {
    ExitCode code = ExitCode::kOk;
    try {
      end(decided_ ? kUnfinishedInGrace : kUndecidedInGrace);
    } catch (const ExitError& error) {
      std::fprintf(stderr, "ckpt-worker: %s\n", error.what());
      code = error.code();
    }
    std::fflush(nullptr);
    ::_exit(static_cast<int>(code));
  }

  void note_loss() {
    const std::lock_guard lock(noted_);
    losses_.push_back({trainer_.step(), trainer_.loss(), "trained"});
  }

  // What a wait that blocks makes durable, training has never been told of.
  bool decide_all(Saver& saver) {
    FinalPoll poll(saver, log_, cell_.deadline_s, [] { return seen_changes().count; });
    if (poll.run(context_.save_deadline())) return true;
    context_.journal().append({.event = Event::kAwaited, .step = saver.last_step()});
    return saver.settle(context_.save_deadline());
  }

  std::chrono::nanoseconds grace() const {
    return std::chrono::nanoseconds(static_cast<int64_t>(cell_.policy.sigterm_grace_s * 1e9));
  }
  Deadline grace_end() const {
    return Deadline(std::chrono::nanoseconds(terminate_arrived_ns()) + grace());
  }

  Record report() const {
    Record record;
    record.cell = cell_;
    record.losses = losses_;
    record.observed["phases"] = nlohmann::json::object();
    const auto totals = context_.trace().totals();
    for (int i = 0; i < kPhaseCount; ++i) {
      const std::string name(phase_name(static_cast<Phase>(i)));
      record.observed["phases"][name] = totals[static_cast<size_t>(i)].count;
    }
    leaks_.add_to(record.observed);
    return record;
  }

  ExitCode report_failure(const StrategyBroken& broken, const Saver& saver) {
    std::fprintf(stderr, "ckpt-worker: strategy %s after step %llu: %s\n",
                 cell_.strategy.name.c_str(), static_cast<unsigned long long>(trainer_.step()),
                 broken.what());
    if (saver.has_requested()) {
      context_.journal().append(
          {.event = Event::kFailed, .step = saver.last_step(), .detail = broken.what()});
    }
    return ExitCode::kNotAllowed;
  }

  JobContext& context_;
  const Cell& cell_;
  RunState state_;
  Trainer trainer_;
  FaultArm fault_;
  SaveLog log_;
  LeakSamples leaks_;
  std::mutex noted_;  // losses_ and leaks_: the watch reports them, too
  std::vector<LossPoint> losses_;
  bool stopped_ = false;
  std::atomic<bool> decided_ = false;
  std::optional<GraceWatch> watch_;  // last: it borrows the rest
};

}  // namespace

void journal_step(JournalWriter& journal, RunState& state, uint64_t step,
                  std::optional<double> loss) {
  journal.append({.event = Event::kStep, .step = step, .loss = loss, .digests = state.digests()});
}

ExitCode run_reference(JobContext& context) {
  const Cell& cell = context.cell();
  RunState state(cell, context.device());
  Trainer trainer(cell.policy, state, 0, Listens::kNo);
  NoHook hook;
  journal_step(context.journal(), state, 0, std::nullopt);
  while (trainer.step() < cell.steps + cell.more_steps) {
    trainer.advance(hook);
    journal_step(context.journal(), state, trainer.step(), trainer.loss());
  }
  context.write_report({{"state_bytes", state.view().logical_bytes()}});
  context.journal().append({.event = Event::kEnd, .step = trainer.step()});
  return ExitCode::kOk;
}

ExitCode run_train(JobContext& context) {
  const bool armed = !context.job().fault_log_path.empty();
  const auto unmet = fault_kinds().applies(context.cell().fault, context.strategy().info.opaque);
  if (armed && unmet) {
    context.journal().append({.event = Event::kEnd,
                              .detail = fmt::format("not-applicable: {}: {}",
                                                    context.cell().strategy.name, unmet->why)});
    return ExitCode::kOk;
  }
  return TrainedRun(context).run();
}

}  // namespace ckptbench
