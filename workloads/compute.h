// The forward and backward pass of a synthetic workload: a given time per step in which the
// processor idles, or is kept busy. One training thread calls it.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

namespace ckptbench {

class Compute {
 public:
  // busy: a fixed amount of work on all of torch's threads (or on the GPU), measured here to take
  // `milliseconds` undisturbed; whoever competes for the processor makes it longer, as it does to
  // real training. Otherwise sleeps.
  Compute(double milliseconds, bool busy, at::Device device);

  void run();

 private:
  void work(int64_t rounds);

  double milliseconds_;
  bool busy_;
  at::Device device_;
  at::Tensor matrix_;  // GPU work
  int64_t rounds_ = 0;
};

}  // namespace ckptbench
