// Runs one job at a time in a process of its own and says how that process ended. When run()
// returns, the job's whole process tree is gone. One that makes no progress for the deadline
// (progress_watch.h) is asked for its stacks and killed (ProcessEnd::timed_out).
//
// Threads: make and use a runner on one thread, which outlives it (the workers die with the thread
// that started them).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "harness/core/process_end.h"
#include "harness/run/job_files.h"
#include "harness/run/worker_program.h"

namespace ckptbench {

class JobRunner {
 public:
  virtual ~JobRunner() = default;
  // REQUIRES: files.job is written. Throws Interrupted; ExitError when no worker can be started.
  virtual ProcessEnd run(const JobFiles& files, double deadline_s) = 0;
};

// Forks a warmed-up `ckpt-worker serve` for every job: milliseconds. CPU only. kPython: one that
// has an interpreter with torch, which takes seconds to start and makes its forks slower; for
// Python strategies. Both run every job.
enum class ServerKind { kNative, kPython };
std::unique_ptr<JobRunner> make_fork_runner(const WorkerProgram& worker, ServerKind kind,
                                            const std::string& server_log);
// A job that hangs has so long to write its stacks before it is killed.
inline constexpr double kStacksS = 2;
enum class Preload { kNo, kYes };
// Starts `ckpt-worker exec` anew for every job: measured cells, CUDA.
std::unique_ptr<JobRunner> make_exec_runner(const WorkerProgram& worker, Preload preload);

}  // namespace ckptbench
