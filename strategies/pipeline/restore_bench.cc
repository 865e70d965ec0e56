// What opening a directory costs with more or fewer checkpoints retained, with a restore of the
// newest or a list of all. A restore should not depend on their number, a list should grow with it
// alone; compare as ratios of one run.
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "harness/core/prng.h"
#include "harness/platform/comm.h"
#include "harness/platform/device.h"
#include "harness/platform/files.h"
#include "harness/platform/trace.h"
#include "strategies/registry.h"
#include "strategies/testing/silent_observer.h"

namespace ckptbench {
namespace {

// As many tensors as a small transformer with its moments.
constexpr int kTensors = 400;
constexpr int64_t kElements = 2048;

class Bench {
 public:
  Bench() {
    Prng prng(1);
    for (int i = 0; i < kTensors; ++i) {
      auto& bytes = storage_.emplace_back(kElements * sizeof(float));
      for (std::byte& byte : bytes) byte = static_cast<std::byte>(prng.next());
      TensorView tensor;
      tensor.name = "layer." + std::to_string(i) + ".weight";
      tensor.shape = {kElements};
      tensor.data = bytes.data();
      tensor.bytes = bytes.size();
      state_.tensors.push_back(tensor);
    }
  }
  std::unique_ptr<Strategy> open() {
    return std::move(make_native({.name = "sync", .params = {{"fsync", "false"}}},
                                 {*device_, comm_, observer_, trace_, folder_.path(), "bench"}))
        .value();
  }
  void save(int64_t checkpoints) {
    const auto strategy = open();
    for (int64_t step = 1; step <= checkpoints; ++step) {
      strategy->save(state_, {.step = static_cast<uint64_t>(step)});
    }
  }
  bool restore() {
    const RestoreOutcome outcome = open()->restore(state_, {}, nullptr);
    return std::holds_alternative<Restored>(outcome);
  }

  size_t listed() { return open()->list().size(); }

 private:
  TempDir folder_ = TempDir::make("ckptbench-bench").value();
  std::unique_ptr<Device> device_ = make_cpu_device();
  SoloComm comm_;
  SilentObserver observer_;
  Trace trace_;
  std::vector<std::vector<std::byte>> storage_;
  StateView state_;
};

void open_and_restore(benchmark::State& state) {
  Bench bench;
  bench.save(state.range(0));
  for (auto _ : state) {
    if (!bench.restore()) std::abort();
  }
}
BENCHMARK(open_and_restore)->Arg(2)->Arg(20)->Arg(200)->Arg(1000)->Unit(benchmark::kMillisecond);

void open_and_list(benchmark::State& state) {
  Bench bench;
  bench.save(state.range(0));
  for (auto _ : state) {
    if (bench.listed() != static_cast<size_t>(state.range(0))) std::abort();
  }
}
BENCHMARK(open_and_list)->Arg(2)->Arg(20)->Arg(200)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ckptbench
