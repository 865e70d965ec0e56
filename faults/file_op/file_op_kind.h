// A kill at a file operation below the checkpoint directory (rule.h), by whatever thread or process
// of the job. Where a suite asks for a share, or for a sweep, the points are those of an
// undisturbed run: each distinct (operation, path, occurrence on that path) is one. Parts of a path
// that differ from run to run (path_pattern.h) are replaced by '*', and then it is the occurrence
// among all operations that match.
#pragma once

#include "faults/api/fault_kind.h"

namespace ckptbench {

FaultKind file_op_kind();

}  // namespace ckptbench
