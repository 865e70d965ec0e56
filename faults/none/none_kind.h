// The kind without a fault: the run goes on, and its file operations are counted and logged.
#pragma once

#include "faults/api/fault_kind.h"

namespace ckptbench {

FaultKind none_kind();

}  // namespace ckptbench
