// Turns SIGINT, SIGTERM and SIGPIPE into a flag and a readable descriptor, so that the parent stops
// between two actions, keeps the results it has and leaves no process behind. A second SIGINT or
// SIGTERM has the default effect: it ends the process.
//
// One object at a time, owned by main; it restores the former handlers. stop_requested() and fd()
// may be used from any thread.
#pragma once

#include <signal.h>

#include "harness/platform/unique_fd.h"

namespace ckptbench {

class Interrupt {
 public:
  // Throws ExitError(kHarness) when a second object is made or the system refuses.
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool stop_requested() const { return signal_number() != 0; }
  // The signal that came first; 0: none yet.
  int signal_number() const;
  // Readable from the first signal on, for good: hand it to Until.
  int fd() const { return event_.get(); }

 private:
  UniqueFd event_;
  struct sigaction old_int_ {};
  struct sigaction old_term_ {};
  struct sigaction old_pipe_ {};
};

}  // namespace ckptbench
