#include "harness/cli/system/bench_process.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

#include "harness/core/selection_text.h"
#include "results/record_store.h"

namespace ckptbench {
namespace {

constexpr double kLongS = 580;
constexpr auto kTick = std::chrono::milliseconds(2);

std::vector<std::string> with_program(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), CKPT_BENCH);
  return arguments;
}

Process spawn(const std::vector<std::string>& command, const std::string& log) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  SpawnOptions options;
  options.argv = command;
  options.out = Stdio::file(log);
  options.err = Stdio::file(log);
  auto process = Process::spawn(options);
  if (!process) throw std::runtime_error(process.error().message);
  return std::move(process).value();
}

}  // namespace

TempDir fresh_folder() {
  auto folder = TempDir::make("ckptbench-system");
  if (!folder) throw std::runtime_error(folder.error().message);
  return std::move(folder).value();
}

BenchProcess::BenchProcess(const std::vector<std::string>& arguments)
    : folder_(fresh_folder()), process_(spawn(with_program(arguments), folder_.path() + "/log")) {}

ExitStatus BenchProcess::wait() {
  if (process_.wait(Until::seconds(kLongS)) != WaitEnd::kReady) {
    throw std::runtime_error("ckptbench does not end: " + output());
  }
  const ExitStatus status = *process_.status();
  // Reaps it; what it left in other groups stays to be found.
  process_.end_group(Until::seconds(10));
  return status;
}

void BenchProcess::signal(int number) {
  const Status sent = process_.signal(number);
  EXPECT_TRUE(sent.ok()) << (sent.ok() ? "" : sent.error().message);
}

std::string BenchProcess::output() const {
  const auto text = read_file(folder_.path() + "/log");
  return text ? text.value() : text.error().message;
}

Finished run_bench(const std::vector<std::string>& arguments) {
  BenchProcess bench(arguments);
  const ExitStatus status = bench.wait();
  return {status.exited ? status.exit_code : -status.signal, bench.output()};
}

std::string bench_program() {
  return CKPT_BENCH;
}

Finished run_shell(const std::string& line) {
  const TempDir folder = fresh_folder();
  Process process = spawn({"/bin/sh", "-c", line}, folder.path() + "/log");
  if (process.wait(Until::seconds(kLongS)) != WaitEnd::kReady) {
    throw std::runtime_error("does not end: " + line);
  }
  const ExitStatus status = *process.status();
  const auto text = read_file(folder.path() + "/log");
  return {status.exited ? status.exit_code : -status.signal, text ? text.value() : ""};
}

bool nothing_left() {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < deadline) {
    const pid_t reaped = ::waitpid(-1, nullptr, WNOHANG);
    if (reaped < 0 && errno == ECHILD) return true;
    if (reaped == 0) std::this_thread::sleep_for(kTick);
  }
  return false;
}

void wait_for_records(const std::string& out, size_t count) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(120);
  while (std::chrono::steady_clock::now() < deadline) {
    const auto text = read_file(out + "/results.jsonl");
    if (text &&
        std::count(text.value().begin(), text.value().end(), '\n') >= static_cast<int64_t>(count)) {
      return;
    }
    std::this_thread::sleep_for(kTick);
  }
  throw std::runtime_error("too few records in " + out);
}

std::set<std::string> finished_ids(const std::string& out) {
  const auto records = read_records(out + "/results.jsonl");
  if (!records) throw std::runtime_error(records.error().message);
  return finished_cells(records.value().records);
}

std::vector<Record> of_class(const std::vector<Record>& records, const std::string& class_name) {
  std::vector<Record> out;
  for (const Record& record : records) {
    if (selection_text(record.cell.strategy).ends_with(".py:" + class_name)) out.push_back(record);
  }
  return out;
}

std::string write_suite(const std::string& folder, const std::string& text) {
  const std::string path = folder + "/suite.toml";
  const Status written = write_file_atomically(path, text, Sync::kNo);
  if (!written) throw std::runtime_error(written.error().message);
  return path;
}

std::string small_suite() {
  return fmt::format(R"(name = "small"
seed = 3
[[trial]]
workloads = ["digits-mlp"]
strategies = ["sync", "torch-save"]
policy = {{every_steps = 2, keep_last = 2}}
steps = 7
more_steps = 2
deadline_s = 60
file_ops = {{when = ["before"], count = {}}}
moments = {{count = 1}}
)",
                     kFileOps);
}

std::string one_trial_suite() {
  return R"(name = "one"
seed = 3
[[trial]]
workloads = ["digits-mlp"]
strategies = ["sync"]
policy = {every_steps = 2, keep_last = 2}
steps = 5
more_steps = 1
deadline_s = 60
moments = {count = 1}
)";
}

}  // namespace ckptbench
