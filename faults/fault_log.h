// The log of a job's injectors (<role>.faults.jsonl), read back: which file operations were seen,
// and the evidence of the fault. JSON Lines, one write(2) each:
//   {"n":12,"op":"write","path":"a.tmp","occurrence":3,"bytes":4096,"pid":7,"tid":7}
//   {"fault":"kill","kind":"file_op","n":12,"op":"write","path":"a.tmp","occurrence":3,"when":"before","pid":7}
//   {"fault":"kill","kind":"phase","phase":"sync","edge":"before","occurrence":2,"pid":7}
//   {"mapped":"slot.bin"}
//   {"unseen":"slot.bin"}
//   {"stamp":{"device":7,"inode":9,"changed_ns":1700000000000000000,"bytes":4096}}
// The first is written before the operation runs (faults/file_op/rule.h says which are seen), with
// "direct":true where a write goes past the page cache (O_DIRECT) and "reserves":true where a
// truncate sets space aside (fallocate); the next two before the fault acts. `mapped` says that a
// file can be written through memory from there on, `unseen` that one showed a change that no
// operation has made; at the end of a job that ended in order stands a stamp of each file that was
// touched. `kind` names the row that knows the rest of the line. Free functions; any thread.
#pragma once

#include <string>

#include "faults/api/fault_evidence.h"
#include "harness/core/error.h"

namespace ckptbench {

class FaultKinds;

// A missing log means that nothing was seen; a damaged line other than the last is an error.
Result<FaultEvidence> read_fault_log(const std::string& path, const FaultKinds& kinds);
Result<FaultEvidence> read_fault_log(const std::string& path);  // of the shipped kinds

}  // namespace ckptbench
