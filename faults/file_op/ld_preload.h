// What LD_PRELOAD must hold so that a program starts with the fault library beneath it. Free
// function; any thread.
#pragma once

#include <string>

namespace ckptbench {

// The library's path; behind the sanitizer's runtime where this process runs with one, since that
// runtime refuses to start unless it comes first. Its own hooks then call ours, which call libc.
std::string ld_preload(const std::string& fault_library);

}  // namespace ckptbench
