// The folder of an earlier run, as the command line names it. Reads the file system; no thread
// rule.
#pragma once

#include <string>

namespace ckptbench {

// Throws ExitError(kUsage) where `directory` does not exist, with near names of results folders
// beside it, or where it lacks `file` ("results.jsonl", "environment.json").
void check_results_folder(const std::string& directory, const std::string& file);

}  // namespace ckptbench
