#include "harness/platform/process_tree.h"

#include <dirent.h>

#include <charconv>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>

namespace ckptbench {
namespace {

std::optional<pid_t> parse_pid(const char* text) {
  pid_t pid = 0;
  const char* end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, pid);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return pid;
}

std::vector<pid_t> numbered_entries(const std::string& folder) {
  std::vector<pid_t> found;
  DIR* directory = ::opendir(folder.c_str());
  if (directory == nullptr) return found;
  while (const dirent* entry = ::readdir(directory)) {
    if (const auto pid = parse_pid(entry->d_name)) found.push_back(*pid);
  }
  ::closedir(directory);
  return found;
}

// Field 4 of /proc/PID/stat. The command name before it may hold blanks and brackets.
std::optional<pid_t> parent_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  char state = 0;
  pid_t parent = 0;
  if (std::sscanf(line.c_str() + name_end + 1, " %c %d", &state, &parent) != 2) return std::nullopt;
  return parent;
}

}  // namespace

std::vector<pid_t> process_tree(pid_t root) {
  std::multimap<pid_t, pid_t> children;
  for (const pid_t process : numbered_entries("/proc")) {
    if (const auto parent = parent_of(process)) children.emplace(*parent, process);
  }
  std::vector<pid_t> tree;
  if (parent_of(root)) tree.push_back(root);
  for (size_t i = 0; i < tree.size(); ++i) {
    const auto [begin, end] = children.equal_range(tree[i]);
    for (auto child = begin; child != end; ++child) tree.push_back(child->second);
  }
  return tree;
}

std::vector<pid_t> threads_of(pid_t process) {
  return numbered_entries("/proc/" + std::to_string(process) + "/task");
}

bool catches(pid_t process, int signal) {
  std::ifstream file("/proc/" + std::to_string(process) + "/status");
  std::string line;
  while (std::getline(file, line)) {
    if (!line.starts_with("SigCgt:")) continue;
    const uint64_t mask = std::stoull(line.substr(7), nullptr, 16);
    return (mask >> (signal - 1) & 1) != 0;
  }
  return false;
}

}  // namespace ckptbench
