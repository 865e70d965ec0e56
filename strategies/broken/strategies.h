// One factory per broken strategy; each .cc names its flaw. registry.h is the way in.
#pragma once

#include <memory>

#include "strategies/api/strategy.h"

namespace ckptbench {

std::unique_ptr<Strategy> make_in_place(const StrategyContext& context);
std::unique_ptr<Strategy> make_early_rename(const StrategyContext& context);
std::unique_ptr<Strategy> make_live_reference(const StrategyContext& context);
std::unique_ptr<Strategy> make_no_optimizer(const StrategyContext& context);
std::unique_ptr<Strategy> make_no_rng(const StrategyContext& context);
std::unique_ptr<Strategy> make_early_ack(const StrategyContext& context);
std::unique_ptr<Strategy> make_no_verify(const StrategyContext& context);
std::unique_ptr<Strategy> make_retire_early(const StrategyContext& context);
std::unique_ptr<Strategy> make_mutating(const StrategyContext& context);
std::unique_ptr<Strategy> make_leaking(const StrategyContext& context);
std::unique_ptr<Strategy> make_leaking_heap(const StrategyContext& context);
std::unique_ptr<Strategy> make_raising(const StrategyContext& context);
std::unique_ptr<Strategy> make_hanging(const StrategyContext& context);
std::unique_ptr<Strategy> make_restarting(const StrategyContext& context);

}  // namespace ckptbench
