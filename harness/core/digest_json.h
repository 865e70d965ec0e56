// JSON of digests: {"parameter":"32 hex digits", …}. Kept out of digest.h, which hot code includes.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "harness/core/digest.h"

namespace ckptbench {

nlohmann::json digests_to_json(const ComponentDigests& digests);
// Throws std::runtime_error on an unknown component or a malformed digest.
ComponentDigests digests_from_json(const nlohmann::json& in);

}  // namespace ckptbench
