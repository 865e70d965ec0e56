// Seeded draws of the fault kinds. Pure.
#pragma once

#include <string>
#include <vector>

#include "faults/api/fault_kind.h"
#include "harness/core/prng.h"

namespace ckptbench {

// `name`: the stem of the cell and what is drawn: equal names draw alike.
Prng seeded_draw(uint64_t seed, const std::string& name);

// `count` of the faults, in their order.
std::vector<NamedFault> draw_sample(std::vector<NamedFault> faults, uint64_t count, Prng prng);

// One uniform share in each of `count` equal strata of [0, 1): spread over the run, never twice the
// same.
std::vector<double> draw_shares(uint64_t count, Prng prng);

// The shortest text that reads back as the same number.
std::string share_text(double share);

}  // namespace ckptbench
