#include "harness/train/ask_retained.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "faults/api/preload_library.h"
#include "harness/core/json_text.h"
#include "harness/core/prng.h"
#include "harness/core/retained_report.h"
#include "harness/train/fill_pattern.h"
#include "harness/train/guard.h"
#include "harness/train/run_state.h"

namespace ckptbench {
namespace {

Cell with_another_seed(Cell cell) {
  cell.seed = Prng(cell.seed).next();
  return cell;
}

class Asker {
 public:
  explicit Asker(JobContext& context)
      : context_(context), state_(with_another_seed(context.cell()), context.device()) {}

  ExitCode run() {
    try {
      count_file_operations(context_.job().checkpoint_dir);
      auto strategy = context_.make_strategy(context_.observer(), context_.device());
      if (!strategy) throw StrategyBroken("cannot be opened: " + strategy.error().message);
      strategy_ = std::move(strategy).value();
      ask();
    } catch (const StrategyBroken& broken) {
      report_.restores_by_number = true;
      for (const uint64_t seq : context_.job().asked)
        report_.asked.push_back({seq, 0, broken.what(), {}});
    }
    strategy_.reset();
    context_.write_report(report_);
    context_.journal().append({.event = Event::kEnd});
    return ExitCode::kOk;
  }

 private:
  void ask() {
    for (const CheckpointInfo& info : guarded([&] { return strategy_->list(); })) {
      report_.listed.push_back({info.seq, info.step});
    }
    report_.restores_by_number = restores_by_number();
    for (const uint64_t seq : context_.job().asked) report_.asked.push_back(asked_for(seq));
  }

  // Where there is no newest one at all, the others are asked for and missed; where a restore by
  // name is offered and refuses the newest one, they are asked for and refused.
  bool restores_by_number() {
    const RestoreOutcome newest = restore(Want{});
    const auto* restored = std::get_if<Restored>(&newest);
    if (restored == nullptr) return true;
    if (restored->seq == 0) return false;
    const RestoreOutcome named = restore(Want{.seq = restored->seq});
    const auto* refused = std::get_if<Refused>(&named);
    return refused == nullptr || !refused->newest_only;
  }

  // Fills the pattern anew: what an earlier restore has filled must not pass for this one's work.
  RestoreOutcome restore(const Want& want) {
    StateView& target = state_.target();
    overwrite_with_pattern(context_.device(), target);
    context_.device().synchronize_training();
    try {
      return guarded([&] { return strategy_->restore(target, want, nullptr); });
    } catch (const StrategyBroken& broken) {
      return Refused{broken.what()};
    }
  }

  AskedCheckpoint asked_for(uint64_t seq) {
    AskedCheckpoint asked;
    asked.seq = seq;
    const RestoreOutcome outcome = restore(Want{.seq = seq});
    if (std::holds_alternative<Nothing>(outcome)) asked.error = "it restores nothing";
    if (const auto* refused = std::get_if<Refused>(&outcome)) asked.error = refused->reason;
    const auto* restored = std::get_if<Restored>(&outcome);
    if (restored == nullptr) return asked;
    asked.step = restored->step;
    asked.digests = state_.target_digests();
    const auto unfilled = find_unfilled(context_.device(), state_.target());
    if (!unfilled.empty()) {
      asked.error = fmt::format("left as it was before: {}", fmt::join(unfilled, ", "));
    }
    return asked;
  }

  JobContext& context_;
  RunState state_;
  std::unique_ptr<Strategy> strategy_;
  RetainedReport report_;
};

}  // namespace

ExitCode run_retained(JobContext& context) {
  return Asker(context).run();
}

}  // namespace ckptbench
