// What the training loop learns from the clock and from a file, and what of the state is saved.
#include "harness/train/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <time.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "harness/core/cell.h"
#include "harness/platform/clock.h"
#include "harness/platform/testing/temp_directory.h"

namespace ckptbench {
namespace {

Cell small_cell() {
  Cell cell;
  cell.workload.name = "digits-mlp";
  return cell;
}

class TrainerTest : public testing::Test {
 protected:
  Decision advance(Trainer& trainer) {
    NoHook hook;
    return trainer.advance(hook);
  }

  const Cell cell_ = small_cell();
  const std::unique_ptr<Device> device_ = make_cpu_device();
  RunState state_{cell_, *device_};
};

// Only steps that took less than the interval say anything, so there are many tries.
TEST_F(TrainerTest, TheSecondsCountFromTheLastSave) {
  constexpr int64_t kIntervalNs = 50'000'000;
  const Policy policy{.every_s = 0.05};
  int conclusive = 0;
  for (int i = 0; i < 1000 && conclusive == 0; ++i) {
    Trainer trainer(policy, state_, 0, Listens::kNo);
    const timespec interval{0, kIntervalNs};
    ::nanosleep(&interval, nullptr);
    EXPECT_TRUE(advance(trainer).save());
    const int64_t begin_ns = now_ns();
    trainer.saved();
    const Decision next = advance(trainer);
    if (now_ns() - begin_ns >= kIntervalNs) continue;
    ++conclusive;
    EXPECT_FALSE(next.save());
  }
  EXPECT_GT(conclusive, 0);
}

// Otherwise it would ask for a save at no step, or at every one, and nobody would know why.
TEST_F(TrainerTest, AManualFileThatCannotBeRemovedEndsTheRun) {
  const TempDirectory folder;
  const std::string path = folder / "save-now";
  Policy policy;
  policy.manual_file = path;
  Trainer trainer(policy, state_, 0, Listens::kYes);
  EXPECT_FALSE(advance(trainer).save());
  std::ofstream(path) << "please";
  EXPECT_TRUE(advance(trainer).save());
  std::filesystem::create_directory(path);
  try {
    advance(trainer);
    ADD_FAILURE() << "a folder was taken for a request, or for none";
  } catch (const ExitError& error) {
    EXPECT_EQ(error.code(), ExitCode::kEnvironment);
    EXPECT_THAT(error.what(), testing::HasSubstr("manual_file " + path));
  }
}

// A resume that loses one of them saves at other steps than the run it continues.
TEST_F(TrainerTest, ThePolicysMemoryIsPartOfTheSavedState) {
  state_.policy().best = 0.25;
  state_.policy().epochs = 7;
  const TensorView* const best = state_.view().find("policy.best");
  const TensorView* const epochs = state_.view().find("policy.epochs");
  ASSERT_NE(best, nullptr);
  ASSERT_NE(epochs, nullptr);
  double stored_best = 0;
  int64_t stored_epochs = 0;
  std::memcpy(&stored_best, best->data, sizeof stored_best);
  std::memcpy(&stored_epochs, epochs->data, sizeof stored_epochs);
  EXPECT_EQ(stored_best, 0.25);
  EXPECT_EQ(stored_epochs, 7);
}

}  // namespace
}  // namespace ckptbench
