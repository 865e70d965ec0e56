// Names that JSON cannot hold, and aliases of tensors that a save leaves out: what is published can
// be read back into the same state, and what cannot be published is a failed save.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "strategies/testing/contract_samples.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class NamesAndAliases : public ::testing::TestWithParam<std::string> {
 protected:
  ContractBench bench;
};

TEST_P(NamesAndAliases, ANameThatIsNotUtf8IsAFailedSave) {
  ContractState state;
  state.add("layer\xff.weight", Role::kParameter, DType::kF32, {100});
  const auto strategy = bench.open(GetParam());
  const std::string outcome = words(save_and_wait(*strategy, state, 1));
  EXPECT_THAT(outcome, StartsWith("failed: "));
  EXPECT_THAT(outcome, HasSubstr("UTF-8"));
  EXPECT_EQ(words(save_and_wait(*strategy, *small_state(1), 2)), "durable");
}

TEST_P(NamesAndAliases, ARunIdThatIsNotUtf8IsAFailedSave) {
  const auto device = make_cpu_device();
  SoloComm comm;
  Trace trace;
  RecordingObserver observer;
  auto strategy = make_native({.name = GetParam(), .params = {}},
                              {*device, comm, observer, trace, bench.directory(), "run\xff"});
  ASSERT_TRUE(strategy) << strategy.error().message;
  const auto state = small_state(1);
  const std::string outcome = words(save_and_wait(*strategy.value(), *state, 1));
  EXPECT_THAT(outcome, StartsWith("failed: "));
  EXPECT_THAT(outcome, HasSubstr("run id is not UTF-8"));
}

// Weights whose bytes belong to a tensor that a weights-only save leaves out.
TEST_P(NamesAndAliases, WeightsThatShareAnotherTensorsBytesComeBack) {
  ContractState state;
  state.add("master", Role::kMoment1, DType::kF32, {1000});
  state.add_alias("weight", "master");
  state.add_alias("tied", "master");
  state.add("other", Role::kParameter, DType::kF32, {10});
  for (const size_t alias : {1, 2}) state.view().tensors[alias].role = Role::kParameter;
  const auto strategy = bench.open(GetParam());
  state.fill(1);
  const Digest saved = state.digest();
  ASSERT_EQ(words(save_and_wait(*strategy, state, 1, Contents::kWeights)), "durable");
  state.fill(2);
  const Want want{.seq = {}, .partial = true};
  const RestoreOutcome outcome = strategy->restore(state.view(), want, nullptr);
  ASSERT_EQ(words(outcome), "restored 1");
  EXPECT_EQ(state.digest(), saved);
  EXPECT_THAT(std::get<Restored>(outcome).missing, IsEmpty()) << "its bytes came with the weight's";
}

INSTANTIATE_TEST_SUITE_P(Native, NamesAndAliases, ::testing::ValuesIn(keeping_compositions()),
                         [](const auto& info) { return test_name(info.param); });

}  // namespace
}  // namespace ckptbench
