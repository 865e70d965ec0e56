// Retention in the background: retain() does not wait for deletions, deletions do not lag behind
// for ever, and what is left undone is taken up again.
#include "strategies/pipeline/retirement.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <thread>

#include "harness/platform/files.h"
#include "strategies/format/names.h"
#include "strategies/pipeline/restore.h"
#include "strategies/stages.h"
#include "strategies/store/dir_store.h"
#include "strategies/testing/contract_samples.h"
#include "strategies/testing/file_ops_recorder.h"
#include "strategies/testing/forwarding_store.h"
#include "strategies/testing/store_samples.h"

namespace ckptbench {
namespace {

using ::testing::ElementsAre;

// Holds each deletion up until it is let go, or all are.
class HoldingObserver : public RecordingObserver {
 public:
  void retired(uint64_t step, uint64_t seq) override {
    RecordingObserver::retired(step, seq);
    std::unique_lock lock(mutex_);
    thread_ = std::this_thread::get_id();
    ++held_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return released_ || held_ <= let_go_; });
  }
  // So many, and waits until the next one is held.
  void let_go(int deletions) {
    std::unique_lock lock(mutex_);
    let_go_ += deletions;
    changed_.notify_all();
    changed_.wait(lock, [this] { return released_ || held_ > let_go_; });
  }
  void release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }
  // The thread of the first deletion, once it is held.
  std::thread::id wait_until_held() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return held_ > 0; });
    return thread_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::thread::id thread_;
  int held_ = 0;  // the one that is held among them
  int let_go_ = 0;
  bool released_ = false;
};

// Until it is so many, or for as long as only a wait for ever would take.
void wait_for_all(const std::atomic<uint64_t>& count, uint64_t all) {
  for (int pause = 0; pause < 1000 && count < all; ++pause) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

class Background : public ::testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Strategy> open(Observer& observer) {
    auto strategy = make_native({.name = GetParam(), .params = {}},
                                {*device, comm, observer, trace, folder.path(), "run"});
    EXPECT_TRUE(strategy) << strategy.error().message;
    return strategy ? std::move(strategy).value() : nullptr;
  }
  void save(Strategy& strategy, uint64_t step) {
    state->fill(step);
    EXPECT_EQ(words(save_and_wait(strategy, *state, step)), "durable");
  }

  TempDir folder = TempDir::make("ckptbench-background").value();
  std::unique_ptr<Device> device = make_cpu_device();
  SoloComm comm;
  Trace trace;
  std::unique_ptr<ContractState> state = small_state(1);
};

TEST_P(Background, RetainReturnsWhileADeletionIsHeldUp) {
  HoldingObserver observer;
  const auto strategy = open(observer);
  for (const uint64_t step : {1, 2, 3}) save(*strategy, step);
  ASSERT_TRUE(strategy->retain(std::vector<uint64_t>{3}));
  EXPECT_NE(observer.wait_until_held(), std::this_thread::get_id());
  // What is about to be deleted is not offered any more, and saves go on.
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(3));
  EXPECT_FALSE(strategy->retain(std::vector<uint64_t>{1}));
  save(*strategy, 4);
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(4, 3));
  observer.release();
  EXPECT_TRUE(strategy->drain());
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(4, 3));
}

TEST_P(Background, RetainWaitsWhenTooManyDeletionsArePending) {
  HoldingObserver observer;
  const auto strategy = open(observer);
  save(*strategy, 1);
  std::atomic<uint64_t> retained = 0;
  constexpr uint64_t kSaves = 3 * Retirement::kMaxBacklog;
  std::thread training([&] {
    for (uint64_t step = 2; step <= kSaves; ++step) {
      save(*strategy, step);
      EXPECT_TRUE(strategy->retain(std::vector<uint64_t>{step}));
      ++retained;
    }
  });
  observer.wait_until_held();
  // While nothing is deleted it must come to a halt; more time can only show that it does not.
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  EXPECT_LE(retained, Retirement::kMaxBacklog + 1);
  observer.release();
  training.join();
  EXPECT_EQ(retained, kSaves - 1);
  EXPECT_TRUE(strategy->drain());
  EXPECT_EQ(strategy->list().front().seq, kSaves);
}

