#include "harness/worker/restore.h"

namespace ckptbench {

ExitCode run_restore(JobContext&) {
  throw ExitError(ExitCode::kEnvironment, "restore: not built");
}

}  // namespace ckptbench
