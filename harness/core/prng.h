// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): a small seeded generator whose stream is the same
// on every machine. For schedules and synthetic data, not for statistics that need more.
#pragma once

#include <cstdint>

namespace ckptbench {

class Prng {
 public:
  explicit Prng(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  // Uniform in [0, bound). REQUIRES: bound > 0. Bias below 2^-32 for bound < 2^32.
  uint64_t below(uint64_t bound) { return next() % bound; }
  // Uniform in [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

 private:
  uint64_t state_;
};

}  // namespace ckptbench
