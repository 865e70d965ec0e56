// The peers: torch::save and Python strategies ("python:FILE.py:Class", and the shipped ones).
// Same rules as strategies/registry.h.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "strategies/strategy.h"

namespace ckptbench {

const std::vector<StrategyInfo>& peer_strategies();
Result<StrategyInfo> find_peer(const std::string& name);
Result<std::unique_ptr<Strategy>> make_peer(const Selection& selection,
                                            const StrategyContext& context);

}  // namespace ckptbench
