// What a save costs: through null (the harness's own hook), as a staged copy against one memcpy of
// the same bytes, and as a synchronous save against the probe of the same disk.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "harness/measure/probe.h"
#include "harness/platform/clock.h"
#include "harness/platform/comm.h"
#include "harness/platform/device.h"
#include "harness/platform/files.h"
#include "harness/platform/trace.h"
#include "strategies/capture/copy.h"
#include "strategies/registry.h"
#include "strategies/testing/silent_observer.h"

namespace ckptbench {
namespace {

// Tensors of 8 MiB of incompressible bytes, as a model's larger layers are.
class BenchState {
 public:
  explicit BenchState(uint64_t bytes) {
    constexpr uint64_t kTensor = 8ULL << 20;
    for (uint64_t begin = 0; begin < bytes; begin += kTensor) {
      const uint64_t size = std::min(kTensor, bytes - begin);
      storage_.push_back(std::vector<std::byte>(size));
      uint64_t word = begin + 1;
      for (uint64_t i = 0; i + 8 <= size; i += 8) {
        word = word * 6364136223846793005ULL + 1442695040888963407ULL;
        std::memcpy(storage_.back().data() + i, &word, 8);
      }
      TensorView tensor;
      tensor.name = "t" + std::to_string(begin);
      tensor.shape = {static_cast<int64_t>(size / 4)};
      tensor.data = storage_.back().data();
      tensor.bytes = size / 4 * 4;
      view.tensors.push_back(tensor);
    }
  }
  StateView view;

 private:
  std::vector<std::vector<std::byte>> storage_;
};

struct Bench {
  TempDir directory = TempDir::make("ckptbench-bench").value();
  std::unique_ptr<Device> device = make_cpu_device();
  SoloComm comm;
  SilentObserver observer;
  Trace trace;

  std::unique_ptr<Strategy> open(const std::string& name) {
    return make_native({.name = name, .params = {}},
                       {*device, comm, observer, trace, directory.path(), "bench"})
        .value();
  }
};

std::chrono::steady_clock::time_point far() {
  return std::chrono::steady_clock::now() + std::chrono::hours(1);
}

void keep_newest(Strategy& strategy) {
  const std::vector<uint64_t> keep{strategy.list().front().seq};
  if (!strategy.retain(keep)) std::abort();
}

void BM_NullSave(benchmark::State& state) {
  Bench bench;
  BenchState tensors(1 << 20);
  const auto strategy = bench.open("null");
  uint64_t step = 0;
  for (auto _ : state) {
    const Ticket ticket =
        strategy->save(tensors.view, {.step = ++step, .contents = Contents::kFull, .metric = {}});
    benchmark::DoNotOptimize(strategy->wait(ticket, far()));
  }
}
BENCHMARK(BM_NullSave);

// Arg: MiB. Wall time of save() of a strategy, deletion of the older one outside.
void save_blocks(benchmark::State& state, const char* name) {
  Bench bench;
  const uint64_t bytes = static_cast<uint64_t>(state.range(0)) << 20;
  BenchState tensors(bytes);
  const auto strategy = bench.open(name);
  uint64_t step = 0;
  const auto save = [&] {
    return strategy->save(tensors.view,
                          {.step = ++step, .contents = Contents::kFull, .metric = {}});
  };
  strategy->wait(save(), far());
  bench.trace.reset_totals();
  for (auto _ : state) {
    const Ticket ticket = save();
    state.PauseTiming();
    if (!std::holds_alternative<Durable>(strategy->wait(ticket, far()))) std::abort();
    keep_newest(*strategy);
    state.ResumeTiming();
  }
  const auto totals = bench.trace.totals();
  for (int phase = 0; phase < kPhaseCount; ++phase) {
    if (totals[phase].count == 0) continue;
    state.counters[std::string(phase_name(static_cast<Phase>(phase))) + "_ms"] =
        static_cast<double>(totals[phase].total_ns) / 1e6 / static_cast<double>(state.iterations());
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * bytes));
}
BENCHMARK_CAPTURE(save_blocks, sync, "sync")->Arg(64)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(save_blocks, async, "async")
    ->Arg(64)
    ->Arg(1024)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// One save and one probe in turn, so that both see the same disk. The counter is their ratio.
void BM_SyncAgainstProbe(benchmark::State& state) {
  Bench bench;
  const uint64_t bytes = static_cast<uint64_t>(state.range(0)) << 20;
  BenchState tensors(bytes);
  const auto strategy = bench.open("sync");
  std::vector<double> ratios;
  int64_t save_ns = 0;
  int64_t probe_ns = 0;
  uint64_t step = 0;
  for (auto _ : state) {
    const int64_t begin = now_ns();
    strategy->save(tensors.view, {.step = ++step, .contents = Contents::kFull, .metric = {}});
    const int64_t saved = now_ns() - begin;
    const int64_t probed =
        probe_new_file(bench.directory.path(), claimed_save({bytes}, true), {.threads = 1}).value();
    keep_newest(*strategy);
    if (step == 1) continue;
    save_ns += saved;
    probe_ns += probed;
    ratios.push_back(static_cast<double>(probed) / static_cast<double>(saved));
  }
  std::sort(ratios.begin(), ratios.end());
  const double count = static_cast<double>(ratios.size());
  state.counters["percent_of_probe"] = 100 * ratios[ratios.size() / 2];
  state.counters["save_GBps"] = static_cast<double>(bytes) * count / static_cast<double>(save_ns);
  state.counters["probe_GBps"] = static_cast<double>(bytes) * count / static_cast<double>(probe_ns);
}
BENCHMARK(BM_SyncAgainstProbe)->Arg(1024)->Iterations(6)->Unit(benchmark::kMillisecond);

template <auto copy>
void copy_tensors(benchmark::State& state) {
  const uint64_t bytes = static_cast<uint64_t>(state.range(0)) << 20;
  BenchState tensors(bytes);
  const auto device = make_cpu_device();
  const auto area = device->allocate_host(bytes).value();
  for (auto _ : state) {
    uint64_t at = 0;
    for (const TensorView& tensor : tensors.view.tensors) {
      copy(area->data() + at, tensor.data, tensor.bytes);
      at += tensor.bytes;
    }
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * bytes));
}
void plain_copy(std::byte* to, const std::byte* from, uint64_t bytes) {
  std::memcpy(to, from, bytes);
}
BENCHMARK(copy_tensors<plain_copy>)->Name("copy_memcpy")->Arg(1024)->Unit(benchmark::kMillisecond);
BENCHMARK(copy_tensors<stream_copy>)->Name("copy_stream")->Arg(1024)->Unit(benchmark::kMillisecond);

void BM_OneMemcpy(benchmark::State& state) {
  const uint64_t bytes = static_cast<uint64_t>(state.range(0)) << 20;
  for (auto _ : state) {
    state.SetIterationTime(static_cast<double>(probe_memcpy(bytes).value()) / 1e9);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * bytes));
}
BENCHMARK(BM_OneMemcpy)->Arg(1024)->UseManualTime()->Iterations(5)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ckptbench
