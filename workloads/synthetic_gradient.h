// Seeded gradient values without a model: element i of a stream is a hash of (key, i) made into a
// value of triangular distribution on (-1, 1), variance 1/6, scaled. Any element can be computed
// alone, so the result does not depend on how a tensor is split. Free functions; any thread.
#pragma once

#include <cstdint>

namespace ckptbench {

// Elements first … first+count-1 of the stream `key`, times `scale`.
void synthetic_gradient(uint64_t key, uint64_t first, float scale, float* values, int64_t count);

}  // namespace ckptbench
