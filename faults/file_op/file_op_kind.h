// A kill at a file operation below the checkpoint directory (rule.h), by whatever thread or process
// of the job. Where a suite asks for a share, or for a sweep, the points are those of an
// undisturbed run: each distinct (operation, path, occurrence on that path) is one. Parts of a path
// that differ from run to run (a process id, a random name, a digest of what is random) are
// replaced by '*', and then it is the occurrence among all operations that match. The other row has
// no kill: the operations are only counted.
#pragma once

#include "faults/fault.h"

namespace ckptbench {

FaultKind file_op_kind();
FaultKind no_fault_kind();

// The path with such parts replaced; a '*' or '?' of its own stays. "run-48213/tmpk3x9w2ab" is
// "run-*/tmp*"; numbers padded with zeros ("ckpt-00000012") are kept, a run counts them itself.
std::string path_pattern(const std::string& path);

}  // namespace ckptbench
