// The results folder of an earlier run, or of a new one, as the command line names it. Reads the
// file system; no thread rule.
#pragma once

#include <string>

#include "results/record_store.h"

namespace ckptbench {

// Throws ExitError(kUsage) where `directory` does not exist, with near names of results folders
// beside it, or where it lacks `file` ("results.jsonl", "environment.json").
void check_results_folder(const std::string& directory, const std::string& file);

// Makes `out`, or where that is empty ckptbench-results/<name>-<time>; its canonical path. Throws
// ExitError(kUsage) where it holds the results of a run; `expected` says what to do instead.
std::string make_results_folder(const std::string& out, const std::string& name,
                                const std::string& expected);

// Its results.jsonl, locked: before this nothing in the folder may be changed, which may belong to
// a run at work. Throws ExitError(kEnvironment) where it does.
RecordStore open_store(const std::string& out);

}  // namespace ckptbench
