#include "workloads/data.h"

// CKPT_DATA_DIR comes from CMakeLists.txt.
__asm__(
    ".section .rodata\n"
    ".balign 64\n"
    "ckpt_digits_begin:\n.incbin \"" CKPT_DATA_DIR
    "/digits.u8\"\nckpt_digits_end:\n"
    ".balign 64\n"
    "ckpt_text_begin:\n.incbin \"" CKPT_DATA_DIR
    "/kjv.txt\"\nckpt_text_end:\n"
    ".previous\n");

extern "C" {
[[gnu::visibility("hidden")]] extern const uint8_t ckpt_digits_begin[];
[[gnu::visibility("hidden")]] extern const uint8_t ckpt_digits_end[];
[[gnu::visibility("hidden")]] extern const uint8_t ckpt_text_begin[];
[[gnu::visibility("hidden")]] extern const uint8_t ckpt_text_end[];
}

namespace ckptbench {
namespace {

constexpr int64_t kRow = kDigitPixels + 1;  // pixels 0..16, then the label
constexpr int64_t kHeldOutEvery = 5;
constexpr float kPixelScale = 1.0F / 16.0F;

DigitSet select(bool held_out) {
  DigitSet set;
  const int64_t rows = (ckpt_digits_end - ckpt_digits_begin) / kRow;
  for (int64_t row = 0; row < rows; ++row) {
    if ((row % kHeldOutEvery == kHeldOutEvery - 1) != held_out) continue;
    const uint8_t* const bytes = ckpt_digits_begin + row * kRow;
    for (int64_t i = 0; i < kDigitPixels; ++i) {
      set.pixels.push_back(static_cast<float>(bytes[i]) * kPixelScale);
    }
    set.labels.push_back(bytes[kDigitPixels]);
    ++set.count;
  }
  return set;
}

}  // namespace

const DigitSet& digits_train() {
  static const DigitSet set = select(false);
  return set;
}

const DigitSet& digits_test() {
  static const DigitSet set = select(true);
  return set;
}

std::span<const uint8_t> english_text() {
  return {ckpt_text_begin, ckpt_text_end};
}

}  // namespace ckptbench
