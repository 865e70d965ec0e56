// Which rank writes what? Rank 0 writes everything that it holds. With one rank that is the whole
// state; with several it would be only a part, so that is refused. Free function; any thread.
#pragma once

#include <fmt/format.h>

#include "harness/core/error.h"
#include "harness/platform/comm.h"

namespace ckptbench {

inline Status check_rank0(const Comm& comm) {
  if (comm.size() == 1) return {};
  return Error{fmt::format("place rank0 saves the state of one rank, got {} ranks", comm.size())};
}

}  // namespace ckptbench
