#include "harness/worker/run_job.h"

#include <unistd.h>

#include <cstdio>

#include "harness/measure/measure_job.h"
#include "harness/measure/restore_job.h"
#include "harness/measure/watch_job.h"
#include "harness/train/ask_retained.h"
#include "harness/train/recover.h"
#include "harness/train/train.h"

namespace ckptbench {

ExitCode run_job(const std::string& job_path, const MakeDevice& make_device) {
  const auto job = read_job(job_path);
  if (!job) throw ExitError(ExitCode::kUsage, job.error().message);
  JobContext context(job.value(), make_device);
  switch (job.value().role) {
    case JobRole::kReference:
      return run_reference(context);
    case JobRole::kTrain:
      return run_train(context);
    case JobRole::kRecover:
      return run_recover(context);
    case JobRole::kMeasure:
      return run_measure(context);
    case JobRole::kRestore:
      return run_restore(context);
    case JobRole::kWatch:
      return run_watch(context);
    case JobRole::kRetained:
      return run_retained(context);
  }
  throw ExitError(ExitCode::kUsage, job_path + ": a job without a role");
}

int run_job_to_exit_code(const std::string& job_path, const MakeDevice& make_device) {
  try {
    return static_cast<int>(run_job(job_path, make_device));
  } catch (const ExitError& error) {
    std::fprintf(stderr, "ckpt-worker: %s\n", error.what());
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ckpt-worker: unexpected: %s\n", error.what());
    return static_cast<int>(ExitCode::kHarness);
  }
}

void leave(int exit_code) {
  std::fflush(nullptr);
  ::_exit(exit_code);
}

}  // namespace ckptbench
