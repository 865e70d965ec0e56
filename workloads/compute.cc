#include "workloads/compute.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>

namespace ckptbench {
namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr int64_t kRoundOperations = 20'000;  // about 20 µs on one core
constexpr int64_t kMatrixSide = 1024;         // of one round on a GPU
constexpr int64_t kProbeRounds = 50;
constexpr int kProbes = 5;

// A chain of dependent multiplications: no memory traffic, nothing for the compiler to shorten.
uint64_t burn(int64_t rounds) {
  uint64_t value = 1;
  for (int64_t i = 0; i < rounds * kRoundOperations; ++i) {
    value = value * 6364136223846793005ULL + 1442695040888963407ULL;
    asm volatile("" : "+r"(value));
  }
  return value;
}

}  // namespace

Compute::Compute(double milliseconds, bool busy, at::Device device)
    : milliseconds_(milliseconds), busy_(busy), device_(device) {
  if (!busy_ || milliseconds_ <= 0) return;
  if (device_.is_cuda()) {
    matrix_ = at::eye(kMatrixSide, at::TensorOptions(at::kFloat).device(device_));
  }
  // The fastest probe is the least disturbed one.
  double per_round = std::numeric_limits<double>::max();
  for (int i = 0; i < kProbes; ++i) {
    const Clock::time_point begin = Clock::now();
    work(kProbeRounds);
    per_round = std::min(per_round, Milliseconds(Clock::now() - begin).count() / kProbeRounds);
  }
  rounds_ = std::max<int64_t>(1, static_cast<int64_t>(milliseconds_ / per_round));
}

void Compute::run() {
  if (milliseconds_ <= 0) return;
  if (busy_) {
    work(rounds_);
  } else {
    std::this_thread::sleep_for(Milliseconds(milliseconds_));
  }
}

void Compute::work(int64_t rounds) {
  if (!device_.is_cuda()) {
    at::parallel_for(0, at::get_num_threads(), 1, [rounds](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) burn(rounds);
    });
    return;
  }
  at::Tensor product = matrix_;
  for (int64_t i = 0; i < rounds; ++i) product = at::mm(product, matrix_);
  product.select(0, 0).select(0, 0).item<float>();  // waits for the device
}

}  // namespace ckptbench
