#include "workloads/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ckptbench {

double Schedule::at(int64_t done) const {
  if (done < warmup_steps) {
    return peak * static_cast<double>(done + 1) / static_cast<double>(warmup_steps);
  }
  const double span = static_cast<double>(std::max<int64_t>(1, total_steps - warmup_steps));
  const double progress = std::min(1.0, static_cast<double>(done - warmup_steps) / span);
  const double share = 0.5 * (1 + std::cos(std::numbers::pi * progress));
  return peak * (floor_share + (1 - floor_share) * share);
}

}  // namespace ckptbench
