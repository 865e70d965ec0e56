// What every peer does, and libtorch's own: round trips, refusals, names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>

#include "strategies/peers/peer_list.h"
#include "strategies/peers/testing/own_class.h"
#include "strategies/testing/sample_state.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;

class EveryPeer : public testing::TestWithParam<std::string> {};

TEST_P(EveryPeer, RoundTripIsExactAndTheNewestWins) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make({GetParam(), {}}, bench);
  EXPECT_EQ(reason(strategy->restore(state.view(), newest(), nullptr)), "(nothing)");
  for (uint64_t step = 9; step <= 11; ++step) {
    const Ticket ticket = save(*strategy, state, step);
    const Digest saved = state.digest();
    state.update();
    ASSERT_EQ(reason(strategy->wait(ticket, soon())), "(not failed)");
    SampleState other(2);
    const auto fresh = make({GetParam(), {}}, bench);
    const RestoreOutcome outcome = fresh->restore(other.view(), newest(), nullptr);
    ASSERT_EQ(reason(outcome), "(restored)") << reason(outcome);
    EXPECT_EQ(std::get<Restored>(outcome).step, step);
    EXPECT_EQ(other.digest(), saved);
  }
  EXPECT_EQ(bench.observer.captured_steps, (std::vector<uint64_t>{9, 10, 11}));
  EXPECT_EQ(bench.observer.durable_steps, (std::vector<uint64_t>{9, 10, 11}));
}

TEST_P(EveryPeer, RefusesOtherNamesAndShapes) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make({GetParam(), {}}, bench);
  strategy->wait(save(*strategy, state, 4), soon());
  SampleState renamed(1);
  renamed.view().tensors[1].name = "layer.9.bias";
  EXPECT_EQ(reason(strategy->restore(renamed.view(), newest(), nullptr)),
            "missing in the checkpoint: 'layer.9.bias'; unexpected: 'layer.0.bias'");
  const RestoreOutcome partial =
      strategy->restore(renamed.view(), {.seq = {}, .partial = true}, nullptr);
  EXPECT_EQ(std::get<Restored>(partial).missing, std::vector<std::string>{"layer.9.bias"});
  EXPECT_EQ(std::get<Restored>(partial).unexpected, std::vector<std::string>{"layer.0.bias"});
  SampleState reshaped(1);
  reshaped.view().tensors[1].shape = {1, 7};
  EXPECT_EQ(reason(strategy->restore(reshaped.view(), newest(), nullptr)),
            "'layer.0.bias' is Float [7], expected Float [1, 7]");
}

// Whatever a cut file makes of it, it is an answer and no crash; a short one is never accepted.
TEST_P(EveryPeer, RefusesCutFiles) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make({GetParam(), {}}, bench);
  strategy->wait(save(*strategy, state, 4), soon());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(bench.directory())) {
    if (!entry.is_regular_file()) continue;
    std::filesystem::resize_file(entry.path(), entry.file_size() / 2);
  }
  const std::string answer = reason(strategy->restore(state.view(), newest(), nullptr));
  EXPECT_NE(answer, "(restored)");
  EXPECT_NE(answer, "(nothing)");
  EXPECT_EQ(answer.find('\n'), std::string::npos) << answer;
}

INSTANTIATE_TEST_SUITE_P(Peers, EveryPeer,
                         testing::Values("torch-save", "python:torch_save",
                                         "python:torch_save_durable", "python:safetensors",
                                         "python:dcp", "python:dcp_async"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace_if(
                               name.begin(), name.end(), [](char c) { return !std::isalnum(c); },
                               '_');
                           return name;
                         });

