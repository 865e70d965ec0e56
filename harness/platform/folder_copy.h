// A copy of a folder with everything in it, as its owner would find it: links as links, named pipes
// and sockets as such, times of change as they were. Pure function over files; no thread rule.
#pragma once

#include <string>

#include "harness/core/error.h"

namespace ckptbench {

// `to` may exist; nothing in it may have a name of `from`. Errors: what cannot be read or made.
Status copy_folder(const std::string& from, const std::string& to);

}  // namespace ckptbench
