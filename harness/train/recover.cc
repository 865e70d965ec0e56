#include "harness/train/recover.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>

#include "harness/core/json_text.h"
#include "harness/core/recovery.h"
#include "harness/platform/clock.h"
#include "harness/train/fault_arm.h"
#include "harness/train/guard.h"
#include "harness/train/train.h"
#include "harness/train/trainer.h"

namespace ckptbench {
namespace {

// What became of the save at the end, in words; empty: durable.
std::string trouble_of(const Saver& saver, bool decided) {
  if (!decided || saver.decided().empty()) return "not decided within twice the cell's deadline";
  const SaveOutcome& outcome = saver.decided().back().outcome;
  if (const auto* failed = std::get_if<Failed>(&outcome)) return "failed: " + failed->reason;
  if (const auto* skipped = std::get_if<Skipped>(&outcome)) return "skipped: " + skipped->reason;
  return "";
}

class Recovery {
 public:
  explicit Recovery(JobContext& context)
      : context_(context), cell_(context.cell()), log_(1, &context.observer()) {}

  ExitCode run() {
    fresh_state();
    open_and_restore();
    if (report_.outcome != RecoveryReport::Outcome::kRefused) {
      if (go_on()) save_again();
    }
    strategy_.reset();
    context_.write_report(report_);
    context_.journal().append({.event = Event::kEnd, .step = report_.resaved_step});
    return ExitCode::kOk;
  }

 private:
  void fresh_state() { state_ = std::make_unique<RunState>(cell_, context_.device()); }

  void refuse(const std::string& reason) {
    report_.outcome = RecoveryReport::Outcome::kRefused;
    report_.reason = reason;
  }

  void open_and_restore() {
    try {
      auto strategy = context_.make_strategy(log_, context_.device());
      if (!strategy) return refuse("cannot be opened: " + strategy.error().message);
      strategy_ = std::move(strategy).value();
      fault_.arm(context_.job(), context_.trace());
      StateView& view = state_->view();
      const int64_t begin_ns = now_ns();
      RestoreOutcome outcome = guarded([&] { return strategy_->restore(view, Want{}, nullptr); });
      report_.restore_ns = now_ns() - begin_ns;
      accept(outcome);
    } catch (const StrategyBroken& broken) {
      refuse(broken.what());
    }
  }

  void accept(const RestoreOutcome& outcome) {
    if (const auto* refused = std::get_if<Refused>(&outcome)) return refuse(refused->reason);
    if (std::holds_alternative<Nothing>(outcome)) {
      // Its content is unspecified now: start over from the seed.
      fresh_state();
      report_.outcome = RecoveryReport::Outcome::kNothing;
      report_.restored = state_->digests();
      return;
    }
    const auto& restored = std::get<Restored>(outcome);
    report_.seq = restored.seq;
    report_.step = restored.step;
    report_.missing = restored.missing;
    report_.unexpected = restored.unexpected;
    try {
      state_->load();
    } catch (const std::exception& error) {
      return refuse(fmt::format("the restored state cannot be loaded: {}", error.what()));
    }
    report_.outcome = RecoveryReport::Outcome::kRestored;
    report_.restored = state_->digests();
    context_.journal().append(
        {.event = Event::kRestored,
         .step = restored.step,
         .seq = restored.seq,
         .detail = restored.passed_over.empty()
                       ? ""
                       : fmt::format("passed over: {}", fmt::join(restored.passed_over, "; "))});
  }

  // False: the strategy threw; there is nothing to save with.
  bool go_on() {
    StrategyHook hook(*strategy_);
    Trainer trainer(cell_.policy, *state_, report_.step, Listens::kNo);
    for (uint64_t i = 0; i < cell_.more_steps; ++i) {
      try {
        trainer.advance(hook);
      } catch (const StrategyBroken& broken) {
        report_.resave_error = broken.what();
        return false;
      }
      ComponentDigests digests = state_->digests();
      context_.journal().append({.event = Event::kStep,
                                 .step = trainer.step(),
                                 .loss = trainer.loss(),
                                 .digests = digests});
      report_.continuation.push_back({trainer.step(), std::move(digests)});
    }
    report_.resaved_step = trainer.step();
    return true;
  }

  void save_again() {
    Saver saver(cell_.policy, *strategy_, log_, &context_.journal());
    try {
      saver.request(state_->view(), report_.resaved_step, std::nullopt);
      const bool decided = saver.settle(context_.patience());
      report_.resave_error = trouble_of(saver, decided);
      report_.resave_durable = report_.resave_error.empty();
    } catch (const StrategyBroken& broken) {
      report_.resave_error = broken.what();
    }
  }

  JobContext& context_;
  const Cell& cell_;
  FaultArm fault_;
  SaveLog log_;
  std::unique_ptr<RunState> state_;
  std::unique_ptr<Strategy> strategy_;
  RecoveryReport report_;
};

}  // namespace

ExitCode run_recover(JobContext& context) {
  return Recovery(context).run();
}

}  // namespace ckptbench
