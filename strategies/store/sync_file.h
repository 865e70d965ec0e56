// fsync and rename whose errors keep their errno: a disk that is full may say so only here, and
// then the save may succeed once there is room. Free functions; any thread.
#pragma once

#include <string>

#include "harness/platform/file.h"
#include "harness/platform/io_result.h"

namespace ckptbench {

IoStatus sync_file(const File& file);
IoStatus move_file(const std::string& from, const std::string& to);

}  // namespace ckptbench
