// Variables of the environment that change what a worker does, as environment.json records them.
// Reads the environment; one thread.
#pragma once

#include "harness/core/json_text.h"

namespace ckptbench {

// In place of a value that may be a secret.
inline constexpr const char* kWithheld = "(withheld)";

// By name. All others stay out: results are published, and any of them may be a secret. The value
// is withheld where the name speaks of a token, key or password, or the value of a user at a host.
nlohmann::json recorded_variables();

}  // namespace ckptbench
