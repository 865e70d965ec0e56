#include "strategies/peers/python_check.h"

#include "harness/platform/installation.h"
#include "harness/platform/process.h"

namespace ckptbench {
namespace {

constexpr double kDeadlineS = 30;

}  // namespace

Status check_python_class(const std::string& file, const std::string& class_name) {
  SpawnOptions options;
  options.argv = {python_program(CKPT_PYTHON),
                  shipped_path("python", CKPT_PYTHON_PEERS) + "/strategy_check.py", file,
                  class_name};
  options.out = Stdio::pipe();
  const std::string& python = options.argv.front();
  auto process = Process::spawn(options);
  if (!process) return process.error();
  const Until until = Until::seconds(kDeadlineS);
  const auto answer = process.value().communicate("", until);
  if (answer.end != WaitEnd::kReady || process.value().wait(until) != WaitEnd::kReady) {
    return Error{file + ": " + python + " did not read it within " +
                 std::to_string(static_cast<int>(kDeadlineS)) + " s"};
  }
  const ExitStatus& status = *process.value().status();
  if (!status.exited || status.exit_code != 0) {
    return Error{file + ": cannot be checked: " + python + " " + options.argv[1] + " failed"};
  }
  if (answer.text.empty()) return {};
  return Error{answer.text.substr(0, answer.text.find('\n'))};
}

}  // namespace ckptbench
