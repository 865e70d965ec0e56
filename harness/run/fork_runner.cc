#include <fmt/format.h>
#include <sys/wait.h>

#include "harness/core/json_text.h"
#include "harness/platform/process.h"
#include "harness/run/job_runner.h"
#include "harness/run/progress_watch.h"

namespace ckptbench {
namespace {

constexpr double kStartS = 60;
constexpr double kKillS = 30;

using Line = Process::Line;

class ForkRunner : public JobRunner {
 public:
  ForkRunner(WorkerProgram worker, ServerKind kind, std::string log)
      : worker_(std::move(worker)), kind_(kind), log_(std::move(log)) {}

  ProcessEnd run(const JobFiles& files, double deadline_s) override {
    if (!server_) start();
    if (!send({{"job", files.job}, {"log", files.log}})) return lost();
    ProgressWatch watch(files, deadline_s);
    pid_t job = 0;
    for (;;) {
      const Line line = server_->read_line(Until::seconds(watch.pause_s(), worker_.interrupt_fd));
      if (line.end == WaitEnd::kInterrupted) {
        // Its destructor ends the whole group.
        server_.reset();
        throw Interrupted{};
      }
      if (line.end == WaitEnd::kDeadline) {
        const ProgressWatch::State state = watch.look(job);
        if (state != ProgressWatch::State::kGoing) return end_job(files, state);
        continue;
      }
      if (!line.text) return lost();
      const auto json = try_parse_json(*line.text);
      if (!json.is_object()) continue;
      job = json.value("started", job);
      if (json.contains("exited")) return end_of(json.value("status", 0));
    }
  }

 private:
  struct Answer {
    WaitEnd end = WaitEnd::kReady;
    std::optional<int> status;  // kReady without: the server is gone
  };

  void start() {
    SpawnOptions options;
    options.argv = {worker_.executable, "serve"};
    if (kind_ == ServerKind::kPython) options.argv.push_back("--python");
    options.environment = trial_environment(worker_);
    options.in = Stdio::pipe();
    options.out = Stdio::pipe();
    options.err = Stdio::file(log_);
    auto spawned = Process::spawn(options);
    if (!spawned) throw ExitError(ExitCode::kEnvironment, spawned.error().message);
    server_.emplace(std::move(spawned).value());
    const Line line = server_->read_line(Until::seconds(kStartS, worker_.interrupt_fd));
    if (line.end == WaitEnd::kInterrupted) {
      server_.reset();
      throw Interrupted{};
    }
    const auto json = try_parse_json(line.text.value_or(""));
    if (json.is_discarded() || !json.contains("ready")) {
      server_.reset();
      throw ExitError(ExitCode::kEnvironment, fmt::format("{} serve did not become ready; see {}",
                                                          worker_.executable, log_));
    }
  }

  bool send(const nlohmann::json& command) {
    return static_cast<bool>(server_->write_line(json_text(command)));
  }

  Answer await(const std::string& key, const Until& until) {
    while (true) {
      const Line line = server_->read_line(until);
      if (line.end != WaitEnd::kReady) return {line.end, std::nullopt};
      if (!line.text) return {};
      const auto json = try_parse_json(*line.text);
      if (json.is_object() && json.contains(key)) return {WaitEnd::kReady, json.value("status", 0)};
    }
  }

  ProcessEnd end_job(const JobFiles& files, ProgressWatch::State state) {
    ProcessEnd end;
    (state == ProgressWatch::State::kHangs ? end.timed_out : end.over_limit) = true;
    end.stacks_path = files.stacks;
    if (!send({{"stacks", files.stacks}})) return lost();
    Answer answer = await("exited", Until::seconds(kStacksS));
    if (answer.end == WaitEnd::kDeadline) {
      if (!send({{"kill", true}})) return lost();
      answer = await("exited", Until::seconds(kKillS));
    }
    if (!answer.status) server_.reset();
    return end;
  }

  static ProcessEnd end_of(int status) {
    ProcessEnd end;
    end.exited = WIFEXITED(status);
    if (end.exited) end.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
    return end;
  }

  // The server itself died: the job's end is unknown, which the judge calls a harness error.
  ProcessEnd lost() {
    server_.reset();
    return {};
  }

  WorkerProgram worker_;
  ServerKind kind_;
  std::string log_;
  std::optional<Process> server_;
};

}  // namespace

std::unique_ptr<JobRunner> make_fork_runner(const WorkerProgram& worker, ServerKind kind,
                                            const std::string& server_log) {
  return std::make_unique<ForkRunner>(worker, kind, server_log);
}

}  // namespace ckptbench
