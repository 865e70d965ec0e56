// Learning rate over time: linear warm-up, then a cosine down to a floor that it keeps (Loshchilov
// & Hutter, "SGDR", ICLR 2017, without restarts). Plain values; no thread rule.
#pragma once

#include <cstdint>

namespace ckptbench {

struct Schedule {
  double peak = 1e-3;
  int64_t warmup_steps = 0;
  int64_t total_steps = 1;   // from here on the floor
  double floor_share = 0.1;  // of the peak

  // For the update that follows `done` updates.
  double at(int64_t done) const;
};

}  // namespace ckptbench
