// Points in time of the training, and the gaps between them. On the CPU a point reads the clock. On
// a GPU it is an event on the training stream: a gap is the stream's own time, and nothing waits
// between the points. Made by Device; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ckptbench {

class Timeline {
 public:
  virtual ~Timeline() = default;
  // Forgets all points and makes room for so many, so that mark() allocates nothing.
  virtual void reset(size_t points) = 0;
  // REQUIRES: fewer points so far than reset() made room for.
  virtual void mark() = 0;
  // ns from each point to the next: one fewer than the points. Waits for the last point, and for
  // nothing that was given to other streams. Throws ExitError on CUDA errors.
  virtual std::vector<int64_t> gaps_ns() = 0;
};

}  // namespace ckptbench
