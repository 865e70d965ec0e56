// The real ckpt-worker binary, driven as the parent drives it: jobs on disk, exec and serve.
// For tests; one thread.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "faults/api/preload_library.h"
#include "harness/core/job.h"
#include "harness/core/journal.h"
#include "harness/core/json_text.h"
#include "harness/core/recovery.h"
#include "harness/platform/clock.h"
#include "harness/platform/files.h"

namespace ckptbench {

inline constexpr int64_t kTestDeadlineNs = 60'000'000'000;

// A cell's folder and the jobs in it.
class JobFolder {
 public:
  explicit JobFolder(const std::string& parent = "")
      : folder_(std::move(TempDir::make("worker-test", parent)).value()) {
    cell_.id = "test";
    cell_.kind = CellKind::kTrial;
    cell_.workload.name = "digits-mlp";
    cell_.strategy.name = "sync";
    cell_.policy.every_steps = 2;
    cell_.steps = 8;
    cell_.deadline_s = 30;
    std::filesystem::create_directory(path("checkpoints"));
  }

  Cell& cell() { return cell_; }
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }

  Job job(JobRole role, const std::string& name) const {
    return {.role = role,
            .cell = cell_,
            .run_id = name,
            .checkpoint_dir = path("checkpoints"),
            .journal_path = path(name + ".journal.jsonl"),
            .report_path = path(name + ".report.json"),
            .fault_log_path = "",
            .scratch_dir = folder_.path()};
  }
  std::string write(const Job& job) const {
    const std::string file = path(job.run_id + ".job.json");
    std::ofstream(file) << json_text(job);
    return file;
  }
  std::string write(JobRole role, const std::string& name) const { return write(job(role, name)); }

  std::vector<JournalEntry> journal(const std::string& name) const {
    auto contents = read_journal(path(name + ".journal.jsonl"));
    if (!contents) throw std::runtime_error(contents.error().message);
    return contents.value().entries;
  }
  std::map<uint64_t, ComponentDigests> digests(const std::string& name) const {
    std::map<uint64_t, ComponentDigests> found;
    for (const JournalEntry& entry : journal(name)) {
      if (entry.event == Event::kStep) found[entry.step] = entry.digests;
    }
    return found;
  }
  RecoveryReport recovery(const std::string& name) const {
    auto report = read_recovery(path(name + ".report.json"));
    if (!report) throw std::runtime_error(report.error().message);
    return std::move(report).value();
  }
  std::string text(const std::string& name) const {
    auto content = read_file(path(name));
    return content ? std::move(content).value() : "";
  }

 private:
  TempDir folder_;
  Cell cell_;
};

inline std::vector<JournalEntry> only(const std::vector<JournalEntry>& journal, Event event) {
  std::vector<JournalEntry> found;
  for (const JournalEntry& entry : journal) {
    if (entry.event == event) found.push_back(entry);
  }
  return found;
}

// What the strategy itself reported to the observer; wait() and save() acknowledge beside it.
inline std::vector<JournalEntry> reported_durable(const std::vector<JournalEntry>& journal) {
  std::vector<JournalEntry> found = only(journal, Event::kDurable);
  std::erase_if(found, [](const JournalEntry& entry) { return entry.by != "observer"; });
  return found;
}

// A running ckpt-worker; killed by the destructor.
class WorkerProcess {
 public:
  WorkerProcess(const std::vector<std::string>& arguments, const std::string& log,
                const std::string& preload = "") {
    int in[2];
    int out[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) {
      throw std::runtime_error("pipe2");
    }
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(in[0], STDIN_FILENO);
      ::dup2(out[1], STDOUT_FILENO);
      ::dup2(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644), STDERR_FILENO);
      // As its default asks for, so that it need not start anew.
      for (const char* name : {"OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"}) {
        ::setenv(name, "1", 1);
      }
      if (!preload.empty()) ::setenv("LD_PRELOAD", ld_preload(preload).c_str(), 1);
      std::vector<char*> list{const_cast<char*>(CKPT_WORKER)};
      for (const std::string& argument : arguments) {
        list.push_back(const_cast<char*>(argument.c_str()));
      }
      list.push_back(nullptr);
      ::execv(CKPT_WORKER, list.data());
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    to_ = in[1];
    from_ = out[0];
  }
  WorkerProcess(const WorkerProcess&) = delete;
  ~WorkerProcess() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    close_input();
    ::close(from_);
  }

  pid_t pid() const { return pid_; }
  void close_input() {
    if (to_ >= 0) ::close(to_);
    to_ = -1;
  }
  void send(const nlohmann::json& line) {
    const std::string text = json_text(line) + "\n";
    ASSERT_EQ(::write(to_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  // The next line; null at the end of the stream or after the test's deadline.
  nlohmann::json receive() {
    const int64_t until_ns = now_ns() + kTestDeadlineNs;
    for (;;) {
      const size_t end = buffer_.find('\n');
      if (end != std::string::npos) {
        const std::string line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        return parse_json(line);
      }
      pollfd source{from_, POLLIN, 0};
      const int64_t left_ms = (until_ns - now_ns()) / 1'000'000;
      if (left_ms <= 0 || ::poll(&source, 1, static_cast<int>(left_ms)) <= 0) return nullptr;
      char bytes[4096];
      const ssize_t got = ::read(from_, bytes, sizeof bytes);
      if (got <= 0) return nullptr;
      buffer_.append(bytes, static_cast<size_t>(got));
    }
  }
  // The wait status.
  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_ = -1;
  int to_ = -1;
  int from_ = -1;
  std::string buffer_;
};

// Runs one job in a process of its own; the wait status. Standard error goes to `exec.log`.
inline int exec_job(const JobFolder& folder, const std::string& job_path,
                    const std::string& preload = "") {
  WorkerProcess process({"exec", job_path}, folder.path("exec.log"), preload);
  return process.wait();
}

inline bool exited_with(int status, ExitCode code) {
  return WIFEXITED(status) && WEXITSTATUS(status) == static_cast<int>(code);
}
inline bool killed(int status) {
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

}  // namespace ckptbench
