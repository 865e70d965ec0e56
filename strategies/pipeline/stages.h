// The stages that a spec may name. Free function over a constant table; any thread.
#pragma once

#include <string>
#include <vector>

namespace ckptbench {

// One row per stage that a spec may name.
struct StageInfo {
  std::string kind;  // "capture" | "encode" | "place" | "store"
  std::string name;
  std::string summary;
};

const std::vector<StageInfo>& pipeline_stages();

}  // namespace ckptbench
