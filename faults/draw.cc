#include "faults/draw.h"

#include <fmt/format.h>

#include <span>

#include "harness/core/digest.h"

namespace ckptbench {

Prng seeded_draw(uint64_t seed, const std::string& name) {
  return Prng(seed ^ digest_of(std::as_bytes(std::span(name))).low);
}

std::vector<NamedFault> draw_sample(std::vector<NamedFault> faults, uint64_t count, Prng prng) {
  while (faults.size() > count) {
    faults.erase(faults.begin() + static_cast<int64_t>(prng.below(faults.size())));
  }
  return faults;
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
