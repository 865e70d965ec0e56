// The workloads learn, and are of the sizes they say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "harness/core/sanitized.h"
#include "workloads/compute.h"
#include "workloads/testing.h"
#include "workloads/torch_device.h"

namespace ckptbench::testing {
namespace {

constexpr const char* kLearningIsSlow =
    "minutes under a sanitizer, which sees the same code in the digits-mlp test";

TEST(DigitsMlp, ReachesNinetyFivePercentOnHeldOutImages) {
  const auto workload = start({"digits-mlp", {}}, 1);
  EXPECT_LT(workload->evaluate().value(), 0.3);
  advance(*workload, 300);
  EXPECT_GE(workload->evaluate().value(), 0.95);
}

TEST(DigitsCnn, ReachesNinetyFivePercentOnHeldOutImages) {
  if (kSanitized) GTEST_SKIP() << kLearningIsSlow;
  const auto workload = start({"digits-cnn", {}}, 1);
  EXPECT_LT(workload->evaluate().value(), 0.3);
  advance(*workload, 100);
  EXPECT_GE(workload->evaluate().value(), 0.95);
}

TEST(CharGpt, LearnsToPredictText) {
  if (kSanitized) GTEST_SKIP() << kLearningIsSlow;
  const auto workload = start({"char-gpt", {{"warmup", "5"}, {"lr", "0.003"}}}, 1);
  const double uniform = std::log(128.0);
  EXPECT_NEAR(workload->evaluate().value(), uniform, 0.2);
  const std::vector<double> losses = advance(*workload, 60);
  EXPECT_LT(losses.back(), 2.8);
  EXPECT_LT(workload->evaluate().value(), 2.8);
}

uint64_t parameter_count(const StateView& state) {
  uint64_t count = 0;
  for (const TensorView& tensor : state.tensors) {
    if (tensor.role == Role::kParameter && !tensor.alias_of) {
      count += tensor.bytes / dtype_bytes(tensor.dtype);
    }
  }
  return count;
}

TEST(CharGpt, HasTheParametersOfItsSizeAndATiedOutput) {
  const std::vector<std::pair<const char*, uint64_t>> sizes{
      {"0.2M", 212'352}, {"1M", 1'024'384}, {"3M", 3'188'160}};
  for (const auto& [size, parameters] : sizes) {
    const auto workload = start({"char-gpt", {{"size", size}}}, 1);
    const StateView& state = workload->state();
    EXPECT_EQ(parameter_count(state), parameters) << size;
    const TensorView* const head = state.find("lm_head.weight");
    ASSERT_NE(head, nullptr);
    EXPECT_EQ(head->alias_of, "wte.weight");
    EXPECT_EQ(head->data, state.find("wte.weight")->data);
  }
}

TEST(CharGpt, FrozenLayersNeverChangeAndKeepTheirMoments) {
  const auto workload =
      start({"char-gpt", {{"sequence", "16"}, {"batch", "2"}, {"freeze", "0.6"}}}, 1);
  const StateView& state = workload->state();
  const std::vector<Bytes> before = copy_of(state);
  advance(*workload, 3);
  const std::vector<Bytes> after = copy_of(workload->state());
  uint64_t fixed = 0;
  for (size_t i = 0; i < state.tensors.size(); ++i) {
    const std::string& name = state.tensors[i].name;
    const bool embedding = name.find("wte") != name.npos || name.find("wpe") != name.npos;
    const bool frozen = embedding || name == "lm_head.weight" || name.find("h.0.") != name.npos ||
                        name.find("h.1.") != name.npos;
    if (frozen && !state.tensors[i].alias_of) fixed += state.tensors[i].bytes;
    if (state.tensors[i].mutates == Mutates::kAtUpdate) {
      EXPECT_EQ(before[i] == after[i], frozen) << name;
    }
  }
  EXPECT_GT(fixed, state.logical_bytes() * 2 / 5);
  const TensorView* const moment = state.find("adamw.m.h.0.mlp.c_fc.weight");
  ASSERT_NE(moment, nullptr);
  EXPECT_EQ(copy_of(*moment), Bytes(moment->bytes));
}

TEST(Shapes, HoldsFourteenBytesPerParameterWithinTheGivenSize) {
  const auto workload = start({"shapes", {{"bytes", "20000000"}, {"compute_ms", "0"}}}, 1);
  const StateView& state = workload->state();
  std::map<Role, uint64_t> bytes;
  for (const TensorView& tensor : state.tensors) bytes[tensor.role] += tensor.bytes;
  EXPECT_EQ(bytes[Role::kMasterWeight], 2 * bytes[Role::kParameter]);
  EXPECT_EQ(bytes[Role::kMoment1], bytes[Role::kMasterWeight]);
  EXPECT_EQ(bytes[Role::kMoment2], bytes[Role::kMasterWeight]);
  const uint64_t large = 7 * bytes[Role::kParameter];
  EXPECT_LE(large, 20'000'000U);
  EXPECT_GE(large, 19'800'000U);
  EXPECT_LT(state.logical_bytes() - large, 10'000U);
}

TEST(Shapes, WeightsAreTheRoundedMasterCopy) {
  const auto workload = start({"shapes", {{"bytes", "1000000"}, {"compute_ms", "0"}}}, 1);
  advance(*workload, 2);
  const StateView& state = workload->state();
  const TensorView* const low = state.find("wte.weight");
  const TensorView* const master = state.find("master.wte.weight");
  ASSERT_TRUE(low && master);
  EXPECT_EQ(low->dtype, DType::kBF16);
  for (uint64_t i = 0; i < low->bytes / 2; ++i) {
    const uint32_t bits = uint32_t{reinterpret_cast<const uint16_t*>(low->data)[i]} << 16;
    float rounded = 0;
    std::memcpy(&rounded, &bits, sizeof(rounded));
    const float exact = reinterpret_cast<const float*>(master->data)[i];
    ASSERT_LE(std::abs(rounded - exact), std::abs(exact) / 256) << i;
  }
}

TEST(Shapes, ComputeTimeChangesNoValue) {
  const auto after = [](const char* kind, const char* milliseconds) {
    const auto workload = start(
        {"shapes", {{"bytes", "500000"}, {"compute", kind}, {"compute_ms", milliseconds}}}, 1);
    advance(*workload, 2);
    return digests(*workload);
  };
  const ComponentDigests none = after("idle", "0");
  EXPECT_EQ(after("idle", "1"), none);
  EXPECT_EQ(after("busy", "1"), none);
  EXPECT_EQ(after("memory", "1"), none);
}

// A GPU copies 1 MiB in less time than it takes to launch the copy.
TEST(Compute, ARoundOnAGpuIsManyTimesItsLaunch) {
  const Compute::Moved cpu = Compute::moved(at::kCPU);
  EXPECT_EQ(cpu.buffer_bytes, 64 << 20);
  EXPECT_EQ(cpu.round_bytes, 1 << 20);
  constexpr int64_t kBytesPerLaunch = 5'000'000 * 4;  // of 4 TB/s in 5 µs
  const Compute::Moved gpu = Compute::moved(at::kCUDA);
  EXPECT_GE(2 * gpu.round_bytes, 20 * kBytesPerLaunch);  // read and written
  EXPECT_EQ(gpu.buffer_bytes % gpu.round_bytes, 0);
}

TEST(TorchDevice, DeterministicOperationsLeaveNewMemoryAsItIs) {
  const bool before = at::globalContext().deterministicAlgorithms();
  make_torch_deterministic();
  EXPECT_TRUE(at::globalContext().deterministicAlgorithms());
  EXPECT_FALSE(at::globalContext().deterministicFillUninitializedMemory());
  at::globalContext().setDeterministicAlgorithms(before, false);
}

TEST(Registry, NamesWorkloadsOnceWithDefaultsAndSmallParametersThatAreValid) {
  std::set<std::string> names;
  for (const WorkloadInfo& info : workload_infos()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name << " twice";
    EXPECT_TRUE(Params::make(info.name, info.params, {}).ok()) << info.name;
    EXPECT_TRUE(Params::make(info.name, info.params, info.small_params).ok()) << info.name;
    EXPECT_NE(make({info.name, {}}), nullptr);
  }
  EXPECT_FALSE(names.empty());
  EXPECT_THROW(make_workload("digits", Params(), "cpu"), std::invalid_argument);
}

// The exit code and the message.
std::pair<ExitCode, std::string> refusal(const Case& which, const std::string& device = "cpu") {
  try {
    make(which, device);
  } catch (const ExitError& error) {
    return {error.code(), error.what()};
  }
  return {ExitCode::kOk, ""};
}

TEST(Registry, RefusesParametersThatDoNotFitTogether) {
  using ::testing::HasSubstr;
  using ::testing::Pair;
  EXPECT_THAT(refusal({"digits-mlp", {{"batch", "1439"}}}),
              Pair(ExitCode::kUsage, HasSubstr("'batch': 1439, expected at most the 1438")));
  EXPECT_THAT(refusal({"char-gpt", {{"sequence", "65"}}}),
              Pair(ExitCode::kUsage, HasSubstr("'sequence': 65, expected at most 64")));
  EXPECT_THAT(refusal({"shapes", {{"bytes", "100"}}}),
              Pair(ExitCode::kUsage, HasSubstr("'bytes' of gpt2-124m: 100")));
}

TEST(Registry, SaysThatACpuWorkerHasNoGpu) {
  EXPECT_THAT(refusal({"digits-mlp", {}}, "cuda"),
              ::testing::Pair(ExitCode::kEnvironment, ::testing::HasSubstr("no usable GPU")));
}

}  // namespace
}  // namespace ckptbench::testing
