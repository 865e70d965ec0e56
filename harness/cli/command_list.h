// The commands of ckptbench, in the order of its help. Any thread.
#pragma once

#include <vector>

#include "harness/cli/command.h"

namespace ckptbench {

const std::vector<CommandRow>& all_commands();

}  // namespace ckptbench
