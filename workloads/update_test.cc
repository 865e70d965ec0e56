// The hook's contract and the update itself.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "workloads/testing.h"

namespace ckptbench::testing {
namespace {

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = every_workload_and(
      {{"char-gpt", {{"sequence", "16"}, {"batch", "2"}, {"accumulate", "2"}, {"freeze", "0.6"}}}});
  return kCases;
}

// Checks at every call that nothing which changes at the update has changed unannounced.
class WatchingHook : public UpdateHook {
 public:
  explicit WatchingHook(const StateView& state) : state_(state), before_(copy_of(state)) {}

  void before_update(std::span<const TensorView> tensors,
                     std::span<const TensorView> gradients) override {
    expect_unannounced_unchanged();
    size_t trained = 0;
    for (const TensorView& tensor : tensors) {
      EXPECT_EQ(tensor.mutates, Mutates::kAtUpdate) << tensor.name;
      EXPECT_TRUE(announced_.insert(tensor.name).second) << tensor.name << " twice";
      const auto index = static_cast<size_t>(state_.find(tensor.name) - state_.tensors.data());
      EXPECT_EQ(index, next_index(index)) << tensor.name << " out of state order";
      last_ = index;
      trained += tensor.role == Role::kMoment1 ? 1 : 0;
    }
    EXPECT_EQ(gradients.size(), trained);
    for (const TensorView& gradient : gradients) {
      EXPECT_EQ(gradient.role, Role::kGradient);
      EXPECT_NE(copy_of(gradient), Bytes(gradient.bytes)) << gradient.name << " is all zero";
    }
  }

  void expect_unannounced_unchanged() const {
    for (size_t i = 0; i < state_.tensors.size(); ++i) {
      const TensorView& tensor = state_.tensors[i];
      if (tensor.mutates != Mutates::kAtUpdate || announced_.contains(tensor.name)) continue;
      EXPECT_EQ(std::memcmp(tensor.data, before_[i].data(), tensor.bytes), 0) << tensor.name;
    }
  }
  const std::set<std::string>& announced() const { return announced_; }

 private:
  size_t next_index(size_t index) const { return last_ && index <= *last_ ? *last_ + 1 : index; }

  const StateView& state_;
  std::vector<Bytes> before_;
  std::set<std::string> announced_;
  std::optional<size_t> last_;
};

TEST(UpdateHookContract, EveryChangeIsAnnouncedOnceInOrderAndNotBefore) {
  for (const Case& which : cases()) {
    SCOPED_TRACE(which.name);
    const auto workload = start(which, 7);
    for (int i = 0; i < 3; ++i) {
      WatchingHook hook(workload->state());
      const std::vector<Bytes> before = copy_of(workload->state());
      workload->step(hook);
      hook.expect_unannounced_unchanged();
      const std::vector<Bytes> after = copy_of(workload->state());
      size_t changed = 0;
      for (size_t t = 0; t < after.size(); ++t) changed += before[t] != after[t] ? 1 : 0;
      EXPECT_GT(changed, hook.announced().size() / 2);
    }
  }
}

TEST(State, NamesAreUniqueAndAddressesConstant) {
  for (const Case& which : cases()) {
    SCOPED_TRACE(which.name);
    const auto workload = start(which, 7);
    std::map<std::string, const std::byte*> addresses;
    for (const TensorView& tensor : workload->state().tensors) {
      EXPECT_TRUE(addresses.emplace(tensor.name, tensor.data).second) << tensor.name;
      EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data) % 64, 0U) << tensor.name;
      uint64_t elements = 1;
      for (const int64_t extent : tensor.shape) elements *= static_cast<uint64_t>(extent);
      EXPECT_EQ(tensor.bytes, elements * dtype_bytes(tensor.dtype)) << tensor.name;
    }
    advance(*workload, 3);
    workload->load();
    workload->evaluate();
    ASSERT_EQ(workload->state().tensors.size(), addresses.size());
    for (const TensorView& tensor : workload->state().tensors) {
      EXPECT_EQ(tensor.data, addresses.at(tensor.name)) << tensor.name;
    }
  }
}

