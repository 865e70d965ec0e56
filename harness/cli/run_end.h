// The end of a run: what went wrong and how to run it again, whether the harness proved itself, and
// the exit code. Prints to stdout; no thread rule.
#pragma once

#include <string>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/known_failure.h"
#include "harness/core/record.h"

namespace ckptbench {

// Where a run's results are, and how ckptbench is called: for commands that are printed.
struct RunPlace {
  std::string command_line = "ckptbench";
  std::string out;
};
// `records`: the latest of each planned cell. A verdict that is not allowed gives kNotAllowed even
// where something else gives kHarness; both are counted on stdout. Of what went wrong, the id and
// the command that runs it again, once for equal reasons: the report has told them.
ExitCode summarize(const std::vector<Record>& records, const std::vector<Cell>& planned,
                   const std::vector<KnownFailure>& known, const RunPlace& place);
// Which of two codes a run ends with. Order: 1, 4, 3. A wrong strategy is reported first, then what
// this machine lacks, then what has no verdict.
ExitCode worse(ExitCode a, ExitCode b);
// The exit code that one record asks for.
ExitCode exit_code_of(const Record& record);
// Of a run that was interrupted: 1 where something was not allowed by then, else 3.
ExitCode interrupted_code(const std::vector<Record>& records);

}  // namespace ckptbench
