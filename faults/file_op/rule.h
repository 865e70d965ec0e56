// The text form of a file-operation rule, shared by the preload library and the worker that arms
// it. Free functions; any thread.
//
// Rule text:  action operation path occurrence when        e.g.  "kill write *.tmp 3 before"
//   action: kill
//   operation: any | open | write | fsync | rename | link | unlink | mkdir | rmdir | truncate |
//     close. One word stands for the family: write is also pwrite, writev, pwritev, fwrite, …
//   path: glob relative to the root folder, * and ? also match '/'; may contain spaces
//   occurrence: "3" is the third operation of the job that matches the rule, from 1. "#3" is one
//     that matches and is the third of its kind on its own path: with the path written out it names
//     one point, however the threads of the job race on other paths
//   when: before | after | partial. `partial` kills after the first half of a write's bytes, at
//     least 1, and matches writes only; `after` kills after the operation, whether or not it
//     succeeded
//
// Counted are operations that can change what is on disk: opens that create, truncate or may write,
// and closes of such descriptors; a folder's fsync counts though the folder was opened to read.
//
// All processes of a job count together: the one that was armed, what it forks, and what those
// execute (the rule travels in the environment, also into an environment that a program passes by
// hand). At the point, operations in progress finish first, new ones are held, and the kill comes
// when none is left. What lies below the root is then exactly what the logged operations have done,
// the last one according to `when`. Operations that are still not done after two seconds are not
// waited for.
//
// A descriptor keeps the name it was opened under, also after a rename; mkstemp logs its template.
// Not seen: stores to mapped memory (msync is, and the mapping is logged), io_uring, raw syscall(),
// writes through freopen, programs that are linked statically or started by execle(). What they do
// to a file that is seen shows in its time of modification (faults/file_op/preload/stamps.h);
// faults/unseen.h finds out. n counts the operations below the root in this job; occurrence counts
// (op, path).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "faults/api/fault_evidence.h"
#include "harness/core/error.h"

namespace ckptbench {

struct FileRule {
  std::string operation = "any";
  std::string path = "*";
  uint64_t occurrence = 1;
  std::string when = "before";
  bool on_its_path = false;  // "#3"
};

// The operation words above, "any" first.
const std::vector<std::string>& rule_operations();

std::string rule_text(const FileRule& rule);
// Errors name the word that is wrong, what was expected there, and near names.
Result<FileRule> parse_rule(const std::string& text);

// True for an operation that counts for the rule.
bool rule_matches(const FileRule& rule, const FileOperation& operation);

}  // namespace ckptbench
