// The results folder of an earlier run, or of a new one, as the command line names it. Reads the
// file system; no thread rule.
#pragma once

#include <string>

#include "results/record_store.h"

namespace ckptbench {

// Throws ExitError(kUsage) where `directory` does not exist, with near names of results folders
// beside it, or where it lacks `file` ("results.jsonl", "environment.json").
void check_results_folder(const std::string& directory, const std::string& file);

// `path`, or of the folders above it the first that exists.
std::string nearest_existing(const std::string& path);
// Throws ExitError(kUsage) where `out`, or a part of its path, is a file.
void check_out_folder(const std::string& out);

// Where a run's results lie that are given no place.
inline constexpr const char* kResultsParent = "ckptbench-results";
// Makes `out`, or where that is empty kResultsParent/<name>-<time>; its canonical path. Throws
// ExitError(kUsage) where it holds the results of a run; `expected` says what to do instead.
std::string make_results_folder(const std::string& out, const std::string& name,
                                const std::string& expected);

// Its results.jsonl, locked: before this nothing in the folder may be changed, which may belong to
// a run at work. Throws ExitError(kEnvironment) where it does.
RecordStore open_store(const std::string& out);

}  // namespace ckptbench
