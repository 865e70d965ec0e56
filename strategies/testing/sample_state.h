// For tests of strategies: a small training state with every awkward kind of tensor, an observer
// that remembers, and a directory of its own. Not part of any library. One thread.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/prng.h"
#include "harness/platform/comm.h"
#include "harness/platform/device.h"
#include "harness/platform/trace.h"
#include "strategies/api/strategy.h"
#include "strategies/testing/owned_tensors.h"

namespace ckptbench {

// 0-dim, empty, bf16, f16, bool and integer tensors, dots in names, an alias; deterministic.
class SampleState : public OwnedTensors {
 public:
  explicit SampleState(uint64_t seed) : prng_(seed) {
    add("layer.0.weight", Role::kParameter, DType::kF32, {7, 5});
    add("layer.0.bias", Role::kParameter, DType::kF32, {7});
    add("layer.1.weight", Role::kParameter, DType::kBF16, {3, 7});
    add("layer.1.half", Role::kParameter, DType::kF16, {2, 2});
    add_alias("tied.weight", "layer.0.weight");
    add("buffer.count", Role::kBuffer, DType::kI64, {});
    add("buffer.empty", Role::kBuffer, DType::kF32, {0, 3});
    add("moment1/layer.0.weight", Role::kMoment1, DType::kF64, {7, 5});
    add("moment2/layer.0.weight", Role::kMoment2, DType::kF32, {7, 5});
    add("optimizer step", Role::kOptimizerStep, DType::kF32, {});
    add("mask", Role::kGradient, DType::kBool, {9});
    add("rng", Role::kRng, DType::kU8, {33});
    add("order", Role::kLoader, DType::kI32, {11});
    add("small", Role::kPolicy, DType::kI16, {2});
    add("tiny", Role::kCounter, DType::kI8, {1, 1, 1});
    update();
  }

  // Changes every tensor, as one training step would.
  void update() {
    for (const TensorView& tensor : view().tensors) {
      for (uint64_t i = 0; i < tensor.bytes && !tensor.alias_of; ++i) {
        const uint64_t value = tensor.dtype == DType::kBool ? prng_.below(2) : prng_.below(256);
        tensor.data[i] = static_cast<std::byte>(value);
      }
    }
  }
  std::vector<std::byte> copy_of(const std::string& name) const {
    const TensorView* tensor = view().find(name);
    return {tensor->data, tensor->data + tensor->bytes};
  }

 private:
  Prng prng_;
};

class RememberingObserver : public Observer {
 public:
  void captured(uint64_t step) override { captured_steps.push_back(step); }
  void durable(uint64_t step, uint64_t, Survives) override { durable_steps.push_back(step); }
  void failed(uint64_t step, const std::string&) override { failed_steps.push_back(step); }
  void retired(uint64_t step, uint64_t) override { retired_steps.push_back(step); }

  std::vector<uint64_t> captured_steps;
  std::vector<uint64_t> durable_steps;
  std::vector<uint64_t> failed_steps;
  std::vector<uint64_t> retired_steps;
};

// A checkpoint directory with all that a strategy is built with.
class StrategyBench {
 public:
  StrategyBench() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ckptbench-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp " + pattern);
    directory_ = pattern;
  }
  ~StrategyBench() { std::filesystem::remove_all(directory_); }
  StrategyBench(const StrategyBench&) = delete;
  StrategyBench& operator=(const StrategyBench&) = delete;

  StrategyContext context() {
    return {*device_, comm_, observer, trace_, directory_.string(), "run"};
  }
  const std::filesystem::path& directory() const { return directory_; }

  RememberingObserver observer;

 private:
  std::unique_ptr<Device> device_ = make_cpu_device();
  SoloComm comm_;
  Trace trace_;
  std::filesystem::path directory_;
};

inline Ticket save(Strategy& strategy, SampleState& state, uint64_t step) {
  return strategy.save(state.view(), {.step = step, .metric = {}});
}

inline std::chrono::steady_clock::time_point soon() {
  return std::chrono::steady_clock::now() + std::chrono::minutes(1);
}

}  // namespace ckptbench
