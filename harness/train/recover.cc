#include "harness/train/recover.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/core/json_text.h"
#include "harness/core/prng.h"
#include "harness/core/recovery.h"
#include "harness/platform/clock.h"
#include "harness/train/fault_arm.h"
#include "harness/train/fill_pattern.h"
#include "harness/train/guard.h"
#include "harness/train/train.h"
#include "harness/train/trainer.h"

namespace ckptbench {
namespace {

// What became of the saves, in words; empty: none failed, and the last one is durable.
std::string trouble_of(const Saver& saver, bool decided) {
  if (!decided || saver.decided().empty()) return "not decided in time";
  for (const Saver::Decided& save : saver.decided()) {
    if (const auto* failed = std::get_if<Failed>(&save.outcome)) return "failed: " + failed->reason;
  }
  const SaveOutcome& last = saver.decided().back().outcome;
  if (const auto* skipped = std::get_if<Skipped>(&last)) return "skipped: " + skipped->reason;
  return "";
}

class Recovery {
 public:
  explicit Recovery(JobContext& context)
      : context_(context), cell_(context.cell()), log_(cell_.more_steps + 1, &context.observer()) {}

  ExitCode run() {
    // Another seed than the trained run's: what a restore leaves out cannot be right by chance.
    fresh_state(Prng(cell_.seed).next());
    open_and_restore();
    if (can_go_on()) go_on();
    strategy_.reset();
    context_.write_report(report_);
    context_.journal().append({.event = Event::kEnd, .step = report_.resaved_step});
    return ExitCode::kOk;
  }

 private:
  void fresh_state(uint64_t seed) {
    Cell cell = cell_;
    cell.seed = seed;
    state_ = std::make_unique<RunState>(cell, context_.device());
  }

  void refuse(const std::string& reason) {
    report_.outcome = RecoveryReport::Outcome::kRefused;
    report_.reason = reason;
  }

  void open_and_restore() {
    try {
      fault_.arm(context_.job(), context_.trace());
      auto strategy = context_.make_strategy(log_, context_.device());
      if (!strategy) return refuse("cannot be opened: " + strategy.error().message);
      strategy_ = std::move(strategy).value();
      if (context_.job().by_number) return ask_by_number("");
      const RestoreOutcome outcome = restore(Want{});
      if (const auto* refused = std::get_if<Refused>(&outcome))
        return ask_by_number(refused->reason);
      accept(outcome);
    } catch (const StrategyBroken& broken) {
      refuse(broken.what());
    }
  }

  // Fills the pattern anew: what an earlier attempt has filled must not pass for this one's work.
  RestoreOutcome restore(const Want& want) {
    StateView& target = state_->target();
    overwrite_with_pattern(context_.device(), target);
    context_.device().synchronize_training();
    const int64_t begin_ns = now_ns();
    RestoreOutcome outcome;
    try {
      outcome = guarded([&] { return strategy_->restore(target, want, nullptr); });
    } catch (const StrategyBroken& broken) {
      outcome = Refused{broken.what()};
    }
    report_.restore_ns = now_ns() - begin_ns;
    return outcome;
  }

  // The strategy gave up; is there an older checkpoint that somebody could still ask for?
  void ask_by_number(const std::string& reason) {
    refuse(reason);
    report_.anew = context_.job().by_number;
    report_.asked = context_.job().asked;
    std::vector<CheckpointInfo> listed;
    try {
      listed = guarded([&] { return strategy_->list(); });
    } catch (const StrategyBroken& broken) {
      report_.tried.push_back(fmt::format("list(): {}", broken.what()));
    }
    for (const CheckpointInfo& info : listed) {
      if (info.seq == 0) continue;  // it numbers nothing: there is no number to ask for
      if (is_left_out(info.seq)) continue;
      note_asked(info.seq);
      const RestoreOutcome outcome = restore(Want{.seq = info.seq});
      if (std::holds_alternative<Restored>(outcome)) {
        report_.by_number = true;
        return accept(outcome);
      }
      const auto* refused = std::get_if<Refused>(&outcome);
      report_.tried.push_back(fmt::format("seq {} (step {}): {}", info.seq, info.step,
                                          refused ? refused->reason : "nothing"));
    }
  }

