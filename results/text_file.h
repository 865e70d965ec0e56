// Whole small files. Errors name the file.
#pragma once

#include <string>
#include <string_view>

#include "harness/core/error.h"

namespace ckptbench {

Result<std::string> read_text(const std::string& path);
// To a temporary beside it, then renamed: a reader sees the old file or the new one, whole.
Status write_text(const std::string& path, std::string_view text);

}  // namespace ckptbench
