// The text form of a file-operation rule and the log of the injectors, shared by the preload
// library, the worker that arms it and the judge that reads the evidence.
//
// Rule text:  action operation path occurrence when        e.g.  "kill write *.tmp 3 before"
//   operation: any | open | write | fsync | rename | link | unlink | mkdir | rmdir | truncate | close
//   (one word stands for the family: write = write, pwrite, writev, pwritev, fwrite, …)
//   path: glob relative to the root folder; occurrence: N-th match of this rule in the process, from 1
//   when: before | after | partial (the first half of a write's bytes, at least 1, then the kill)
// Log: JSON Lines, one write(2) each, written before the operation runs and before the rule acts:
//   {"n":12,"op":"write","path":"a.tmp","occurrence":3,"bytes":4096,"pid":7,"tid":7}
//   {"fault":"kill","n":12,"op":"write","path":"a.tmp","occurrence":3,"when":"before","pid":7}
// n counts the operations below the root in this process; occurrence counts (op, path).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/core/cell.h"
#include "harness/core/error.h"

namespace ckptbench {

std::string rule_text(const FileRule& rule);
Result<FileRule> parse_rule(const std::string& text);

struct FaultEvidence {
  bool fired = false;
  std::string point;  // "before write a.tmp #3 (operation 12)"; "before phase sync #2"; "moment +3.1 ms"
  uint64_t operations = 0;  // file operations seen below the root
  std::map<std::string, uint64_t> by_operation;  // the same, for each operation word
};
// A missing log means that nothing was seen; a damaged line other than the last is an error.
Result<FaultEvidence> read_fault_log(const std::string& path);

// The preload library's entry point, found with dlsym(RTLD_DEFAULT, "ckptfault_arm"). rule_text ""
// only counts and logs. Returns 0, or -1 with a line on stderr. The environment variables
// CKPTFAULT_ROOT, CKPTFAULT_RULE, CKPTFAULT_LOG do the same at load time for any other program.
using CkptFaultArm = int (*)(const char* root, const char* rule_text, int log_fd);

}  // namespace ckptbench
