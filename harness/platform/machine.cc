#include "harness/platform/machine.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sched.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "harness/platform/cpu_quota.h"
#include "harness/platform/files.h"
#include "harness/platform/process.h"

namespace ckptbench {
namespace {

// The text after the first `separator` of the first line that starts with `key`.
std::string value_of(const std::string& path, std::string_view key, char separator) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const size_t at = line.find(separator);
    if (at == std::string::npos) continue;
    std::string value = line.substr(at + 1);
    value.erase(0, value.find_first_not_of(" \t\""));
    value.erase(value.find_last_not_of(" \t\"") + 1);
    return value;
  }
  return "unknown";
}

std::string kernel_text() {
  utsname names{};
  if (::uname(&names) != 0) return "unknown";
  return fmt::format("{} {} {}", names.sysname, names.release, names.machine);
}

// The processor says whether it is a guest's; the firmware's product name says more.
std::string virtualization_text() {
  const std::string flags = " " + value_of("/proc/cpuinfo", "flags", ':') + " ";
  if (flags.find(" hypervisor ") == std::string::npos) return "none";
  auto product = read_file("/sys/class/dmi/id/product_name", 4096);
  if (!product) return "yes";
  std::string name = std::move(product).value();
  name.erase(name.find_last_not_of(" \n") + 1);
  return name.empty() ? "yes" : fmt::format("yes ({})", name);
}

std::vector<std::string> find_gpus() {
  SpawnOptions options;
  options.argv = {"nvidia-smi", "--query-gpu=name,memory.total,driver_version",
                  "--format=csv,noheader"};
  options.out = Stdio::pipe();
  options.err = Stdio::null();
  options.in = Stdio::pipe();
  auto process = Process::spawn(options);
  if (!process) return {};
  const Until until = Until::seconds(10);
  const auto answer = process.value().communicate("", until);
  if (answer.end != WaitEnd::kReady || process.value().wait(until) != WaitEnd::kReady) return {};
  const ExitStatus status = *process.value().status();
  if (!status.exited || status.exit_code != 0) return {};
  std::vector<std::string> gpus;
  std::istringstream lines(answer.text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) gpus.push_back(line);
  }
  return gpus;
}

// /proc/self/mounts writes a space as \040, and so on.
std::string unescape(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      out += static_cast<char>(std::stoi(text.substr(i + 1, 3), nullptr, 8));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool is_below(const std::string& path, const std::string& folder) {
  if (folder == "/" || path == folder) return true;
  return path.starts_with(folder + "/");
}

}  // namespace

uint64_t usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  const auto cores = static_cast<double>(CPU_COUNT(&set));
  const double granted = std::ceil(cpu_quota().value_or(cores));
  return std::max<uint64_t>(1, static_cast<uint64_t>(std::min(cores, granted)));
}

Filesystem filesystem_of(const std::string& path) {
  Filesystem found{"unknown", "unknown", "unknown", 0, 0};
  std::error_code error;
  const std::string real = std::filesystem::canonical(path, error).string();
  struct statvfs sizes {};
  if (error || ::statvfs(real.c_str(), &sizes) != 0) return found;
  found.total_bytes = sizes.f_blocks * sizes.f_frsize;
  found.free_bytes = sizes.f_bavail * sizes.f_frsize;
  std::ifstream mounts("/proc/self/mounts");
  size_t longest = 0;
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string device, folder, type, options;
    words >> device >> folder >> type >> options;
    folder = unescape(folder);
    // The deepest folder wins; of several mounts on one, the last, which hides the others.
    if (!is_below(real, folder) || folder.size() < longest) continue;
    longest = folder.size();
    found.device = device;
    found.type = type;
    found.options = options;
  }
  return found;
}

Machine describe_machine() {
  Machine machine;
  machine.cpu = value_of("/proc/cpuinfo", "model name", ':');
  machine.cores = usable_cores();
  struct sysinfo memory {};
  if (::sysinfo(&memory) == 0) machine.memory_bytes = memory.totalram * memory.mem_unit;
  machine.kernel = kernel_text();
  machine.distribution = value_of("/etc/os-release", "PRETTY_NAME", '=');
  machine.virtualization = virtualization_text();
  machine.gpus = find_gpus();
  return machine;
}

std::vector<std::pair<std::string, std::string>> machine_facts(const Machine& machine,
                                                               const Filesystem& disk) {
  const auto gigabytes = [](uint64_t bytes) {
    return fmt::format("{:.1f} GB", static_cast<double>(bytes) / 1e9);
  };
  return {{"cpu", machine.cpu},
          {"cores", std::to_string(machine.cores)},
          {"memory", gigabytes(machine.memory_bytes)},
          {"kernel", machine.kernel},
          {"distribution", machine.distribution},
          {"virtualization", machine.virtualization},
          {"gpu", machine.gpus.empty() ? "none" : fmt::format("{}", fmt::join(machine.gpus, "; "))},
          {"file system", fmt::format("{} on {} ({})", disk.type, disk.device, disk.options)},
          {"disk",
           fmt::format("{} of {} free", gigabytes(disk.free_bytes), gigabytes(disk.total_bytes))}};
}

}  // namespace ckptbench
