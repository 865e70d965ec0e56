// A disk with room for what is kept and for the checkpoint that is being written, while what is
// retired is still there.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include "harness/platform/testing/small_disk.h"
#include "strategies/testing/contract_samples.h"
#include "strategies/testing/file_ops_recorder.h"

namespace ckptbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr uint64_t kStateBytes = 1 << 20;

// Each deletion begins late: a save that does not wait for it meets a full disk.
class LateDeletions : public RecordingObserver {
 public:
  void retired(uint64_t step, uint64_t seq) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    RecordingObserver::retired(step, seq);
  }
};

class FullDiskRetention : public ::testing::TestWithParam<std::string> {
 protected:
  FullDiskRetention() {
    state_.add("w", Role::kParameter, DType::kU8, {kStateBytes});
    if (disk_.error() != 0) return;
    strategy_ = make_native({.name = GetParam(), .params = {}},
                            {*device_, comm_, observer_, trace_, disk_.directory().path(), "run"})
                    .value();
  }
  std::string save(uint64_t step) {
    state_.fill(step);
    return words(save_and_wait(*strategy_, state_, step));
  }

  const SmallDisk disk_{kStateBytes * 26 / 10};
  const std::unique_ptr<Device> device_ = make_cpu_device();
  SoloComm comm_;
  Trace trace_;
  LateDeletions observer_;
  ContractState state_;
  std::unique_ptr<Strategy> strategy_;
};

TEST_P(FullDiskRetention, ASaveWaitsForTheDeletionsThatMakeRoom) {
  if (disk_.error() != 0) GTEST_SKIP() << "mounting a tmpfs: " << strerror(disk_.error());
  ASSERT_EQ(save(1), "durable");
  for (const uint64_t step : {2, 3, 4}) {
    ASSERT_EQ(save(step), "durable");
    const std::vector<uint64_t> newest{seqs_of(strategy_->list()).front()};
    ASSERT_TRUE(strategy_->retain(newest));
  }
  EXPECT_TRUE(strategy_->drain());
  const std::vector<std::string> lines = observer_.lines();
  for (const char* line : {"captured 3", "captured 4"}) {
    EXPECT_EQ(std::ranges::count(lines, line), 1) << line;
  }
  EXPECT_EQ(words(strategy_->restore(state_.view(), {}, nullptr)), "restored 4");
}

// Where nothing is to be deleted.
TEST_P(FullDiskRetention, ASaveThatNoDeletionHelpsFails) {
  if (disk_.error() != 0) GTEST_SKIP() << "mounting a tmpfs: " << strerror(disk_.error());
  ASSERT_EQ(save(1), "durable");
  ASSERT_EQ(save(2), "durable");
  EXPECT_THAT(save(3), HasSubstr("No space left on device"));
  EXPECT_THAT(seqs_of(strategy_->list()), ElementsAre(2, 1));
  ASSERT_TRUE(strategy_->retain(std::vector<uint64_t>{2}));
  EXPECT_EQ(save(4), "durable");
  EXPECT_EQ(words(strategy_->restore(state_.view(), {}, nullptr)), "restored 4");
}

// No deletion begins from hold() to release().
class HeldDeletions : public RecordingObserver {
 public:
  void hold() {
    const std::lock_guard lock(hold_);
    held_ = true;
  }
  void release() {
    const std::lock_guard lock(hold_);
    held_ = false;
    released_.notify_all();
  }
  void retired(uint64_t step, uint64_t seq) override {
    {
      std::unique_lock lock(hold_);
      const bool free = released_.wait_for(lock, std::chrono::minutes(1), [&] { return !held_; });
      EXPECT_TRUE(free) << "nothing failed, so nothing waits for this deletion";
    }
    RecordingObserver::retired(step, seq);
  }

 private:
  std::mutex hold_;
  std::condition_variable released_;
  bool held_ = false;
};

// Some file systems say only in these calls that there is no room.
class FullDiskLate : public ::testing::TestWithParam<std::string> {
 protected:
  FullDiskLate() { state_.add("w", Role::kParameter, DType::kU8, {kStateBytes}); }
  std::string save(uint64_t step) {
    state_.fill(step);
    return words(save_and_wait(*strategy_, state_, step));
  }

  const TempDir folder_ = std::move(TempDir::make("ckptbench-full")).value();
  FileOpsRecorder recorder_{folder_.path()};
  const std::unique_ptr<Device> device_ = make_cpu_device();
  SoloComm comm_;
  Trace trace_;
  HeldDeletions observer_;
  ContractState state_;
  const std::unique_ptr<Strategy> strategy_ =
      make_native({.name = GetParam(), .params = {}},
                  {*device_, comm_, observer_, trace_, folder_.path(), "run"})
          .value();
};

TEST_P(FullDiskLate, ACallThatFindsNoRoomLateIsTriedAgainToo) {
  uint64_t seq = 1;
  ASSERT_EQ(save(seq), "durable");
  for (const std::string operation :
       {"fsync ckpt-{:08}.r", "close ckpt-{:08}.r", "fsync .", "fsync ckpt-{:08}.manifest",
        "close ckpt-{:08}.manifest", "rename ckpt-{:08}.r", "rename ckpt-{:08}.manifest"}) {
    for (const int error : {ENOSPC, EDQUOT}) {
      ASSERT_EQ(save(++seq), "durable");
      const std::vector<uint64_t> newest{seq};
      observer_.hold();
      ASSERT_TRUE(strategy_->retain(newest));
      const std::string failing = fmt::format(fmt::runtime(operation), ++seq);
      std::atomic<int> failures = 0;
      recorder_.decide([&](const std::string& line) {
        if (!line.starts_with(failing) || failures.fetch_add(1) > 0) return 0;
        observer_.release();  // the save that fails here finds deletions to wait for
        return error;
      });
      EXPECT_EQ(save(seq), "durable") << failing;
      EXPECT_GE(failures, 1) << failing;
      ++seq;  // the second try has a number of its own
      EXPECT_EQ(strategy_->list().front().seq, seq);
      recorder_.decide(nullptr);
      observer_.release();
    }
  }
  EXPECT_TRUE(strategy_->drain());
}

INSTANTIATE_TEST_SUITE_P(Native, FullDiskLate, ::testing::ValuesIn(syncing_compositions()),
                         [](const auto& info) { return test_name(info.param); });

INSTANTIATE_TEST_SUITE_P(Native, FullDiskRetention, ::testing::ValuesIn(keeping_compositions()),
                         [](const auto& info) { return test_name(info.param); });

}  // namespace
}  // namespace ckptbench
