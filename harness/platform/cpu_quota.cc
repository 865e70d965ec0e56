#include "harness/platform/cpu_quota.h"

#include <algorithm>
#include <sstream>
#include <string_view>
#include <vector>

#include "harness/platform/files.h"

namespace ckptbench {
namespace {

constexpr uint64_t kMaxText = 64 << 10;

std::string text_of(const std::string& path) {
  auto text = read_file(path, kMaxText);
  return text ? std::move(text).value() : std::string();
}

// Both in microseconds. "max" and -1 stand for no limit, as does a file that is not there.
std::optional<double> cores_of(const std::string& quota, const std::string& period) {
  double quota_us = 0;
  double period_us = 0;
  if (!(std::istringstream(quota) >> quota_us) || !(std::istringstream(period) >> period_us)) {
    return std::nullopt;
  }
  if (quota_us <= 0 || period_us <= 0) return std::nullopt;
  return quota_us / period_us;
}

std::optional<double> cores_of_folder(const std::string& folder, bool second_version) {
  if (!second_version) {
    return cores_of(text_of(folder + "/cpu.cfs_quota_us"), text_of(folder + "/cpu.cfs_period_us"));
  }
  std::istringstream words(text_of(folder + "/cpu.max"));
  std::string quota, period;
  words >> quota >> period;
  return cores_of(quota, period);
}

// The group and those above it. A container may see a path that only its host has: the groups that
// are not there limit nothing, and the mount itself is the container's.
std::optional<double> least_upwards(const std::string& mount, std::string group, bool second) {
  std::optional<double> least;
  while (true) {
    const std::optional<double> cores = cores_of_folder(mount + group, second);
    if (cores) least = least ? std::min(*least, *cores) : *cores;
    if (group.empty()) return least;
    group.resize(group.find_last_of('/') == std::string::npos ? 0 : group.find_last_of('/'));
  }
}

bool names_cpu(const std::string& controllers) {
  std::istringstream words(controllers);
  for (std::string word; std::getline(words, word, ',');) {
    if (word == "cpu") return true;
  }
  return false;
}

}  // namespace

std::optional<double> cpu_quota(const std::string& groups, const std::string& root) {
  std::optional<double> least;
  const auto consider = [&](const std::string& mount, const std::string& group, bool second) {
    const std::optional<double> cores = least_upwards(mount, group == "/" ? "" : group, second);
    if (cores) least = least ? std::min(*least, *cores) : *cores;
  };
  std::istringstream lines(groups);
  for (std::string line; std::getline(lines, line);) {
    // NUMBER:CONTROLLERS:GROUP
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string group = line.substr(second + 1);
    if (controllers.empty()) {
      // Beside the first version, the second is mounted in a folder of its own.
      for (const char* mount : {"", "/unified"}) consider(root + mount, group, true);
    } else if (names_cpu(controllers)) {
      for (const std::string& mount : {std::string("cpu"), controllers}) {
        consider(root + "/" + mount, group, false);
      }
    }
  }
  return least;
}

std::optional<double> cpu_quota() {
  return cpu_quota(text_of("/proc/self/cgroup"), "/sys/fs/cgroup");
}

}  // namespace ckptbench
