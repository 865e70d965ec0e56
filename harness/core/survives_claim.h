// What a strategy claims that its checkpoints survive, as people write it. Plain functions; any
// thread.
#pragma once

#include <string_view>

#include "harness/core/error.h"
#include "harness/core/observer.h"

namespace ckptbench {

// "process,power". What survives the loss of power, of the host or of its disk survives the death
// of the process, so a claim without `process` is an error, and so is an unknown word. The empty
// claim is one.
Result<Survives> read_claim(std::string_view text);

}  // namespace ckptbench
