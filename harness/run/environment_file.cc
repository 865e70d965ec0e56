#include "harness/run/environment_file.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "harness/platform/files.h"
#include "harness/run/build_info.h"
#include "harness/run/trial.h"

namespace ckptbench {
namespace {

constexpr const char* kFile = "/environment.json";

std::string value_after(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const size_t begin = line.find_first_not_of(" \t", line.find_first_of(":=") + 1);
    return begin == std::string::npos ? "" : line.substr(begin);
  }
  return "";
}

// Type of the file system that holds `path`, by the longest mount point above it.
std::string file_system_of(const std::string& path) {
  std::ifstream mounts("/proc/self/mounts");
  std::string best;
  std::string type;
  for (std::string device, point, kind, rest; mounts >> device >> point >> kind;) {
    std::getline(mounts, rest);
    const bool above = point == "/" || path == point || path.starts_with(point + "/");
    if (!above || point.size() < best.size()) continue;
    best = point;
    type = kind;
  }
  return type;
}

nlohmann::json machine_facts(const std::string& out) {
  utsname name{};
  ::uname(&name);
  return {{"system", value_after("/etc/os-release", "PRETTY_NAME")},
          {"kernel", fmt::format("{} {}", name.sysname, name.release)},
          {"architecture", name.machine},
          {"cpu", value_after("/proc/cpuinfo", "model name")},
          {"cores", ::sysconf(_SC_NPROCESSORS_ONLN)},
          {"memory", value_after("/proc/meminfo", "MemTotal")},
          {"file_system", file_system_of(std::filesystem::absolute(out).string())}};
}

nlohmann::json strategy_rows(const CheckedNames& names) {
  nlohmann::json rows = nlohmann::json::array();
  for (const auto& [text, info] : names.strategies) {
    rows.push_back({{"name", info.name},
                    {"group", info.group},
                    {"survives", info.survives},
                    {"summary", info.summary},
                    {"source", info.source}});
  }
  return rows;
}

}  // namespace

Environment collect_environment(const SuiteSource& suite, const Description& description,
                                const CheckedNames& names, const std::string& out) {
  Environment environment;
  environment.fields = {{"suite", suite.name},
                        {"suite_text", suite.text},
                        {"seed", suite.seed},
                        {"strategies", strategy_rows(names)},
                        {"started_utc", utc_now()},
                        {"machine", machine_facts(out)},
                        {"versions", description.versions},
                        {"build", {{"commit", kBuildCommit}, {"type", kBuildType}}}};
  return environment;
}

void write_environment(const Environment& environment, const std::string& out) {
  const Status status =
      write_file_atomically(out + kFile, environment.fields.dump(1) + "\n", Sync::kYes);
  if (!status) throw ExitError(ExitCode::kEnvironment, status.error().message);
}

Environment read_environment(const std::string& out) {
  const auto text = read_file(out + kFile);
  if (!text) throw ExitError(ExitCode::kEnvironment, text.error().message);
  Environment environment;
  environment.fields = nlohmann::json::parse(text.value(), nullptr, false);
  if (!environment.fields.is_object()) {
    throw ExitError(ExitCode::kEnvironment,
                    fmt::format("{}{}: expected a JSON object", out, kFile));
  }
  return environment;
}

}  // namespace ckptbench
