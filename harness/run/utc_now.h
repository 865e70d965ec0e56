// When a record or a run began, in words. Any thread.
#pragma once

#include <string>

namespace ckptbench {

// ISO 8601, seconds, UTC.
std::string utc_now();

}  // namespace ckptbench
