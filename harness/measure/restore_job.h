// The role that times restores in a fresh process, cold or warm: the start of the process up to the
// first verified step, and several calls of restore(), each from a strategy opened for it.
#pragma once

#include "harness/core/error.h"
#include "harness/measure/page_cache.h"
#include "harness/train/job_context.h"

namespace ckptbench {

// How the pages for a warm restore are brought into memory; what is there then.
using ReadIntoCache = std::function<Result<CachedPages>(const std::string& folder)>;

// Fewer where half of the cell's deadline has passed before.
inline constexpr uint64_t kRestoresPerProcess = 4;

// Fills the job's report with a Record. kNotAllowed: the strategy restores nothing, not what was
// saved last, or under a wrong step; the record's error says which. Throws ExitError where the time
// would be wrong (pages that stay cached in a cold restore), or the saver's journal cannot be read.
// Where the pages for a warm one do not stay in memory, it times none, and
// observed.warm_restore_missing says so.
ExitCode run_restore(JobContext& context, const ReadIntoCache& read = read_into_cache);

}  // namespace ckptbench
