// A checkpoint whose record has its name and whose directory is not yet on the disk: it is not
// durable, and nothing may rely on it.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <future>

#include "strategies/testing/contract_samples.h"
#include "strategies/testing/file_ops_recorder.h"

namespace ckptbench {
namespace {

using ::testing::ElementsAre;

// Holds the sync up that makes checkpoint 3 durable.
class Publication : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    for (const uint64_t step : {1, 2}) {
      state->fill(step);
      ASSERT_EQ(words(save_and_wait(*strategy, *state, step)), "durable");
    }
    recorder.decide([this](const std::string& operation) {
      const bool named = std::filesystem::exists(folder.path() + "/ckpt-00000003.manifest");
      if (operation != "fsync .") return 0;
      if (!named || held.exchange(true)) return broken ? EIO : 0;
      reached.set_value();
      return verdict.get_future().get();
    });
    state->fill(3);
    ticket = strategy->save(state->view(), {.step = 3, .metric = {}});
    reached.get_future().wait();
  }
  std::string settle(int error) {
    verdict.set_value(error);
    return words(
        strategy->wait(ticket, std::chrono::steady_clock::now() + std::chrono::minutes(1)));
  }

  TempDir folder = TempDir::make("ckptbench-publication").value();
  FileOpsRecorder recorder{folder.path()};
  std::atomic<bool> held{false};
  std::atomic<bool> broken{false};  // every other sync fails
  std::promise<void> reached;
  std::promise<int> verdict;
  RecordingObserver observer;
  std::unique_ptr<Device> device = make_cpu_device();
  SoloComm comm;
  Trace trace;
  std::unique_ptr<Strategy> strategy =
      make_native({.name = GetParam(), .params = {}},
                  {*device, comm, observer, trace, folder.path(), "run"})
          .value();
  std::unique_ptr<ContractState> state = small_state(1);
  Ticket ticket;
};

TEST_P(Publication, TheNewestDurableOneStaysWhenThePublicationFails) {
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(2, 1));
  ASSERT_TRUE(strategy->retain(std::vector<uint64_t>{1}));
  ASSERT_TRUE(strategy->drain());
  EXPECT_THAT(settle(EIO), ::testing::StartsWith("failed: "));
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(2, 1));
  EXPECT_EQ(words(strategy->restore(state->view(), {}, nullptr)), "restored 2");
}

TEST_P(Publication, WhatAFailedOneLeavesGoesWithTheNextRetention) {
  broken = true;
  EXPECT_THAT(settle(EIO), ::testing::StartsWith("failed: "));
  broken = false;
  const auto names = [&] {
    std::string all;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      all += entry.path().filename().string() + " ";
    }
    return all;
  };
  EXPECT_THAT(names(), ::testing::HasSubstr("ckpt-00000003."));
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(2, 1));
  ASSERT_TRUE(strategy->retain(std::vector<uint64_t>{2, 1}));
  ASSERT_TRUE(strategy->drain());
  EXPECT_THAT(names(), ::testing::Not(::testing::HasSubstr("ckpt-00000003.")));
  EXPECT_THAT(observer.lines(), ::testing::Not(::testing::Contains("retired 3 seq 3")));
}

TEST_P(Publication, WhatIsListedMayBeRetained) {
  const std::vector<uint64_t> listed = seqs_of(strategy->list());
  // The oldest first: a request may delete at once what only a later one would keep.
  for (auto it = listed.rbegin(); it != listed.rend(); ++it) {
    const uint64_t seq = *it;
    const Status retained = strategy->retain(std::vector<uint64_t>{seq, listed.front()});
    EXPECT_TRUE(retained) << seq << ": " << retained.error().message;
  }
  ASSERT_TRUE(strategy->drain());
  EXPECT_EQ(settle(0), "durable");
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(3, 2));
}

INSTANTIATE_TEST_SUITE_P(Detaching, Publication,
                         ::testing::Values("async", "compressed", "incremental"));

}  // namespace
}  // namespace ckptbench
