// "1 core", "2 cores": a number with its noun, which gets an s. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ckptbench {

inline std::string count_text(uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace ckptbench
