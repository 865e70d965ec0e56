// Finds a suite: a file, or the name of a shipped one (suites/ of the source, or beside the
// executable where it is installed). Reads files; no thread rule.
#pragma once

#include <string>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/known_failure.h"

namespace ckptbench {

struct SuiteFile {
  std::string path;
  std::string text;
};

// Throws ExitError(kUsage): no such file and no such shipped suite, with near names.
SuiteFile read_suite_file(const std::string& name);
// What is known of the shipped strategies: known_failures.toml beside the shipped suites. Throws
// ExitError(kEnvironment) where it is missing or wrong.
std::vector<KnownFailure> shipped_known_failures();

}  // namespace ckptbench
