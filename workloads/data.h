// The data sets of workloads/data, part of the executable so that a worker needs no path.
// Attribution and licences: workloads/data/README.md. Constant; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ckptbench {

inline constexpr int64_t kDigitPixels = 64;  // 8 × 8, row-major
inline constexpr int64_t kDigitClasses = 10;

// One part of the digits: pixels scaled to [0, 1], `count` × 64, and labels 0..9.
struct DigitSet {
  int64_t count = 0;
  std::vector<float> pixels;
  std::vector<int64_t> labels;
};

// Every fifth image of the 1,797 is held out: 1,438 to train, 359 to test.
const DigitSet& digits_train();
const DigitSet& digits_test();

// English prose in ASCII.
std::span<const uint8_t> english_text();

}  // namespace ckptbench
