// Which rank writes what? Rank 0 writes everything that it holds. With one rank that is the whole
// state; with several it would be only a part, so that is refused.
#include <fmt/format.h>

#include "harness/platform/comm.h"
#include "strategies/api/stage.h"

namespace ckptbench {

StageRow rank0_stage() {
  return {.name = "rank0",
          .summary = "rank 0 writes everything",
          .is_default = true,
          .make = CheckPlace([](const Comm& comm) -> Status {
            if (comm.size() == 1) return {};
            return Error{
                fmt::format("place rank0 saves the state of one rank, got {} ranks", comm.size())};
          })};
}

}  // namespace ckptbench
