#include "harness/measure/memory_watch.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>

#include "harness/platform/process_tree.h"

namespace ckptbench {
namespace {

constexpr auto kBetweenSamples = std::chrono::milliseconds(1);

std::optional<uint64_t> pss_bytes(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/smaps_rollup");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("Pss:")) return std::stoull(line.substr(4)) * 1024;
  }
  return std::nullopt;
}

// The flags of an open descriptor; 0 when it is gone.
int flags_of(const std::string& descriptor) {
  std::ifstream file("/proc/self/fdinfo/" + descriptor);
  std::string key;
  std::string value;
  while (file >> key >> value) {
    if (key == "flags:") return static_cast<int>(std::stol(value, nullptr, 8));
  }
  return 0;
}

}  // namespace

Result<uint64_t> tree_pss_bytes(pid_t root) {
  if (!pss_bytes(root)) return Error{"/proc: smaps_rollup of this process cannot be read"};
  uint64_t sum = 0;
  for (const pid_t process : process_tree(root)) sum += pss_bytes(process).value_or(0);
  return sum;
}

MemoryWatch::MemoryWatch(std::string folder, Device& device)
    : folder_(std::move(folder) + "/"),
      device_(device),
      thread_([this](const std::stop_token& stop) { watch(stop); }) {}

MemoryWatch::~MemoryWatch() {
  stop();
}

void MemoryWatch::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void MemoryWatch::watch(const std::stop_token& stop) {
  // At least once, however short the saves are: what they left in memory shows afterwards too.
  for (bool last = false; !last;) {
    last = stop.stop_requested();
    if (const auto bytes = tree_pss_bytes(::getpid())) {
      peak_bytes_ = std::max(peak_bytes_, bytes.value());
      ++samples_;
    }
    peak_device_bytes_ = std::max(peak_device_bytes_, device_.memory_used().value_or(0));
    look_at_descriptors();
    if (!last) std::this_thread::sleep_for(kBetweenSamples);
  }
}

void MemoryWatch::look_at_descriptors() {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
    const std::string target = std::filesystem::read_symlink(entry.path(), error).string();
    if (error || !target.starts_with(folder_)) continue;
    const int flags = flags_of(entry.path().filename().string());
    if ((flags & O_ACCMODE) == O_RDONLY) continue;
    ++files_seen_;
    if ((flags & O_DIRECT) != 0) ++direct_seen_;
  }
}

}  // namespace ckptbench
