// Who reads in a restore: nothing trains then, so every core may.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "harness/platform/machine.h"
#include "strategies/testing/contract_samples.h"

namespace ckptbench {
namespace {

constexpr int64_t kTensorBytes = 8 << 20;  // read at once, at most

int64_t count_threads() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

class RestoreThreads : public ::testing::TestWithParam<std::string> {
 protected:
  RestoreThreads() {
    for (uint64_t i = 0; i < kTensors; ++i) {
      state.add(fmt::format("t{}", i), Role::kParameter, DType::kU8, {kTensorBytes});
    }
    state.fill(1);
  }
  // Host buffers that a restore takes: one for each thread that reads.
  uint64_t readers(const ParamText& params) {
    const TempDir folder = std::move(TempDir::make("ckptbench-readers")).value();
    const auto strategy = make_native({.name = GetParam(), .params = params},
                                      {device, comm, observer, trace, folder.path(), "run",
                                       /*training_threads=*/usable_cores()})
                              .value();
    EXPECT_EQ(words(save_and_wait(*strategy, state, 1)), "durable");
    const uint64_t before = device.allocations();
    const int64_t threads = count_threads();
    EXPECT_EQ(words(strategy->restore(state.view(), {}, nullptr)), "restored 1");
    EXPECT_EQ(count_threads(), threads) << "they end with the restore";
    return device.allocations() - before;
  }

  static constexpr uint64_t kTensors = 3;
  ContractState state;
  AllocationCounter device;
  SoloComm comm;
  RecordingObserver observer;
  Trace trace;
};

TEST_P(RestoreThreads, AreAsManyAsThereAreCores) {
  if (usable_cores() < 2) GTEST_SKIP() << "needs two cores";
  EXPECT_EQ(readers({}), std::min(kTensors, usable_cores()));
}

TEST_P(RestoreThreads, AreThoseThatWereAskedFor) {
  EXPECT_EQ(readers({{"writers", "1"}}), 1u);
}

INSTANTIATE_TEST_SUITE_P(Native, RestoreThreads, ::testing::Values("sync", "async", "incremental"));

}  // namespace
}  // namespace ckptbench
