#include "strategies/api/null_strategy.h"

#include <fmt/format.h>

#include "harness/platform/trace.h"
#include "strategies/api/strategy_row.h"

namespace ckptbench {

Ticket NullStrategy::save(const StateView& /*state*/, const SaveRequest& request) {
  const PhaseScope capture(trace_, Phase::kCapture);
  observer_.captured(request.step);
  observer_.durable(request.step, 0, Survives{});
  return {.id = ++saves_};
}

SaveOutcome NullStrategy::wait(Ticket ticket, std::chrono::steady_clock::time_point /*deadline*/) {
  if (ticket.id == 0 || ticket.id > saves_) {
    return Failed{fmt::format("no save has ticket {}", ticket.id)};
  }
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

StrategyRow null_strategy() {
  return {.info = {.name = "null",
                   .summary = "all hooks and no bytes: the harness's own floor",
                   .source = "",
                   .survives = {},
                   .params = {}},
          .make = [](const StrategyContext& context, const Params&) {
            return Result<std::unique_ptr<Strategy>>(
                std::unique_ptr<Strategy>(new NullStrategy(context)));
          }};
}

}  // namespace ckptbench
