#include <signal.h>

#include <filesystem>

#include "harness/platform/process.h"
#include "harness/run/job_runner.h"
#include "harness/run/progress_watch.h"

namespace ckptbench {
namespace {

constexpr double kEndS = 30;

class ExecRunner : public JobRunner {
 public:
  ExecRunner(WorkerProgram worker, Preload preload)
      : worker_(std::move(worker)), preload_(preload) {}

  ProcessEnd run(const JobFiles& files, double deadline_s) override {
    SpawnOptions options;
    options.argv = {worker_.executable, "exec", files.job};
    options.environment =
        preload_ == Preload::kYes ? preload_environment(worker_) : worker_environment(worker_);
    options.out = Stdio::file(files.log);
    options.err = Stdio::file(files.log);
    auto spawned = Process::spawn(options);
    if (!spawned) throw ExitError(ExitCode::kEnvironment, spawned.error().message);
    Process& process = spawned.value();

    ProcessEnd end;
    ProgressWatch watch(files, deadline_s);
    ProgressWatch::State state = ProgressWatch::State::kGoing;
    while (state == ProgressWatch::State::kGoing) {
      const WaitEnd wait = process.wait(Until::seconds(watch.pause_s(), worker_.interrupt_fd));
      if (wait == WaitEnd::kReady) break;
      if (wait == WaitEnd::kInterrupted) {
        process.end_group(Until::seconds(kEndS));
        throw Interrupted{};
      }
      state = watch.look(process.pid());
    }
    end.timed_out = state == ProgressWatch::State::kHangs;
    end.over_limit = state == ProgressWatch::State::kTooLong;
    if (end.timed_out || end.over_limit) {
      end.stacks_path = files.log;  // the worker writes its stacks to stderr
      // It may have ended meanwhile: then there is no process to ask.
      if (process.signal(SIGRTMIN + 1)) process.wait(Until::seconds(kStacksS));
    }
    if (!process.end_group(Until::seconds(kEndS))) {
      throw ExitError(ExitCode::kHarness, "a worker process could not be killed: " + files.job);
    }
    const auto& status = process.status();
    if (!end.timed_out && !end.over_limit && status) {
      end.exited = status->exited;
      end.exit_code = status->exit_code;
      end.signal = status->signal;
    }
    return end;
  }

 private:
  WorkerProgram worker_;
  Preload preload_;
};

}  // namespace

std::unique_ptr<JobRunner> make_exec_runner(const WorkerProgram& worker, Preload preload) {
  return std::make_unique<ExecRunner>(worker, preload);
}

}  // namespace ckptbench
