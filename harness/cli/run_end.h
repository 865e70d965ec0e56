// The end of a run: what went wrong and how to run it again, whether the harness proved itself, and
// the exit code. Prints to stdout; no thread rule.
#pragma once

#include <string>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/record.h"

namespace ckptbench {

// `records`: the latest of each planned cell. kHarness outweighs kNotAllowed: where the harness
// cannot vouch for its result, nothing else is certain.
ExitCode summarize(const std::vector<Record>& records, const std::vector<Cell>& planned,
                   const std::string& out);
// The exit code that one record asks for.
ExitCode exit_code_of(const Record& record);

}  // namespace ckptbench
