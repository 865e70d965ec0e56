// Factories of the strategies whose flaw is what they delete on request.
#pragma once

#include <memory>

#include "strategies/api/strategy.h"

namespace ckptbench {

std::unique_ptr<Strategy> make_keep_newest(const StrategyContext& context);
std::unique_ptr<Strategy> make_forget_best(const StrategyContext& context);

}  // namespace ckptbench
