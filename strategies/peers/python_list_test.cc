// Older checkpoints of the shipped Python peers, by their step.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "strategies/peers/testing/own_class.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;

// Everything below `path` is cut to half of its size, but for a folder's commit record.
void cut_files(const std::filesystem::path& path) {
  if (std::filesystem::is_regular_file(path)) {
    return std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.path().filename() != ".metadata") cut_files(entry.path());
  }
}

std::filesystem::path newest_entry(const std::filesystem::path& directory) {
  std::filesystem::path newest;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    newest = std::max(newest, entry.path());
  }
  return newest;
}

class PythonPeer : public testing::TestWithParam<std::string> {};

TEST_P(PythonPeer, AnOlderCheckpointCanBeAskedForWhenTheNewestIsCut) {
  StrategyBench bench;
  SampleState state(1);
  std::map<uint64_t, Digest> saved;
  {
    const auto strategy = make({GetParam(), {}}, bench);
    for (const uint64_t step : {9, 10, 11}) {
      saved[step] = state.digest();
      ASSERT_TRUE(
          std::holds_alternative<Durable>(strategy->wait(save(*strategy, state, step), soon())));
      state.update();
    }
    EXPECT_EQ(strategy->list().size(), 3U) << "none is deleted before somebody says so";
    const Status retained = strategy->retain(std::vector<uint64_t>{10, 11});
    EXPECT_TRUE(retained) << retained.error().message;
  }
  const auto strategy = make({GetParam(), {}}, bench);
  const std::vector<CheckpointInfo> listed = strategy->list();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].step, 11U);
  EXPECT_EQ(listed[1].step, 10U);
  SampleState other(2);
  for (const CheckpointInfo& info : listed) {
    const RestoreOutcome outcome = strategy->restore(other.view(), {.seq = info.seq}, nullptr);
    ASSERT_EQ(reason(outcome), "(restored)");
    EXPECT_EQ(std::get<Restored>(outcome).step, info.step);
    EXPECT_EQ(other.digest(), saved[info.step]);
  }
  EXPECT_THAT(reason(strategy->restore(other.view(), {.seq = 9}, nullptr)),
              HasSubstr("no checkpoint of step 9"));
  cut_files(newest_entry(bench.directory()));
  EXPECT_NE(reason(strategy->restore(other.view(), Want{.seq = {}}, nullptr)), "(restored)");
  EXPECT_NE(reason(strategy->restore(other.view(), {.seq = 11}, nullptr)), "(restored)");
  EXPECT_EQ(reason(strategy->restore(other.view(), {.seq = 10}, nullptr)), "(restored)");
  EXPECT_EQ(other.digest(), saved[10]);
}

TEST_P(PythonPeer, KeepsWhatThePolicyNamesAndNothingElse) {
  EXPECT_TRUE(find_peer(GetParam()).value().retains);
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make({GetParam(), {}}, bench);
  for (const uint64_t step : {2, 4, 6, 8, 10}) {
    ASSERT_TRUE(
        std::holds_alternative<Durable>(strategy->wait(save(*strategy, state, step), soon())));
  }
  const Status retained = strategy->retain(std::vector<uint64_t>{2, 6, 8, 10});
  ASSERT_TRUE(retained) << retained.error().message;
  std::vector<uint64_t> left;
  for (const CheckpointInfo& info : strategy->list()) left.push_back(info.step);
  EXPECT_THAT(left, testing::ElementsAre(10, 8, 6, 2));
  SampleState other(2);
  EXPECT_EQ(reason(strategy->restore(other.view(), {.seq = 2}, nullptr)), "(restored)");
  EXPECT_EQ(other.digest(), state.digest());
}

INSTANTIATE_TEST_SUITE_P(Shipped, PythonPeer,
                         testing::Values("python:torch_save", "python:torch_save_durable",
                                         "python:safetensors", "python:dcp", "python:dcp_async"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), ':', '_');
                           return name;
                         });

TEST(PythonTorchSaveDurable, RetentionRemovesWhatAKillHasLeft) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make({"python:torch_save_durable", {}}, bench);
  for (const uint64_t step : {1, 2}) strategy->wait(save(*strategy, state, step), soon());
  for (const char* const name :
       {"step-000000000002.tar.tmp", "step-000000000003.tar.tmp", "another.tar.tmp"}) {
    std::ofstream(bench.directory() / name) << "half";
  }
  const Status retained = strategy->retain(std::vector<uint64_t>{2});
  ASSERT_TRUE(retained) << retained.error().message;
  std::set<std::string> left;
  for (const auto& entry : std::filesystem::directory_iterator(bench.directory())) {
    left.insert(entry.path().filename());
  }
  EXPECT_THAT(left, testing::ElementsAre("another.tar.tmp", "step-000000000002.tar"));
}

// A request that names what is durable comes while the next save is written.
TEST(PythonDcpAsync, RetentionSparesTheSaveInFlight) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make({"python:dcp_async", {}}, bench);
  for (uint64_t step = 1; step <= 10; ++step) {
    const Ticket ticket = save(*strategy, state, step);
    ASSERT_TRUE(strategy->retain(std::vector<uint64_t>{step - 1}).ok());
    ASSERT_TRUE(std::holds_alternative<Durable>(strategy->wait(ticket, soon()))) << step;
    ASSERT_EQ(strategy->list().front().step, step);
  }
}

}  // namespace
}  // namespace ckptbench
