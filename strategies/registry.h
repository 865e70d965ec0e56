// The native strategies by name: presets, `null`, and compositions of stages such as
// "staged+planes+zstd@dir". Peers (torch) have strategies/peers/registry.h, the ones broken on
// purpose strategies/broken/registry.h. Free functions over constant tables; any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "strategies/strategy.h"

namespace ckptbench {

// One row per stage that a spec may name.
struct StageInfo {
  std::string kind;  // "capture" | "encode" | "place" | "store"
  std::string name;
  std::string summary;
};

const std::vector<StrategyInfo>& native_strategies();
const std::vector<StageInfo>& pipeline_stages();

// The row for a preset, or one composed for a spec. Unknown names are errors with near names.
Result<StrategyInfo> find_native(const std::string& name);

// REQUIRES: find_native(selection.name) succeeded and the params were checked against its rows.
// Errors: the directory is leased by another writer, or cannot be used.
Result<std::unique_ptr<Strategy>> make_native(const Selection& selection,
                                              const StrategyContext& context);

}  // namespace ckptbench
