// Changes a JSON document in ways that keep it JSON: numbers at their limits, values of another
// type, elements dropped, doubled, swapped, or copied from elsewhere in the document.
// Free function; any thread.
#pragma once

#include <string>
#include <string_view>

#include "fuzz/fuzz_target.h"

namespace ckptbench {

// Empty when the text is not JSON.
std::string mutate_json(std::string_view text, Prng& random, const BlindMutation& blind);

}  // namespace ckptbench