// After a resume beside many old checkpoints the first clean-up lasts for many saves.
TEST_P(Background, RetainDoesNotWaitForWhatItDidNotAdd) {
  constexpr uint64_t kOld = 12;
  {
    RecordingObserver earlier;
    const auto strategy = open(earlier);
    for (uint64_t step = 1; step <= kOld; ++step) save(*strategy, step);
  }
  HoldingObserver observer;
  const auto strategy = open(observer);
  ASSERT_EQ(strategy->list().size(), kOld);
  std::atomic<uint64_t> retained = 0;
  // A thread of its own, so that a wait for ever is a failure of this test alone.
  std::thread training([&] {
    for (uint64_t step = kOld + 1; step <= 2 * kOld; ++step) {
      save(*strategy, step);
      for (int again = 0; again < 2; ++again) {
        EXPECT_TRUE(strategy->retain(std::vector<uint64_t>{step}));
      }
      // Each deletion makes room for one save.
      if (retained == 0) {
        observer.wait_until_held();
      } else if (retained < kOld - 1) {
        observer.let_go(1);
      }
      ++retained;
    }
  });
  wait_for_all(retained, kOld);
  EXPECT_EQ(retained, kOld);
  observer.release();
  training.join();
  const Status drained = strategy->drain();
  EXPECT_TRUE(drained) << drained.error().message;
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(2 * kOld));
}

TEST_P(Background, WhatADestructorLeavesIsWholeAndGoesWithTheNextRetention) {
  HoldingObserver holding;
  auto strategy = open(holding);
  for (const uint64_t step : {1, 2, 3, 4}) save(*strategy, step);
  const Digest newest = state->digest();
  ASSERT_TRUE(strategy->retain(std::vector<uint64_t>{4}));
  holding.wait_until_held();
  std::thread closing([&] { strategy.reset(); });
  holding.release();
  closing.join();

  RecordingObserver observer;
  strategy = open(observer);
  const std::vector<CheckpointInfo> left = strategy->list();
  for (const CheckpointInfo& checkpoint : left) {
    EXPECT_EQ(words(strategy->restore(state->view(), {.seq = checkpoint.seq}, nullptr)),
              fmt::format("restored {}", checkpoint.step));
  }
  ASSERT_TRUE(strategy->retain(std::vector<uint64_t>{4}));
  EXPECT_TRUE(strategy->drain());
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(4));
  EXPECT_EQ(words(strategy->restore(state->view(), {}, nullptr)), "restored 4");
  EXPECT_EQ(state->digest(), newest);
}

TEST_P(Background, AnEarlierRequestDoesNotDeleteWhatALaterOneKeeps) {
  HoldingObserver observer;
  const auto strategy = open(observer);
  for (const uint64_t step : {1, 2, 3, 4}) save(*strategy, step);
  ASSERT_THAT(seqs_of(strategy->list()), ElementsAre(4, 3, 2, 1));
  ASSERT_TRUE(strategy->retain(std::vector<uint64_t>{4, 3, 2}));
  observer.wait_until_held();
  // This one waits for the deletion that is held up, so that it has not claimed anything yet.
  ASSERT_TRUE(strategy->retain(std::vector<uint64_t>{4}));
  ASSERT_TRUE(strategy->retain(std::vector<uint64_t>{2}));
  observer.release();
  const Status drained = strategy->drain();
  EXPECT_TRUE(drained) << drained.error().message;
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(4, 2));
}

TEST_P(Background, AStrategyThatNeverRetainsHasNothingToDrain) {
  RecordingObserver observer;
  const auto strategy = open(observer);
  EXPECT_TRUE(strategy->drain());
  save(*strategy, 1);
  EXPECT_TRUE(strategy->drain());
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(1));
}

INSTANTIATE_TEST_SUITE_P(Native, Background, ::testing::ValuesIn(keeping_compositions()),
                         [](const auto& info) { return test_name(info.param); });

// Forwards to a directory's store and counts how many whole commit records are read.
class CountingStore : public ForwardingStore {
 public:
  CountingStore(std::unique_ptr<Store> inner, int& reads)
      : ForwardingStore(std::move(inner)), reads_(reads) {}
  IoResult<std::vector<std::byte>> get(uint64_t seq) override {
    ++reads_;
    return ForwardingStore::get(seq);
  }

