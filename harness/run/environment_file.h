// environment.json: what the records of one output directory share. Written when a run starts, and
// again at its end with the rate of its trials; --resume checks that it still fits.
#pragma once

#include <string>

#include "harness/core/record.h"
#include "harness/run/worker_program.h"
#include "harness/suite/suite.h"

namespace ckptbench {

struct SuiteSource {
  std::string name;  // as given
  std::string text;
  uint64_t seed = 1;
};

Environment collect_environment(const SuiteSource& suite, const Description& description,
                                const CheckedNames& names, const std::string& out);
// Throws ExitError(kEnvironment) when it cannot be written or read.
void write_environment(const Environment& environment, const std::string& out);
Environment read_environment(const std::string& out);

}  // namespace ckptbench
