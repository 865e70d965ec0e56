// One writer per checkpoint directory: an exclusive flock(2) on the file LEASE, which names its
// holder by pid and run id. The kernel releases it when the holder dies, however it dies; the file
// stays. A child that inherits the descriptor by fork keeps the lease too.
// Threads: one at a time.
#pragma once

#include <string>

#include "harness/core/error.h"
#include "harness/platform/file.h"

namespace ckptbench {

class Lease {
 public:
  // Never waits. Errors: another holder, by name; the file cannot be opened, locked or written.
  static Result<Lease> acquire(const std::string& directory, const std::string& run_id);

  static constexpr const char* kFileName = "LEASE";

 private:
  explicit Lease(File file) : file_(std::move(file)) {}
  File file_;
};

}  // namespace ckptbench
