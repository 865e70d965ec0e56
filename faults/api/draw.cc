#include "faults/api/draw.h"

#include <fmt/format.h>

#include <numeric>
#include <span>

#include "harness/core/digest.h"

namespace ckptbench {

Prng seeded_draw(uint64_t seed, const std::string& name) {
  return Prng(seed ^ digest_of(bytes_of(name)).low);
}

std::vector<NamedFault> draw_sample(std::vector<NamedFault> faults, uint64_t count, Prng prng) {
  std::vector<size_t> kept(faults.size());
  std::iota(kept.begin(), kept.end(), size_t{0});
  while (kept.size() > count) {
    kept.erase(kept.begin() + static_cast<int64_t>(prng.below(kept.size())));
  }
  std::vector<NamedFault> sampled;
  for (const size_t index : kept) sampled.push_back(std::move(faults[index]));
  return sampled;
}

std::vector<double> draw_shares(uint64_t count, Prng prng) {
  std::vector<double> out;
  for (uint64_t i = 0; i < count; ++i) {
    out.push_back((static_cast<double>(i) + prng.uniform()) / static_cast<double>(count));
  }
  return out;
}

std::string share_text(double share) {
  return fmt::format("{}", share);
}

}  // namespace ckptbench
