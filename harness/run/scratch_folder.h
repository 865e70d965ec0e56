// Where the files of trials and sweeps live while they run. A kill keeps the page cache, so any
// file system shows what a killed process leaves; on one in memory a trial does not wait for a
// disk. Measured cells and kept evidence never lie here. One owner.
#pragma once

#include <cstdint>
#include <string>

#include "harness/core/json_text.h"

namespace ckptbench {

class ScratchFolder {
 public:
  // `given`: the user's choice, which exists and is left in place at the end. Empty: a folder of
  // this run's own in memory (`memory`), where that has kMinFreeBytes and may be written; otherwise
  // `out`. The name in memory follows from `out`, so that a resumed run finds and removes what a
  // killed one left. Throws ExitError.
  ScratchFolder(const std::string& given, const std::string& out,
                const std::string& memory = "/dev/shm");
  // Removes it with everything in it where it is the run's own in memory.
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  static constexpr uint64_t kMinFreeBytes = 1ULL << 30;

  const std::string& path() const { return path_; }
  // {"folder", "file_system", "direct_io": whether files there open with O_DIRECT}.
  nlohmann::json describe() const;

 private:
  std::string path_;
  bool own_ = false;
};

// Before a run makes anything: throws ExitError(kUsage) where the user's choice is no folder.
void check_scratch(const std::string& given);

}  // namespace ckptbench
