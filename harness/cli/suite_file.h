// Finds a suite: a file, or the name of a shipped one (suites/ of the source, or beside the
// executable where it is installed). Reads files; no thread rule.
#pragma once

#include <string>

#include "harness/run/environment_file.h"

namespace ckptbench {

// Throws ExitError(kUsage): no such file and no such shipped suite, with near names.
SuiteSource read_suite_file(const std::string& name);

}  // namespace ckptbench
