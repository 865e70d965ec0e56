// Every entry below a folder that other processes may change meanwhile. Plain functions, any
// thread.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <string>

#include "harness/core/error.h"

namespace ckptbench {

using VisitEntry = std::function<void(const std::filesystem::path& path, const struct stat& info)>;

// Calls visit for the entries at any depth, a folder before what lies in it, links not followed.
// What vanishes meanwhile is left out, and nothing else with it. An error when something cannot be
// read.
Status walk_folder(const std::string& folder, const VisitEntry& visit);

}  // namespace ckptbench
