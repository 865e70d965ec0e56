// One writer per checkpoint directory: an exclusive flock(2) on the file LEASE, which names its
// holder by pid and run id. The destructor releases it in the process that acquired it, though a
// forked child lives on. The kernel releases it when the holder dies, however it dies, and all
// children that inherited the descriptor; the file stays. Who removes the file, or moves its
// directory, lets a second writer in: check() shows it to the first.
// Threads: check() from several at once; the rest from one.
#pragma once

#include <string>

#include "harness/core/error.h"
#include "harness/platform/file.h"

namespace ckptbench {

class Lease {
 public:
  // Never waits. A full disk does not keep the lease from being taken: it then names no holder, or
  // the one before. Errors: another holder, by name; the file cannot be opened, locked or written,
  // or is not empty and not a lease.
  static Result<Lease> acquire(const std::string& directory, const std::string& run_id);
  // Errors: the path does not lead to the locked file any more.
  IoStatus check() const;
  // Writes the holder's name where it could not be written before. Errors: as acquire.
  Status announce();

  Lease(Lease&& other) noexcept = default;
  Lease& operator=(Lease&& other) = delete;
  ~Lease();

  static constexpr const char* kFileName = "LEASE";

 private:
  Lease(File file, int pid, const std::string& run_id);
  File file_;  // none after a move
  int pid_;
  std::string text_;
  bool announced_ = false;
};

}  // namespace ckptbench
