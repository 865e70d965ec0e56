// What a trial of the kill sweep spends on training.
#include <benchmark/benchmark.h>

#include "workloads/testing.h"

namespace ckptbench::testing {
namespace {

void BM_DigitsMlpInit(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(start({"digits-mlp", {}}, 1));
}
BENCHMARK(BM_DigitsMlpInit);

void BM_DigitsMlpStep(benchmark::State& state) {
  const auto workload = start({"digits-mlp", {}}, 1);
  NoHook hook;
  for (auto _ : state) benchmark::DoNotOptimize(workload->step(hook));
}
BENCHMARK(BM_DigitsMlpStep);

void BM_DigitsMlpState(benchmark::State& state) {
  const auto workload = start({"digits-mlp", {}}, 1);
  for (auto _ : state) benchmark::DoNotOptimize(workload->state().tensors.data());
}
BENCHMARK(BM_DigitsMlpState);

void BM_ShapesStep(benchmark::State& state) {
  const auto workload =
      start({"shapes", {{"bytes", std::to_string(state.range(0))}, {"compute_ms", "0"}}}, 1);
  NoHook hook;
  for (auto _ : state) benchmark::DoNotOptimize(workload->step(hook));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_ShapesStep)->Arg(100'000'000)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace ckptbench::testing
