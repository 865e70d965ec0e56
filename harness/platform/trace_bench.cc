// What a phase costs with no hook and with one: it stands in every hot path of every strategy.
#include <benchmark/benchmark.h>

#include "harness/platform/trace.h"

namespace ckptbench {
namespace {

void phase_scope_without_hook(benchmark::State& state) {
  Trace trace;
  for (auto _ : state) {
    PhaseScope scope(trace, Phase::kWrite);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(phase_scope_without_hook);

// Without the two clock reads that the metric needs: the hook and the range alone.
void point_without_hook(benchmark::State& state) {
  Trace trace;
  for (auto _ : state) {
    trace.enter(Phase::kWrite);
    trace.leave(Phase::kWrite, 1);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(point_without_hook);

class OtherPhase final : public PhaseHook {
 public:
  void pass(Phase phase, Edge) override { met = met || phase == Phase::kRestore; }
  bool met = false;
};

void phase_scope_with_hook(benchmark::State& state) {
  Trace trace;
  OtherPhase hook;
  trace.set_hook(&hook);
  for (auto _ : state) {
    PhaseScope scope(trace, Phase::kWrite);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(phase_scope_with_hook);

}  // namespace
}  // namespace ckptbench
