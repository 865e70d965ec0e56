// Dynamic loss scaling as mixed-precision training does it (Micikevicius et al., "Mixed Precision
// Training", ICLR 2018; the rule of torch.amp.GradScaler): the loss is multiplied by a power of
// two; an update whose scaled gradients leave fp16's range is skipped and halves the scale, and
// after `growth_interval` updates in a row it doubles. Here the gradients are float32, so that
// scaling is exact and only the skips decide. Plain values; no thread rule.
#pragma once

#include <cstdint>

namespace ckptbench {

struct LossScaler {
  double initial = 0;  // a power of two; 0: no scaling
  int64_t growth_interval = 1;

  bool is_on() const { return initial > 0; }
  // Whether scaled gradients overflow. largest: of their absolute values; NaN overflows.
  bool overflows(double largest) const;
  // What the next step finds.
  void after_update(float& scale, int32_t& growth) const;
  void after_overflow(float& scale, int32_t& growth) const;
};

}  // namespace ckptbench