  bool is_left_out(uint64_t seq) const {
    const std::vector<uint64_t>& left_out = context_.job().asked;
    return std::find(left_out.begin(), left_out.end(), seq) != left_out.end();
  }

  // Where a process has ended in its restore already, this one may end, too.
  void note_asked(uint64_t seq) {
    report_.asked.push_back(seq);
    if (report_.anew) context_.write_report(report_);
  }

  void accept(const RestoreOutcome& outcome) {
    if (std::holds_alternative<Nothing>(outcome)) {
      // Its content is unspecified: the run starts over from its own seed.
      fresh_state(cell_.seed);
      report_.outcome = RecoveryReport::Outcome::kNothing;
      report_.restored = state_->digests();
      context_.journal().append({.event = Event::kRestored, .step = 0, .detail = "nothing"});
      return;
    }
    const auto& restored = std::get<Restored>(outcome);
    report_.outcome = RecoveryReport::Outcome::kRestored;
    report_.seq = restored.seq;
    report_.step = restored.step;
    report_.missing = restored.missing;
    report_.unexpected = restored.unexpected;
    // Of the very bytes, before anything brings them into effect.
    report_.restored = state_->target_digests();
    report_.unfilled = find_unfilled(context_.device(), state_->target());
    try {
      state_->load();
    } catch (const ExitError&) {
      throw;
    } catch (const std::exception& error) {
      report_.load_error =
          fmt::format("the workload cannot use the restored state: {}", error.what());
    }
    context_.journal().append(
        {.event = Event::kRestored,
         .step = restored.step,
         .seq = restored.seq,
         .detail = restored.passed_over.empty()
                       ? ""
                       : fmt::format("passed over: {}", fmt::join(restored.passed_over, "; ")),
         .digests = report_.restored});
  }

  // The pattern is no state to train on: what it does to a workload is not the strategy's doing.
  bool can_go_on() const {
    return report_.outcome != RecoveryReport::Outcome::kRefused && report_.unfilled.empty() &&
           report_.load_error.empty();
  }

  void go_on() {
    Saver saver(cell_.policy, *strategy_, log_, &context_.journal());
    saver.on_request([&] { fault_.save_requested(); });
    const StrategyInfo& info = context_.strategy().info;
    if (!info.background) saver.expect_no_background(info.survives, context_.job().checkpoint_dir);
    try {
      saver.look();
      train_and_save(saver);
    } catch (const StrategyBroken& broken) {
      report_.resave_error = broken.what();
    }
  }

  // Saves by the policy, half way and at the end: what a process takes over from its first save
  // into the next shows in the last one only, which the second resume restores.
  void train_and_save(Saver& saver) {
    StrategyHook hook(*strategy_);
    Trainer trainer(cell_.policy, *state_, report_.step, Listens::kNo);
    std::optional<double> metric;
    for (uint64_t i = 1; i <= cell_.more_steps; ++i) {
      const Decision decision = trainer.advance(hook);
      note_update(trainer);
      metric = decision.metric;
      saver.settle({});
      const bool is_due = decision.save() || i == cell_.more_steps / 2;
      if (!is_due || i == cell_.more_steps) continue;
      trainer.saved();
      saver.request(state_->view(), trainer.step(), metric);
    }
    report_.resaved_step = trainer.step();
    save_last(saver, metric);
  }

  void note_update(const Trainer& trainer) {
    ComponentDigests digests = state_->digests();
    context_.journal().append({.event = Event::kStep,
                               .step = trainer.step(),
                               .loss = trainer.loss(),
                               .digests = digests});
    report_.continuation.push_back({trainer.step(), std::move(digests)});
  }

  // Nothing is in flight when it is requested: the one that must come back cannot be skipped.
  void save_last(Saver& saver, std::optional<double> metric) {
    const Deadline deadline = context_.save_deadline();
    bool decided = saver.settle(deadline);
    if (decided) {
      saver.request(state_->view(), report_.resaved_step, metric);
      decided = saver.settle(deadline);
    }
    if (decided) {
      saver.drain();
      saver.confirm(deadline);
    }
    report_.resave_error = trouble_of(saver, decided);
    report_.resave_durable = report_.resave_error.empty();
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
