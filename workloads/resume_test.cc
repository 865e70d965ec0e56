// Every workload: deterministic for a seed, and continued bit for bit from nothing but its tensors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>

#include "workloads/testing.h"

namespace ckptbench::testing {
namespace {

constexpr int kBefore = 5;  // steps until the copy is taken
constexpr int kAfter = 4;

class EveryWorkload : public ::testing::TestWithParam<Case> {};

INSTANTIATE_TEST_SUITE_P(
    Resume, EveryWorkload,
    ::testing::ValuesIn(every_workload_and(
        {{"digits-mlp", {{"accumulate", "1"}, {"clip", "0"}, {"loss_scale", "0"}}},
         {"char-gpt", {{"sequence", "16"}, {"batch", "2"}, {"accumulate", "2"}, {"freeze", "0.6"}}},
         {"shapes", {{"bytes", "3000000"}, {"model", "llama3-8b"}, {"compute_ms", "0"}}}})),
    [](const ::testing::TestParamInfo<Case>& info) {
      std::string name = info.param.name + std::to_string(info.index);
      std::erase(name, '-');
      return name;
    });

TEST_P(EveryWorkload, TwoRunsFromASeedAreBitIdentical) {
  const auto one = start(GetParam(), 7);
  const auto two = start(GetParam(), 7);
  const auto other = start(GetParam(), 8);
  EXPECT_EQ(digests(*one), digests(*two));
  EXPECT_NE(digests(*one), digests(*other));
  for (int i = 0; i < kBefore; ++i) {
    // Alternating: a generator or buffer shared by the two would show here.
    EXPECT_EQ(advance(*one, 1), advance(*two, 1));
    advance(*other, 1);
    EXPECT_EQ(digests(*one), digests(*two)) << "after step " << i + 1;
  }
}

TEST_P(EveryWorkload, ContinuesBitForBitFromItsTensorsAlone) {
  const auto trained = start(GetParam(), 7);
  advance(*trained, kBefore);
  const std::vector<Bytes> saved = copy_of(trained->state());

  const auto resumed = start(GetParam(), 99);
  restore(*resumed, saved);
  EXPECT_EQ(digests(*resumed), digests(*trained));
  for (int i = 0; i < kAfter; ++i) {
    EXPECT_EQ(advance(*resumed, 1), advance(*trained, 1));
    EXPECT_EQ(digests(*resumed), digests(*trained)) << "after step " << i + 1;
  }
}

TEST_P(EveryWorkload, ResumesInPlaceAfterMoreTraining) {
  const auto trained = start(GetParam(), 7);
  advance(*trained, kBefore);
  const std::vector<Bytes> saved = copy_of(trained->state());
  advance(*trained, kAfter);
  const ComponentDigests expected = digests(*trained);
  restore(*trained, saved);
  advance(*trained, kAfter);
  EXPECT_EQ(digests(*trained), expected);
}

// Left out of a restore without a trace, and why.
std::set<Role> unnoticed(const Case& which) {
  // Between steps no gradient is accumulated: zeros and an absent flag, in every workload.
  std::set<Role> roles{Role::kGradient};
  // The next update rounds the low-precision weights anew from their master copy.
  if (which.name == "shapes") roles.insert(Role::kParameter);
  return roles;
}

TEST_P(EveryWorkload, NeedsEveryComponentOfItsState) {
  const auto trained = start(GetParam(), 7);
  advance(*trained, kBefore);
  const std::vector<Bytes> saved = copy_of(trained->state());
  advance(*trained, kAfter);
  const ComponentDigests expected = digests(*trained);

  const std::set<Role> quiet = unnoticed(GetParam());
  for (const auto& [role, digest] : expected) {
    const auto resumed = start(GetParam(), 99);
    restore(*resumed, saved, role);
    advance(*resumed, kAfter);
    if (quiet.contains(role)) {
      EXPECT_EQ(digests(*resumed), expected) << role_name(role);
    } else {
      EXPECT_NE(digests(*resumed), expected) << role_name(role);
    }
  }
}

// The components that reach the weights, and not only their own next value.
TEST(Components, SteerTheParameters) {
  const Case which{"digits-mlp", {}};
  const auto trained = start(which, 7);
  advance(*trained, kBefore);
  const std::vector<Bytes> saved = copy_of(trained->state());
  advance(*trained, kAfter);
  const Digest expected = digests(*trained).at(Role::kParameter);
  for (const Role role : {Role::kParameter, Role::kMoment1, Role::kMoment2, Role::kOptimizerStep,
                          Role::kLearningRate, Role::kLossScaler, Role::kRng, Role::kLoader}) {
    const auto resumed = start(which, 99);
    restore(*resumed, saved, role);
    advance(*resumed, kAfter);
    EXPECT_NE(digests(*resumed).at(Role::kParameter), expected) << role_name(role);
  }
}

// The number of the layer in a tensor's name; -1: it is of none.
int layer_of(const std::string& name) {
  static const std::regex kLayer(R"(\b(?:h|layers)\.(\d+)\.)");
  std::smatch found;
  return std::regex_search(name, found, kLayer) ? std::stoi(found[1]) : -1;
}

int last_layer(const StateView& state) {
  int last = -1;
  for (const TensorView& tensor : state.tensors) last = std::max(last, layer_of(tensor.name));
  return last;
}

// Named tensor by named tensor, in the default lengths of a trial: what is left out of a restore
// is seen in the states that follow, whatever else came back. Exceptions: what is the same at the
// start of every run. One loop makes the layers of a model: the first and the last stand for those
// between.
TEST_P(EveryWorkload, NeedsEveryTensorOfItsState) {
  const auto trained = start(GetParam(), 7);
  const std::vector<Bytes> initial = copy_of(trained->state());
  advance(*trained, kBefore);
  const std::vector<Bytes> saved = copy_of(trained->state());
  advance(*trained, kAfter);
  const ComponentDigests expected = digests(*trained);
  const std::set<Role> quiet = unnoticed(GetParam());
  const StateView& state = trained->state();
  const int last = last_layer(state);
  for (size_t i = 0; i < state.tensors.size(); ++i) {
    const TensorView& tensor = state.tensors[i];
    if (tensor.alias_of || quiet.contains(tensor.role)) continue;
    if (const int layer = layer_of(tensor.name); layer > 0 && layer < last) continue;
    const auto resumed = start(GetParam(), 99);
    const bool same_anyhow = copy_of(resumed->state().tensors[i]) == saved[i];
    restore_all_but(*resumed, saved, i);
    advance(*resumed, kAfter);
    if (same_anyhow) {
      EXPECT_EQ(initial[i], saved[i]) << tensor.name << " has changed, but back to its first value";
    } else {
      EXPECT_NE(digests(*resumed), expected) << tensor.name;
    }
  }
}

TEST(LossScaler, SkipsAnUpdateThatOverflowsAndGrowsAgain) {
  const Case which{"digits-mlp", {}};
  const auto trained = start(which, 7);
  const auto value = [&](const char* name) { return trained->state().find(name); };
  const auto scale = [&] { return *reinterpret_cast<const float*>(value("scaler.scale")->data); };
  std::set<float> seen;
  int skipped = 0;
  for (int i = 0; i < 20; ++i) {
    const Bytes weights = copy_of(*value("fc1.weight"));
    const Bytes position = copy_of(*value("schedule.position"));
    const float before = scale();
    advance(*trained, 1);
    seen.insert(scale());
    const bool same = copy_of(*value("fc1.weight")) == weights;
    EXPECT_EQ(same, scale() < before) << "step " << i + 1;
    EXPECT_EQ(same, copy_of(*value("schedule.position")) == position) << "step " << i + 1;
    skipped += same ? 1 : 0;
  }
  EXPECT_GE(skipped, 2);
  EXPECT_LE(skipped, 10);
  EXPECT_GE(seen.size(), 2U);
  EXPECT_EQ(*reinterpret_cast<const int64_t*>(value("counter.step")->data), 20);
}

// Each at a step where it differs from what every run starts with.
TEST(LossScaler, BothOfItsTensorsSteerTheParameters) {
  const Case which{"digits-mlp", {}};
  for (const auto& [name, before] : {std::pair{"scaler.scale", 3}, {"scaler.growth_tracker", 5}}) {
    const auto trained = start(which, 7);
    advance(*trained, before);
    const std::vector<Bytes> saved = copy_of(trained->state());
    advance(*trained, kAfter);
    const auto resumed = start(which, 99);
    const StateView& state = resumed->state();
    restore_all_but(*resumed, saved, static_cast<size_t>(state.find(name) - state.tensors.data()));
    advance(*resumed, kAfter);
    EXPECT_NE(digests(*resumed).at(Role::kParameter), digests(*trained).at(Role::kParameter))
        << name;
  }
}

// A power of two changes no bit of a float32 gradient, so only the skips tell.
TEST(LossScaler, ChangesNothingWhereNothingOverflows) {
  const auto plain = start({"digits-mlp", {{"loss_scale", "0"}}}, 7);
  const auto scaled = start({"digits-mlp", {{"loss_scale", "1024"}, {"growth_interval", "99"}}}, 7);
  EXPECT_EQ(advance(*plain, 8), advance(*scaled, 8));
  EXPECT_EQ(digests(*plain).at(Role::kParameter), digests(*scaled).at(Role::kParameter));
}

TEST(Loader, ContinuesAcrossTheEndOfAnEpoch) {
  const Case which{"digits-mlp", {{"batch", "300"}, {"accumulate", "3"}}};  // 4 batches an epoch
  const auto trained = start(which, 7);
  advance(*trained, 1);
  for (int i = 0; i < 6; ++i) {
    const auto resumed = start(which, 99);
    restore(*resumed, copy_of(trained->state()));
    EXPECT_EQ(advance(*resumed, 3), advance(*trained, 3));
    EXPECT_EQ(digests(*resumed), digests(*trained));
  }
}

TEST(Loader, DrawsEverySampleOncePerEpoch) {
  const auto workload = start({"digits-mlp", {{"batch", "719"}, {"accumulate", "1"}}}, 7);
  const TensorView* const order = workload->state().find("loader.order");
  ASSERT_NE(order, nullptr);
  NoHook hook;
  const auto sorted = [&] {
    const auto* const first = reinterpret_cast<const int64_t*>(order->data);
    return std::set<int64_t>(first, first + order->shape[0]);
  };
  const Bytes first_epoch = copy_of(*order);
  EXPECT_EQ(sorted().size(), 1438U);
  EXPECT_FALSE(workload->step(hook).epoch_ended);
  EXPECT_TRUE(workload->step(hook).epoch_ended);
  EXPECT_NE(copy_of(*order), first_epoch);
  EXPECT_EQ(sorted().size(), 1438U);
}

void overwrite(Workload& workload, const char* name, uint64_t offset, int64_t value) {
  const TensorView* const tensor = workload.state().find(name);
  ASSERT_NE(tensor, nullptr);
  std::memcpy(tensor->data + offset, &value, sizeof(value));
}

TEST(Load, NamesTheTensorThatHoldsNoValidValue) {
  using ::testing::HasSubstr;
  using ::testing::ThrowsMessage;
  const Case which{"digits-mlp", {}};
  const auto rejects = [&](const char* name, uint64_t offset, int64_t value) {
    const auto workload = start(which, 7);
    overwrite(*workload, name, offset, value);
    EXPECT_THAT([&] { workload->load(); }, ThrowsMessage<std::runtime_error>(HasSubstr(name)));
  };
  rejects("loader.position", 0, 1438);
  rejects("loader.position", 0, -1);
  rejects("loader.order", 8, 1438);
  rejects("rng.cpu", 8, -1);  // left, and seeded: the counters of the Mersenne twister
}

}  // namespace
}  // namespace ckptbench::testing