TEST(TorchSave, AFailedSaveIsAValueAndTheNextOneWorks) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make({"torch-save", {}}, bench);
  std::filesystem::create_directory(bench.directory() / "checkpoint.pt");
  EXPECT_THAT(reason(strategy->wait(save(*strategy, state, 1), soon())),
              HasSubstr("checkpoint.pt"));
  std::filesystem::remove(bench.directory() / "checkpoint.pt");
  EXPECT_EQ(reason(strategy->wait(save(*strategy, state, 2), soon())), "(not failed)");
  EXPECT_EQ(bench.observer.failed_steps, std::vector<uint64_t>{1});
  EXPECT_EQ(strategy->list().at(0).step, 2U);
}

TEST(TorchSave, WeightsGoToAFileOfTheirOwn) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make({"torch-save", {}}, bench);
  strategy->save(state.view(), {.step = 6, .contents = Contents::kWeights, .metric = {}});
  SampleState other(2);
  EXPECT_EQ(reason(strategy->restore(other.view(), newest(), nullptr)), "(nothing)");
  const RestoreOutcome outcome =
      strategy->restore(other.view(), {.seq = {}, .partial = true}, nullptr);
  EXPECT_EQ(std::get<Restored>(outcome).missing.size(), 8U);
  EXPECT_EQ(other.copy_of("layer.1.weight"), state.copy_of("layer.1.weight"));
  EXPECT_NE(other.copy_of("rng"), state.copy_of("rng"));
}

TEST(Registry, NamesAreCheckedBeforeAnythingRuns) {
  StrategyBench bench;
  EXPECT_EQ(find_peer("torch-svae").error().message,
            "unknown strategy 'torch-svae'; did you mean 'torch-save'?");
  EXPECT_EQ(find_peer("python:torch_svae").error().message,
            "unknown strategy 'python:torch_svae'; did you mean 'python:torch_save'?");
  EXPECT_THAT(find_peer("python:no/such.py:Mine").error().message,
              HasSubstr("no/such.py: cannot be opened"));
  EXPECT_THAT(find_peer("python:mine.py").error().message,
              HasSubstr("expected python:FILE.py:Class"));
  EXPECT_EQ(make_peer({"torch-save", {{"keep", "2"}}}, bench.context()).error().message,
            "torch-save takes no parameters, got 'keep'");
  EXPECT_EQ(
      make_peer({"python:dcp_async", {{"exector", "thread"}}}, bench.context()).error().message,
      "unknown parameter of python:dcp_async 'exector'; did you mean 'executor'?");
}

TEST(Registry, APythonPeersParametersAreThoseOfItsConstructor) {
  const StrategyInfo info = find_peer("python:dcp_async").value();
  ASSERT_EQ(info.params.size(), 1U);
  EXPECT_EQ(info.params[0].name, "executor");
  EXPECT_EQ(info.params[0].default_value, "thread");
  EXPECT_EQ(info.params[0].type, ParamType::kText);
}

TEST(Registry, ShippedPeersNameTheirDocumentation) {
  for (const StrategyInfo& info : peer_strategies()) {
    EXPECT_TRUE(info.source.starts_with("https://")) << info.name;
    EXPECT_TRUE(info.opaque && info.needs_torch) << info.name;
    EXPECT_FALSE(info.summary.empty()) << info.name;
  }
}

// Trials fork from a process that may have imported torch already.
TEST(Fork, AChildOfAWarmProcessSavesAndRestores) {
  ASSERT_TRUE(warm_python().ok());
  for (const std::string name : {"python:torch_save", "python:dcp_async"}) {
    StrategyBench bench;
    SampleState state(1);
    const pid_t child = ::fork();
    if (child == 0) {
      const auto strategy = make({name, {}}, bench);
      const SaveOutcome outcome = strategy->wait(save(*strategy, state, 5), soon());
      ::_exit(std::holds_alternative<Durable>(outcome) ? 7 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 7) << name;
    SampleState other(2);
    const RestoreOutcome outcome =
        make({name, {}}, bench)->restore(other.view(), newest(), nullptr);
    EXPECT_EQ(std::get<Restored>(outcome).step, 5U);
    EXPECT_EQ(other.digest(), state.digest());
  }
}

}  // namespace
}  // namespace ckptbench
