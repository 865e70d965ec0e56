// ckpt-worker: trains, saves, restores and measures; one process per job. docs/protocol.md.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "harness/core/json_text.h"
#include "harness/core/near_names.h"
#include "harness/train/plugins.h"
#include "harness/train/torch_runtime.h"
#include "harness/worker/environment.h"
#include "harness/worker/run_job.h"
#include "harness/worker/serve.h"
#include "harness/worker/stacks.h"

namespace ckptbench {
namespace {

constexpr const char* kUsage =
    "usage: ckpt-worker describe | check | device | exec JOB.json | serve [--python]   "
    "(docs/protocol.md)";

#ifdef CKPT_WORKER_CUDA
constexpr bool kCuda = true;
#else
constexpr bool kCuda = false;
#endif

std::unique_ptr<Device> make_device(const std::string& name) {
  if (name == "cpu") return make_cpu_device();
#ifdef CKPT_WORKER_CUDA
  if (name == "cuda") return make_cuda_device(0, current_cuda_stream);
#else
  if (name == "cuda") {
    throw ExitError(ExitCode::kEnvironment,
                    "device cuda: this is the CPU worker, expected ckpt-worker-cuda");
  }
#endif
  const std::vector<std::string> known{"cpu", "cuda"};
  throw ExitError(ExitCode::kUsage, unknown_name("device", name, known));
}

int describe() {
  std::cout << json_text(describe_all(kCuda), 1) << '\n';
  return 0;
}

int check() {
  const std::string input(std::istreambuf_iterator<char>(std::cin), {});
  const nlohmann::json questions = try_parse_json(input);
  if (questions.is_discarded()) {
    throw ExitError(ExitCode::kUsage, "check: standard input: expected JSON");
  }
  std::cout << json_text(check_all(questions), 1) << '\n';
  return 0;
}

// Exit code 4 and one line where the device of this program is not there.
int device() {
  make_device(kCuda ? "cuda" : "cpu");
  return 0;
}

int exec(const std::string& path, char** arguments) {
  const auto job = read_job(path);
  if (!job) throw ExitError(ExitCode::kUsage, job.error().message);
  ensure_thread_environment(job.value().cell.threads, arguments);
  install_stack_handler(STDERR_FILENO);
  return run_job_to_exit_code(path, make_device);
}

int serve_commands(Warm warm, char** arguments) {
  ensure_thread_environment(1, arguments);
  return static_cast<int>(serve(make_device, warm));
}

int run(int count, char** arguments) {
  const std::string command = count > 1 ? arguments[1] : "";
  if (command == "describe" && count == 2) return describe();
  if (command == "check" && count == 2) return check();
  if (command == "device" && count == 2) return device();
  if (command == "exec" && count == 3) return exec(arguments[2], arguments);
  if (command == "serve" && count == 2) return serve_commands(Warm::kNative, arguments);
  if (command == "serve" && count == 3 && std::string(arguments[2]) == "--python") {
    return serve_commands(Warm::kPython, arguments);
  }
  const std::vector<std::string> known{"describe", "check", "device", "exec", "serve"};
  const bool misspelt = !command.empty() && count <= 3 &&
                        std::find(known.begin(), known.end(), command) == known.end();
  const std::string what = misspelt ? unknown_name("command", command, known) + "; " : "";
  throw ExitError(ExitCode::kUsage, what + kUsage);
}

}  // namespace
}  // namespace ckptbench

int main(int count, char** arguments) {
  // A file that grows beyond its limit (RLIMIT_FSIZE) is a failed save, and not the end of
  // training.
  std::signal(SIGXFSZ, SIG_IGN);
  int exit_code = 0;
  try {
    exit_code = ckptbench::run(count, arguments);
  } catch (const ckptbench::ExitError& error) {
    std::fprintf(stderr, "ckpt-worker: %s\n", error.what());
    exit_code = static_cast<int>(error.code());
  }
  std::cout.flush();
  ckptbench::leave(exit_code);
}
