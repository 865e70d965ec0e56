#include "workloads/compute.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <stdexcept>
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

// Reading a value waits for a GPU.
void wait_for(const at::Tensor& tensor) {
  if (tensor.is_cuda()) tensor.select(0, 0).item<float>();
}

}  // namespace

const std::vector<std::string>& Compute::kinds() {
  static const std::vector<std::string> kNames{"idle", "busy", "memory"};
  return kNames;
}

Compute::Moved Compute::moved(at::DeviceType device) {
  // Buffers are larger than most caches. A core copies 1 MiB in some 100 µs; a GPU does so in less
  // time than it takes to launch the copy, and would wait for launches.
  if (device == at::kCPU) return {.buffer_bytes = 64 << 20, .round_bytes = 1 << 20};
  return {.buffer_bytes = 256 << 20, .round_bytes = 256 << 20};
}

ComputeKind Compute::kind(const std::string& name) {
  const auto found = std::find(kinds().begin(), kinds().end(), name);
  if (found == kinds().end()) throw std::invalid_argument("compute: no kind named '" + name + "'");
  return static_cast<ComputeKind>(found - kinds().begin());
}

Compute::Compute(double milliseconds, ComputeKind kind, at::Device device)
    : milliseconds_(milliseconds), kind_(kind), device_(device) {
  if (kind_ == ComputeKind::kIdle || milliseconds_ <= 0) return;
  const auto floats = at::TensorOptions(at::kFloat).device(device_);
  if (kind_ == ComputeKind::kMemory) {
    const int64_t bytes = moved(device_.type()).buffer_bytes;
    from_ = at::ones({bytes / static_cast<int64_t>(sizeof(float))}, floats);
    to_ = at::zeros_like(from_);
  } else if (device_.is_cuda()) {
    from_ = at::eye(kMatrixSide, floats);
  }
  // The fastest probe is the least disturbed one.
  double per_round = std::numeric_limits<double>::max();
  for (int i = 0; i < kProbes; ++i) {
    const Clock::time_point begin = Clock::now();
    work(kProbeRounds);
    per_round = std::min(per_round, Milliseconds(Clock::now() - begin).count() / kProbeRounds);
  }
  rounds_ = std::max<int64_t>(1, std::llround(milliseconds_ / per_round));
}

void Compute::run() {
  if (milliseconds_ <= 0) return;
  if (kind_ == ComputeKind::kIdle) {
    std::this_thread::sleep_for(Milliseconds(milliseconds_));
  } else {
    work(rounds_);
  }
}

void Compute::work(int64_t rounds) {
  if (kind_ == ComputeKind::kMemory) {
    move_memory(rounds);
  } else {
    calculate(rounds);
  }
}

void Compute::calculate(int64_t rounds) {
  if (!device_.is_cuda()) {
    at::parallel_for(0, at::get_num_threads(), 1, [rounds](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) burn(rounds);
    });
    return;
  }
  to_ = from_;
  for (int64_t i = 0; i < rounds; ++i) to_ = at::mm(to_, from_);
  wait_for(to_.select(0, 0));
}

void Compute::move_memory(int64_t rounds) {
  const int64_t part = moved(device_.type()).round_bytes / static_cast<int64_t>(sizeof(float));
  const int64_t parts = from_.numel() / part;
  for (int64_t i = 0; i < rounds; ++i) {
    const int64_t first = i % parts * part;
    to_.narrow(0, first, part).copy_(from_.narrow(0, first, part));
  }
  wait_for(to_);
}

}  // namespace ckptbench
