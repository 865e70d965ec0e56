// The deliberately broken strategies, each wrong in one way that the oracle must name.
// Same rules as strategies/registry.h.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "strategies/api/strategy.h"
#include "strategies/broken/broken_row.h"

namespace ckptbench {

const std::vector<BrokenRow>& broken_rows();
// What the lists of strategies show of them, in the same order.
const std::vector<StrategyInfo>& broken_strategies();
Result<StrategyInfo> find_broken(const std::string& name);
Result<std::unique_ptr<Strategy>> make_broken(const Selection& selection,
                                              const StrategyContext& context);

}  // namespace ckptbench