 private:
  int& reads_;
};

// Opens the store for writing and counts the records that this opens.
Result<std::unique_ptr<DirStore>> open_counting(const std::string& directory, int& records) {
  FileOpsRecorder recorder(directory);
  recorder.decide([&](const std::string& operation) {
    records += operation.starts_with("open ") && operation.ends_with(kManifestSuffix);
    return 0;
  });
  return DirStore::open({.directory = directory, .run_id = "counting"});
}

// The first checkpoint has gone, and of its file the third and the last one need chunks.
TEST(OpeningADirectory, ReadsRecordsUntilEveryLooseFileIsFound) {
  ContractBench bench;
  int records = 0;
  {
    auto store = open_counting(bench.directory(), records).value();
    const SampleFiles files{{"r0000.a", random_bytes(9, 1)}};
    const std::vector<std::pair<uint64_t, std::string>> first{{1, "r0000.a"}};
    for (uint64_t seq = 1; seq <= 8; ++seq) {
      const bool refers = seq == 3 || seq == 8;
      ASSERT_EQ(commit_checkpoint(*store, seq, files, refers ? first : decltype(first){}), "");
    }
    ASSERT_TRUE(store->drop(1, std::vector<std::string>{"r0000.a"}));
  }
  records = 0;
  ASSERT_TRUE(open_counting(bench.directory(), records));
  EXPECT_EQ(records, 1) << "the newest names it";
  {
    auto store = open_counting(bench.directory(), records).value();
    ASSERT_TRUE(store->drop(8, {}));
  }
  records = 0;
  ASSERT_TRUE(open_counting(bench.directory(), records));
  EXPECT_EQ(records, 5) << "of 7, 6, 5, 4 and 3, the last one names it";
  EXPECT_TRUE(read_file(bench.directory() + "/" + stored_name(1, "r0000.a")));
}

TEST(OpeningADirectory, ReadsNoMoreRecordsThanItRestores) {
  ContractBench bench;
  const auto state = small_state(1);
  {
    const auto strategy = bench.open("sync");
    for (uint64_t step = 1; step <= 20; ++step) {
      ASSERT_EQ(words(save_and_wait(*strategy, *state, step)), "durable");
    }
  }
  // As a kill leaves it between the two renames: its data file has its name, its record has not.
  const std::string loose = bench.directory() + "/" + stored_name(21, "r0000.safetensors");
  ASSERT_TRUE(write_file_atomically(loose, "loose", Sync::kNo));
  int reads = 0;
  auto opened = open_counting(bench.directory(), reads);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(reads, 0) << "a record refers to no file of a higher number";
  EXPECT_FALSE(read_file(loose)) << "nobody needs it";
  auto store = std::make_unique<CountingStore>(std::move(opened).value(), reads);
  const auto directory = std::move(Directory::open(std::move(store), nullptr)).value();
  EXPECT_EQ(reads, 0) << "by opening";
  const auto device = make_cpu_device();
  ThreadTeam team(1);
  Loader loader(*device, team, directory->store(), native_stages());
  Restorer restorer(*directory, loader);
  EXPECT_EQ(words(restorer.restore(state->view(), {})), "restored 20");
  EXPECT_EQ(reads, 1) << "by the newest";
  EXPECT_EQ(words(restorer.restore(state->view(), {.seq = 7})), "restored 7");
  EXPECT_EQ(words(restorer.restore(state->view(), {})), "restored 20");
  EXPECT_EQ(reads, 3) << "each one that it looks at, anew";
  for (const CheckpointInfo& info : directory->list().value()) EXPECT_EQ(info.step, info.seq);
  EXPECT_EQ(reads, 3) << "a list needs their heads alone";
  RecordingObserver observer;
  Trace trace;
  Retirement retirement(*directory, observer, trace);
  ASSERT_TRUE(retirement.retain(std::vector<uint64_t>{20}));
  ASSERT_TRUE(retirement.drain());
  EXPECT_EQ(reads, 23) << "retention has to know what each needs";
  EXPECT_EQ(directory->list().value().size(), 1u);
  EXPECT_EQ(observer.lines().size(), 19u);
}

}  // namespace
}  // namespace ckptbench