TEST(State, TensorsDoNotOverlapExceptAliases) {
  for (const Case& which : cases()) {
    SCOPED_TRACE(which.name);
    const auto workload = start(which, 7);
    std::map<const std::byte*, const TensorView*> by_address;
    for (const TensorView& tensor : workload->state().tensors) {
      if (tensor.alias_of) continue;
      EXPECT_TRUE(by_address.emplace(tensor.data, &tensor).second) << tensor.name;
    }
    const std::byte* end = nullptr;
    for (const auto& [data, tensor] : by_address) {
      EXPECT_GE(data, end) << tensor->name;
      end = data + tensor->bytes;
    }
  }
}

TEST(State, HoldsNoGradientBetweenSteps) {
  const auto workload = start({"digits-mlp", {{"accumulate", "3"}}}, 7);
  advance(*workload, 2);
  size_t seen = 0;
  for (const TensorView& tensor : workload->state().tensors) {
    if (tensor.role != Role::kGradient) continue;
    ++seen;
    EXPECT_EQ(copy_of(tensor), Bytes(tensor.bytes)) << tensor.name;
  }
  EXPECT_EQ(seen, 7U);  // six parameters and the flag
}

TEST(State, EvaluationChangesNothing) {
  for (const Case& which : cases()) {
    SCOPED_TRACE(which.name);
    const auto evaluated = start(which, 7);
    const auto plain = start(which, 7);
    advance(*evaluated, 2);
    advance(*plain, 2);
    evaluated->evaluate();
    EXPECT_EQ(digests(*evaluated), digests(*plain));
    EXPECT_EQ(advance(*evaluated, 1), advance(*plain, 1));
  }
}

// Keeps what one parameter's update was given.
class CapturingHook : public UpdateHook {
 public:
  explicit CapturingHook(std::string name) : name_(std::move(name)) {}
  void before_update(std::span<const TensorView> tensors,
                     std::span<const TensorView> gradients) override {
    for (const TensorView& tensor : tensors) keep(tensor);
    for (const TensorView& tensor : gradients) keep(tensor);
  }
  double value(const std::string& prefix, size_t i) const { return floats.at(prefix + name_)[i]; }

  std::map<std::string, std::vector<float>> floats;

 private:
  void keep(const TensorView& tensor) {
    if (tensor.dtype != DType::kF32) return;
    const auto* const first = reinterpret_cast<const float*>(tensor.data);
    floats[tensor.name].assign(first, first + tensor.bytes / sizeof(float));
  }
  std::string name_;
};

// AdamW written out in double precision, from the paper.
TEST(Update, IsAdamWOfTheGradientsInTheHook) {
  const std::string name = "fc1.weight";
  const auto workload =
      start({"digits-mlp", {{"lr", "0.01"}, {"warmup", "0"}, {"weight_decay", "0.05"}}}, 7);
  advance(*workload, 2);
  const TensorView rate_view = *workload->state().find("schedule.learning_rate");
  const double rate = *reinterpret_cast<const double*>(rate_view.data);
  CapturingHook hook(name);
  workload->step(hook);
  const TensorView after = *workload->state().find(name);
  const auto* const values = reinterpret_cast<const float*>(after.data);
  for (size_t i = 0; i < after.bytes / sizeof(float); ++i) {
    const double g = hook.value("grad.", i);
    const double m = 0.9 * hook.value("adamw.m.", i) + 0.1 * g;
    const double v = 0.999 * hook.value("adamw.v.", i) + 0.001 * g * g;
    const double unbiased = std::sqrt(v / (1 - std::pow(0.999, 3))) + 1e-8;
    const double decayed = hook.value("", i) * (1 - rate * 0.05);
    EXPECT_NEAR(values[i], decayed - rate * m / (1 - std::pow(0.9, 3)) / unbiased, 2e-6);
  }
}

TEST(Update, ClipsTheGradientToTheGivenNorm) {
  const auto norm = [](const char* clip) {
    const auto workload = start({"digits-mlp", {{"clip", clip}}}, 7);
    CapturingHook hook("");
    workload->step(hook);
    double sum = 0;
    for (const auto& [name, values] : hook.floats) {
      if (!name.starts_with("grad.")) continue;
      for (const float value : values) sum += static_cast<double>(value) * value;
    }
    return std::sqrt(sum);
  };
  EXPECT_GT(norm("0"), 0.02);
  EXPECT_NEAR(norm("0.01"), 0.01, 1e-5);
}

}  // namespace
}  // namespace ckptbench::testing
