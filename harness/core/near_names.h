// "unknown strategy 'snyc'; did you mean 'sync'?": every unknown key, name or value is answered so.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ckptbench {

// At most three candidates, nearest first by edit distance; only those close enough to be a slip.
std::string unknown_name(std::string_view what, std::string_view name,
                         std::span<const std::string> known);

}  // namespace ckptbench
