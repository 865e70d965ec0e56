// Whether a folder changed by something that the preload library did not see: io_uring, raw system
// calls, stores to mapped memory, a child without the library. Kills between such changes prove
// nothing, so their trial is VACUOUS; where the harness could not read what is there, it is
// HARNESS-ERROR. Free functions; any thread.
#pragma once

#include "faults/api/fault_evidence.h"
#include "faults/api/unseen_change.h"
#include "faults/folder_content.h"

namespace ckptbench {

// One sentence that names the first file that was mapped to be written, or whose bytes, or whose
// coming or going, no operation accounts for; empty: none. A write accounts for as many bytes that
// are not zero as it was given; they go where renames and links take the file. What overwrites
// bytes that were there already shows in the file's time of modification, before the next operation
// that is seen or at the end (faults/file_op/preload/stamps.h says on which file systems). Where
// one of the two could not be read whole, that is the sentence.
UnseenChange unseen_change(const FolderContent& before, const FolderContent& after,
                           const FaultEvidence& seen);

}  // namespace ckptbench
