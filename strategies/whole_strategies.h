// The native strategies that are no composition of stages, each described by the row beside its
// code. Any thread.
#pragma once

#include <vector>

#include "strategies/api/strategy_row.h"

namespace ckptbench {

const std::vector<StrategyRow>& whole_strategies();

}  // namespace ckptbench
