// All hooks and no bytes: the harness's own floor. A save is decided at once or, in the background,
// when it is asked about again; nothing is kept and nothing survives, so that a restore finds
// nothing.
// Threads: as strategy.h.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/platform/trace.h"
#include "strategies/api/strategy.h"
#include "strategies/api/strategy_row.h"

namespace ckptbench {
namespace {

class NullStrategy : public Strategy {
 public:
  NullStrategy(const StrategyContext& context, bool background)
      : observer_(context.observer), trace_(context.trace), background_(background) {}

  Ticket save(const StateView& state, const SaveRequest& request) override;
  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) override;
  std::vector<CheckpointInfo> list() override { return {}; }
  RestoreOutcome restore(StateView& state, const Want& want, Replay* replay) override;
  // Errors: there is no checkpoint to keep.
  Status retain(std::span<const uint64_t> seqs) override;

 private:
  Observer& observer_;
  Trace& trace_;
  const bool background_;
  uint64_t saves_ = 0;
  uint64_t asked_ = 0;  // of them, about how many wait() has been asked
};

Ticket NullStrategy::save(const StateView& /*state*/, const SaveRequest& request) {
  const PhaseScope capture(trace_, Phase::kCapture);
  observer_.captured(request.step);
  if (!background_) observer_.durable(request.step, 0, Survives{});
  return {.id = ++saves_};
}

SaveOutcome NullStrategy::wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) {
  if (ticket.id == 0 || ticket.id > saves_) {
    return Failed{fmt::format("no save has ticket {}", ticket.id)};
  }
  // Training asks once right after the request, and then after each step.
  const bool first = ticket.id > std::exchange(asked_, std::max(asked_, ticket.id));
  const bool waits = deadline > std::chrono::steady_clock::now();
  if (background_ && first && !waits) return Pending{};
  return Durable{Survives{}};
}

RestoreOutcome NullStrategy::restore(StateView& /*state*/, const Want& want, Replay* /*replay*/) {
  const PhaseScope restore(trace_, Phase::kRestore);
  if (want.seq) return Refused{fmt::format("no checkpoint {}: null keeps none", *want.seq)};
  return Nothing{};
}

Status NullStrategy::retain(std::span<const uint64_t> seqs) {
  const PhaseScope prune(trace_, Phase::kPrune);
  if (seqs.empty()) return {};
  return Error{fmt::format("no checkpoint {}: null keeps none", seqs.front())};
}

}  // namespace

StrategyRow null_strategy() {
  return {.info = {.name = "null",
                   .summary = "all hooks and no bytes: the harness's own floor",
                   .source = "",
                   .survives = {},
                   .params = {{.name = "background",
                               .type = ParamType::kBool,
                               .default_value = "false",
                               .help = "a save is durable only when it is asked about again, a "
                                       "step later; without a thread"}}},
          .make = [](const StrategyContext& context, const Params& params) {
            return Result<std::unique_ptr<Strategy>>(
                std::unique_ptr<Strategy>(new NullStrategy(context, params.boolean("background"))));
          }};
}

}  // namespace ckptbench
