// The deliberately broken strategies, each wrong in one way that the oracle must name.
// Same rules as strategies/registry.h.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "strategies/strategy.h"

namespace ckptbench {

const std::vector<StrategyInfo>& broken_strategies();
Result<StrategyInfo> find_broken(const std::string& name);
Result<std::unique_ptr<Strategy>> make_broken(const Selection& selection,
                                           const StrategyContext& context);

}  // namespace ckptbench
