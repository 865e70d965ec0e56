// The preload library beneath this process (faults/file_op/preload), for what wants file operations
// counted or met. Free functions; the thread rule of arming is that of ArmSite, the others: any
// thread.
#pragma once

#include <cstdint>
#include <string>

#include "faults/api/fault_kind.h"

namespace ckptbench {

// What LD_PRELOAD must hold so that a program starts with the library beneath it: its path; behind
// the sanitizer's runtime where this process runs with one, since that runtime refuses to start
// unless it comes first. Its own hooks then call ours, which call libc.
std::string ld_preload(const std::string& fault_library);

// Its entry point, found with dlsym(RTLD_DEFAULT, "ckptfault_arm"). rule_text "" only counts and
// logs; log_path "" only counts; root "" disarms. The log is appended to. Every call replaces what
// was there and counts from zero; not while other threads use the root folder. Returns 0, or -1
// with a line on stderr. The environment variables CKPTFAULT_ROOT, CKPTFAULT_RULE (a rule text or
// empty) and CKPTFAULT_LOG do the same at load time for any other program.
using CkptFaultArm = int (*)(const char* root, const char* rule_text, const char* log_path);

// `rule`: as of faults/file_op/rule.h; empty: none. Throws ExitError: the library is not there, or
// refuses the rule.
void arm_preload_library(const ArmSite& site, const std::string& rule);

// Counts operations below the directory without a log, so that the harness sees signs of life;
// nothing where they are counted already, and where the library is not there, as in measured cells.
// Throws ExitError.
void count_file_operations(const std::string& directory);

// To the log, where there is one: what the operations have left of each file (faults/fault_log.h).
// At the end of a job, when its strategy is gone.
void log_file_stamps();

// Operations so far that can change something below the directory: all but closes. 0: nothing is
// counted.
struct SeenChanges {
  uint64_t count = 0;
  std::string last;  // the path of the last of them; empty: not known
};
SeenChanges seen_changes();

}  // namespace ckptbench
