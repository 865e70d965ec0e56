// A kill at an edge of a phase of the strategy: the occurrence-th time that any thread of the job
// passes it. A phase `restore` is passed by a recovery, which it kills; the next one counts.
#pragma once

#include "faults/api/fault_kind.h"

namespace ckptbench {

FaultKind phase_kind();

}  // namespace ckptbench
