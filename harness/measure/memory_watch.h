// Watches a few saves from beside the training: the largest PSS of the process tree, the
// most memory taken on the device, and whether
// files of the checkpoint directory are open with O_DIRECT. Costs time of its own, so it runs only
// outside the measured blocks. Owns one thread from construction to stop().
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "harness/core/error.h"
#include "harness/platform/device.h"

namespace ckptbench {

// Proportional set size of a process and everything below it (smaps_rollup). Processes that end
// meanwhile count as gone; an error when the root itself cannot be read.
Result<uint64_t> tree_pss_bytes(pid_t root);

class MemoryWatch {
 public:
  // Borrows the device.
  MemoryWatch(std::string folder, Device& device);
  ~MemoryWatch();
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;

  void stop();
  // After stop().
  uint64_t peak_bytes() const { return peak_bytes_; }
  uint64_t peak_device_bytes() const { return peak_device_bytes_; }  // 0: host memory
  uint64_t samples() const { return samples_; }
  uint64_t open_files_seen() const { return files_seen_; }  // for writing, below the folder
  uint64_t direct_files_seen() const { return direct_seen_; }

 private:
  void watch(const std::stop_token& stop);
  void look_at_descriptors();

  std::string folder_;
  Device& device_;
  uint64_t peak_bytes_ = 0;
  uint64_t peak_device_bytes_ = 0;
  uint64_t samples_ = 0;
  uint64_t files_seen_ = 0;
  uint64_t direct_seen_ = 0;
  std::jthread thread_;
};

}  // namespace ckptbench
