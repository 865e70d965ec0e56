// The sequence of a save, read from the file operations that the preload library saw
// (faults/file_op/rule.h says which it sees). Free function; any thread.
#pragma once

#include <optional>
#include <vector>

#include "faults/api/fault_evidence.h"
#include "harness/measure/save_sequence.h"
#include "harness/measure/written_files.h"

namespace ckptbench {

// `operations`: all of the save, in their order. `written`: what it left in the folder; of files
// that are gone again nothing is kept. Writes to one file count as one, at the last of them, unless
// the file is synced or renamed in between. A link counts as a rename; the rename of a folder as
// that of the file in it that was touched last; syncfs() of the folder as its fsync. A file is
// direct where more than half of its bytes were written so. Nothing: a file that was written
// without an operation that the library sees.
std::optional<SaveSequence> seen_sequence(const std::vector<FileOperation>& operations,
                                          const Written& written);

}  // namespace ckptbench
