// The speed of what a save does to every byte: digest, copy with digest, plane split, and zstd.
#include <benchmark/benchmark.h>

#include <cstring>
#include <vector>

#include "harness/core/digest.h"
#include "harness/core/prng.h"
#include "strategies/capture/copy.h"
#include "strategies/encode/codec.h"
#include "strategies/encode/planes.h"

namespace ckptbench {

StageRow planes_stage();
StageRow zstd_stage();

namespace {

constexpr size_t kChunk = 1 << 20;

// Floats around ±0.02, as weights are: exponents repeat, mantissas do not.
std::vector<std::byte> weights(size_t bytes) {
  Prng prng(1);
  std::vector<std::byte> data(bytes);
  for (size_t i = 0; i + 4 <= bytes; i += 4) {
    const float value = static_cast<float>((prng.uniform() - 0.5) * 0.04);
    std::memcpy(data.data() + i, &value, 4);
  }
  return data;
}

void done(benchmark::State& state, size_t bytes) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * bytes));
}

void BM_Digest(benchmark::State& state) {
  const auto data = weights(static_cast<size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(digest_of(data));
  done(state, data.size());
}
BENCHMARK(BM_Digest)->Arg(kChunk)->Arg(64 * kChunk);

void BM_CopyDigest(benchmark::State& state) {
  const auto data = weights(64 * kChunk);
  std::vector<std::byte> target(8 * kChunk);
  size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        copy_digest(target.data(), std::span(data).subspan(at, target.size())));
    at = (at + target.size()) % data.size();
  }
  done(state, target.size());
}
BENCHMARK(BM_CopyDigest);

void BM_SplitPlanes(benchmark::State& state) {
  const auto data = weights(kChunk);
  std::vector<std::byte> planes(kChunk);
  for (auto _ : state) {
    split_planes(static_cast<DType>(state.range(0)), data, planes);
    benchmark::ClobberMemory();
  }
  done(state, kChunk);
}
BENCHMARK(BM_SplitPlanes)
    ->Arg(static_cast<int>(DType::kF32))
    ->Arg(static_cast<int>(DType::kBF16))
    ->Arg(static_cast<int>(DType::kF64));

void BM_JoinPlanes(benchmark::State& state) {
  const auto planes = weights(kChunk);
  std::vector<std::byte> data(kChunk);
  for (auto _ : state) {
    join_planes(static_cast<DType>(state.range(0)), planes, data);
    benchmark::ClobberMemory();
  }
  done(state, kChunk);
}
BENCHMARK(BM_JoinPlanes)->Arg(static_cast<int>(DType::kF32))->Arg(static_cast<int>(DType::kBF16));

void BM_PlanesZstd(benchmark::State& state) {
  const auto data = weights(kChunk);
  const StageRow planes = planes_stage();
  const StageRow zstd = zstd_stage();
  const StageRow* const rows[] = {&planes, &zstd};
  ChunkEncoder encoder(rows, Params::make("zstd", zstd.params, {}).value());
  size_t bytes = 0;
  for (auto _ : state) bytes = encoder.encode(DType::kF32, data).bytes.size();
  done(state, kChunk);
  state.counters["ratio"] = static_cast<double>(kChunk) / static_cast<double>(bytes);
}
BENCHMARK(BM_PlanesZstd);

}  // namespace
}  // namespace ckptbench
