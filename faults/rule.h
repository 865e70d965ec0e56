// The text form of a file-operation rule and the log of the injectors, shared by the preload
// library, the worker that arms it and the judge that reads the evidence. Free functions; any
// thread.
//
// Rule text:  action operation path occurrence when        e.g.  "kill write *.tmp 3 before"
//   operation: any | open | write | fsync | rename | link | unlink | mkdir | rmdir | truncate |
//   close (one word stands for the family: write = write, pwrite, writev, pwritev, fwrite, …) path:
//   glob relative to the root folder, * and ? also match '/'; may contain spaces occurrence: N-th
//   match of this rule in the process, from 1 when: before | after | partial (the first half of a
//   write's bytes, at least 1, then the kill; such a rule matches writes only). `after` kills after
//   the operation, whether it succeeded or not
// Counted are operations that can change what is on disk: opens that create, truncate or may write,
// and closes of such descriptors; a folder's fsync counts though the folder was opened to read.
// Log: JSON Lines, one write(2) each, written before the operation runs and before the rule acts:
//   {"n":12,"op":"write","path":"a.tmp","occurrence":3,"bytes":4096,"pid":7,"tid":7}
//   {"fault":"kill","n":12,"op":"write","path":"a.tmp","occurrence":3,"when":"before","pid":7}
// A descriptor keeps the name it was opened under, also after a rename; mkstemp logs its template.
// Not seen: stores to mapped memory (msync is), io_uring, raw syscall(), writes through freopen.
// n counts the operations below the root in this process; occurrence counts (op, path).
// The other injectors append to the same log (Trace::arm_kill; the worker's timer, which writes
// when it is armed, and writes "disarmed" when the process ends in order before it strikes):
//   {"fault":"kill","phase":"sync","edge":"before","occurrence":2,"pid":7}
//   {"fault":"kill","moment_ns":3100000,"pid":7}      {"fault":"disarmed","pid":7}
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/core/cell.h"
#include "harness/core/error.h"

namespace ckptbench {

// The operation words above, "any" first.
const std::vector<std::string>& rule_operations();

std::string rule_text(const FileRule& rule);
// Errors name the word that is wrong, what was expected there, and near names.
Result<FileRule> parse_rule(const std::string& text);

struct FaultEvidence {
  bool fired = false;
  // "before write a.tmp #3 (operation 12)"; "before phase sync #2"; "moment +3.1 ms"
  std::string point;
  uint64_t operations = 0;                       // file operations seen below the root
  std::map<std::string, uint64_t> by_operation;  // the same, for each operation word
};
// A missing log means that nothing was seen; a damaged line other than the last is an error.
Result<FaultEvidence> read_fault_log(const std::string& path);

// The preload library's entry point, found with dlsym(RTLD_DEFAULT, "ckptfault_arm"). rule_text ""
// only counts and logs; root "" disarms. Every call replaces what was there and counts from zero,
// so that a forked child arms itself anew. Not while other threads use the root folder. Returns 0,
// or -1 with a line on stderr. The environment variables CKPTFAULT_ROOT, CKPTFAULT_RULE (a rule
// text or empty) and CKPTFAULT_LOG (a file, appended to) do the same at load time for any other
// program.
using CkptFaultArm = int (*)(const char* root, const char* rule_text, int log_fd);

}  // namespace ckptbench
