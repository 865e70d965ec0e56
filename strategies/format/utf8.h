// Free function; any thread.
#pragma once

#include <string_view>

namespace ckptbench {

// As RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. JSON holds no other
// text.
bool is_utf8(std::string_view text);

}  // namespace ckptbench
