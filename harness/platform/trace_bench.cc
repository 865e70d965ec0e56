// What a disarmed fault point costs: the hook that stands in every hot path of every strategy.
#include <benchmark/benchmark.h>

#include "harness/platform/trace.h"

namespace ckptbench {
namespace {

void disarmed_phase_scope(benchmark::State& state) {
  Trace trace;
  for (auto _ : state) {
    PhaseScope scope(trace, Phase::kWrite);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(disarmed_phase_scope);

// Without the two clock reads that the metric needs: the fault point and the range alone.
void disarmed_point(benchmark::State& state) {
  Trace trace;
  for (auto _ : state) {
    trace.enter(Phase::kWrite);
    trace.leave(Phase::kWrite, 1);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(disarmed_point);

void armed_elsewhere(benchmark::State& state) {
  Trace trace;
  trace.arm_kill(Phase::kRestore, Edge::kAfter, 1, 2);
  for (auto _ : state) {
    PhaseScope scope(trace, Phase::kWrite);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(armed_elsewhere);

}  // namespace
}  // namespace ckptbench
