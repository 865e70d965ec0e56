// In which order a restore waits and copies where the state lies on a GPU.
#include "strategies/pipeline/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "strategies/registry.h"
#include "strategies/testing/copy_log_device.h"
#include "strategies/testing/sample_state.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

class DeviceRestore : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    for (TensorView& tensor : state_.view().tensors) tensor.memory = MemoryKind::kCuda;
    const auto strategy = open();
    const Ticket ticket = strategy->save(state_.view(), {.step = 1, .metric = {}});
    ASSERT_TRUE(std::holds_alternative<Durable>(strategy->wait(ticket, soon())));
    saved_ = state_.digest();
    state_.update();
  }

  std::unique_ptr<Strategy> open() {
    StrategyContext context = bench_.context();
    return std::move(
               make_native({GetParam(), {}}, {device_, context.comm, context.observer,
                                              context.trace, context.directory, context.run_id}))
        .value();
  }

  RestoreOutcome restore() { return open()->restore(state_.view(), Want{.seq = {}}, nullptr); }

  // Flips the last byte of the largest file of data.
  void damage() {
    fs::path largest;
    for (const auto& entry : fs::directory_iterator(bench_.directory())) {
      if (entry.path().extension() == ".manifest") continue;
      if (largest.empty() || entry.file_size() > fs::file_size(largest)) largest = entry.path();
    }
    std::fstream file(largest, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(-1, std::ios::end);
    const int last = file.get();
    file.seekp(-1, std::ios::end);
    file.put(static_cast<char>(last ^ 1));
  }

  CopyLogDevice device_;
  StrategyBench bench_;
  SampleState state_{1};
  Digest saved_;
};

INSTANTIATE_TEST_SUITE_P(Native, DeviceRestore, ::testing::Values("sync", "compressed"));

TEST_P(DeviceRestore, EveryStreamWaitsForTrainingBeforeItCopies) {
  ASSERT_TRUE(std::holds_alternative<Restored>(restore()));
  EXPECT_EQ(state_.digest(), saved_);
  ASSERT_FALSE(device_.loads().empty());
  for (const auto& calls : device_.loads()) EXPECT_EQ(calls.front(), "after training");
}

TEST_P(DeviceRestore, NoCopyIsUnderWayWhenABadChunkIsFound) {
  damage();
  ASSERT_TRUE(std::holds_alternative<Refused>(restore()));
  ASSERT_FALSE(device_.loads().empty()) << "the damage lies before the first copy";
  for (const auto& calls : device_.loads()) EXPECT_EQ(calls.back(), "wait");
}

}  // namespace
}  // namespace ckptbench
