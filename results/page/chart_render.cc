#include "results/page/chart_render.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "harness/core/json_text.h"
#include "harness/platform/files.h"

namespace ckptbench {
namespace {

// The last line of the log: the error message of the script.
std::string last_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::string last;
  while (std::getline(file, line)) {
    if (!line.empty()) last = line;
  }
  return last;
}

// Runs `python script folder` with its output in `log`. The exit status, or an error.
Result<int> run_script(const ChartTools& tools, const std::string& folder, const std::string& log) {
  std::string python = tools.python;
  std::string script = tools.script;
  std::string argument = folder;
  char* argv[] = {python.data(), script.data(), argument.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, python.c_str(), &actions, nullptr, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return Error{fmt::format("{}: {}", python, std::strerror(failed))};
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return Error{fmt::format("{}: {}", python, std::strerror(errno))};
  }
  return status;
}

}  // namespace

Status write_specs(const std::vector<Chart>& charts, const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Error{fmt::format("{}: {}", folder, error.message())};
  for (const Chart& chart : charts) {
    // Names and labels come from input; bytes that are not UTF-8 must not end the report.
    const std::string text = json_text(chart.spec, 1);
    Status written =
        write_file_atomically(fmt::format("{}/{}.vl.json", folder, chart.name), text, Sync::kNo);
    if (!written) return written;
  }
  return {};
}

Result<std::map<std::string, std::string>> render_charts(const std::vector<Chart>& charts,
                                                         const std::string& folder,
                                                         const ChartTools& tools) {
  if (tools.python.empty()) return Error{"charts were not drawn: no Python interpreter was given"};
  const std::string log = folder + "/render.log";
  const auto status = run_script(tools, folder, log);
  if (!status) return Error{"charts were not drawn: " + status.error().message};
  if (status.value() != 0) {
    return Error{fmt::format("charts were not drawn: {}", last_line(log))};
  }
  std::map<std::string, std::string> pictures;
  for (const Chart& chart : charts) {
    auto picture = read_file(fmt::format("{}/{}.svg", folder, chart.name));
    if (!picture) return picture.error();
    pictures[chart.name] = std::move(picture).value();
  }
  return pictures;
}

}  // namespace ckptbench
