// The native strategies by name: whole ones (strategies/whole_strategies.h), presets, and
// compositions of stages such as "staged+planes+zstd@dir". Peers (torch) have
// strategies/peers/peer_list.h, the ones broken on purpose strategies/broken/broken_list.h. Free
// functions over constant tables; any thread. `wholes`: the list that they read.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "strategies/api/strategy.h"
#include "strategies/whole_strategies.h"

namespace ckptbench {

// With the claims of their default parameters.
const std::vector<StrategyInfo>& native_strategies();
std::vector<StrategyInfo> native_strategies(const std::vector<StrategyRow>& wholes);

// The row of a whole strategy or a preset, or one composed for a spec, with the claim, and whether
// it may skip saves, for these parameters; for the defaults where they are not valid. Unknown names
// are errors with near names.
Result<StrategyInfo> find_native(const Selection& selection,
                                 const std::vector<StrategyRow>& wholes = whole_strategies());

// What is wrong with `params` that their rows do not say. REQUIRES: find_native succeeded for the
// name; params of its rows.
Status check_native(const std::string& name, const Params& params);

// All parameters as make_native uses them: in place of a number of threads that is 0, the number
// that stands for it here. REQUIRES: as make_native.
ParamText used_params(const Selection& selection, uint64_t training_threads);

// REQUIRES: find_native(selection) succeeded and the params were checked against its rows.
// Errors: the directory is leased by another writer, or cannot be used.
Result<std::unique_ptr<Strategy>> make_native(
    const Selection& selection, const StrategyContext& context,
    const std::vector<StrategyRow>& wholes = whole_strategies());

}  // namespace ckptbench
