// The stages that a spec may name, each described by the row beside its code. Any thread.
#pragma once

#include <vector>

#include "strategies/api/stage.h"

namespace ckptbench {

// Encoders run in the order of this list, whatever the order of their words in a spec.
const std::vector<StageRow>& native_stages();

}  // namespace ckptbench
