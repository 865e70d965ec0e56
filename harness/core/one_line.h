// Text from untrusted files, made fit for a message: one line of bounded length
// without control characters, which a terminal would follow. Free functions; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ckptbench {

inline constexpr size_t kMaxLineBytes = 2000;

bool is_control(char c);

// Control characters as \xHH; what goes beyond kMaxLineBytes is cut off and marked with "…".
std::string one_line(std::string_view text);

}  // namespace ckptbench
