#include "harness/worker/warm_up.h"

#include <unistd.h>

#include "harness/core/error.h"
#include "harness/platform/proc.h"
#include "harness/train/plugins.h"
#include "harness/train/torch_runtime.h"
#include "harness/train/trainer.h"
#include "strategies/peers/peer_list.h"

namespace ckptbench {
namespace {

constexpr int kWarmUpSteps = 3;

}  // namespace

void warm_up(Warm warm) {
  if (warm == Warm::kPython) {
    const Status warmed = warm_python();
    if (!warmed) throw ExitError(ExitCode::kEnvironment, "serve: " + warmed.error().message);
  }
  set_torch_threads(1);
  Cell cell;
  cell.workload.name = "digits-mlp";
  const auto device = make_cpu_device();
  RunState state(cell, *device);
  Trainer trainer(cell.policy, state, 0, Listens::kNo);
  NoHook hook;
  for (int i = 0; i < kWarmUpSteps; ++i) trainer.advance(hook);
  state.digests();
  if (threads_of(::getpid()).size() != 1) {
    throw ExitError(ExitCode::kHarness,
                    "serve: the warm-up started threads; nothing may be forked from here. Expected "
                    "OMP_NUM_THREADS=1 and MKL_NUM_THREADS=1");
  }
}

}  // namespace ckptbench
