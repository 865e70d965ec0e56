// The peers: torch::save and Python strategies ("python:FILE.py:Class", and the shipped ones).
// Same rules as strategies/registry.h.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "strategies/api/strategy.h"

namespace ckptbench {

const std::vector<StrategyInfo>& peer_strategies();
Result<StrategyInfo> find_peer(const std::string& name);
Result<std::unique_ptr<Strategy>> make_peer(const Selection& selection,
                                            const StrategyContext& context);

// Loads into this process what making the peer would load: for a Python class the interpreter and
// its imports; for the others nothing. Errors as make_peer.
Status preload_peer(const Selection& selection);

// Starts Python and imports torch and its distributed checkpoint in this process, so that children
// forked later need not: it costs seconds once, and makes each of those forks slower. Error: Python
// or torch cannot be loaded.
Status warm_python();

}  // namespace ckptbench
