#include "harness/worker/measure.h"

namespace ckptbench {

ExitCode run_measure(JobContext&) {
  throw ExitError(ExitCode::kEnvironment, "measure: not built");
}

}  // namespace ckptbench
