// Watches some steps from beside the training: the most memory of the process and of its tree, of
// the device, the most pages that wait for the disk, and whether files of the checkpoint directory
// are open with O_DIRECT. Costs time of its own, so it runs only outside the measured windows. Owns
// one thread from construction to stop().
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <thread>

#include "harness/platform/device.h"

namespace ckptbench {

struct MemoryPeaks {
  // Resident pages of this process (VmHWM): exact, the kernel keeps it. Nothing where the kernel
  // does not reset it, or where other processes were seen below this one.
  std::optional<uint64_t> resident_bytes;
  uint64_t tree_bytes = 0;    // PSS of the process tree, sampled
  uint64_t device_bytes = 0;  // 0: the device is host memory
  uint64_t dirty_bytes = 0;   // file pages of the machine that wait for the disk, sampled
  uint64_t samples = 0;
  uint64_t direct_files = 0;  // seen open for writing with O_DIRECT, below the folder
};

class MemoryWatch {
 public:
  // Borrows the device.
  MemoryWatch(std::string folder, Device& device);
  ~MemoryWatch();
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;

  // What was seen since the construction. Throws what the watching thread has met: an ExitError of
  // the device, or one of /proc.
  MemoryPeaks stop();

 private:
  void watch(const std::stop_token& stop);
  void sample();
  void look_at_files();

  std::string folder_;
  Device& device_;
  bool exact_;                  // VmHWM was reset, and no other process was seen
  MemoryPeaks peaks_;           // the thread's until it is joined
  std::exception_ptr failure_;  // likewise
  std::jthread thread_;
};

}  // namespace ckptbench
