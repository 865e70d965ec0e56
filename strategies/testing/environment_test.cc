// Restores that meet an error of the process or of the machine, not of the content: it never makes
// a restore give an older checkpoint without a word. And restores beside a writer that deletes.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <thread>

#include "harness/core/sanitized.h"
#include "strategies/testing/contract_samples.h"
#include "strategies/testing/file_ops_recorder.h"

namespace ckptbench {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Environment : public ::testing::TestWithParam<std::string> {
 protected:
  void save(Strategy& strategy, uint64_t step) {
    state->fill(step);
    ASSERT_EQ(words(save_and_wait(strategy, *state, step)), "durable");
  }
  std::string restore(Strategy& strategy) {
    return words(strategy.restore(into->view(), {}, nullptr));
  }
  // Fails this operation on files of checkpoint 2 whose name ends so, `times` times.
  void fail(const std::string& operation, const std::string& suffix, int error, int times) {
    recorder.decide([=, this](const std::string& line) {
      const bool meant = line.starts_with(operation + " ckpt-00000002.") && line.ends_with(suffix);
      return meant && failed++ < times ? error : 0;
    });
    failed = 0;
  }

  ContractBench bench;
  FileOpsRecorder recorder{bench.directory()};
  std::atomic<int> failed{0};
  std::unique_ptr<ContractState> state = small_state(1);
  std::unique_ptr<ContractState> into = small_state(9);
};

// While it lives, this process can open no file.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{.rlim_cur = 0, .rlim_max = before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  }
  ~NoDescriptors() { EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before_), 0); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

constexpr int kAlways = 1'000'000;

TEST_P(Environment, APassingErrorIsTriedAgain) {
  const auto writer = bench.open(GetParam());
  for (const uint64_t step : {1, 2}) save(*writer, step);
  for (const char* suffix : {".manifest", "s"}) {
    for (const auto& [operation, error] : {std::pair{"open", EMFILE}, {"read", EIO}}) {
      const auto reader = bench.open(GetParam(), {}, ContractBench::Mode::kReadOnly);
      fail(operation, suffix, error, 1);
      EXPECT_EQ(restore(*reader), "restored 2") << operation << " " << suffix;
      EXPECT_GE(failed, 1);
      recorder.decide(nullptr);
    }
  }
}

TEST_P(Environment, ALastingErrorRefusesInsteadOfRollingBack) {
  const auto writer = bench.open(GetParam());
  for (const uint64_t step : {1, 2}) save(*writer, step);
  for (const char* suffix : {".manifest", "s"}) {
    for (const auto& [operation, error] : {std::pair{"open", EMFILE},
                                           {"open", ENOMEM},
                                           {"open", EACCES},
                                           {"read", EIO},
                                           {"read", ENXIO}}) {
      const auto reader = bench.open(GetParam(), {}, ContractBench::Mode::kReadOnly);
      fail(operation, suffix, error, kAlways);
      EXPECT_THAT(restore(*reader), AllOf(StartsWith("refused: "), HasSubstr(strerror(error))))
          << operation << " " << suffix;
      EXPECT_LE(failed, 100) << "a bounded number of tries";
      recorder.decide(nullptr);
      EXPECT_EQ(restore(*reader), "restored 2");
    }
  }
}

TEST_P(Environment, AMissingPermissionIsNotTriedAgain) {
  const auto writer = bench.open(GetParam());
  for (const uint64_t step : {1, 2}) save(*writer, step);
  for (const int error : {EACCES, EPERM}) {
    const auto reader = bench.open(GetParam(), {}, ContractBench::Mode::kReadOnly);
    fail("open", ".manifest", error, kAlways);
    EXPECT_THAT(restore(*reader), AllOf(StartsWith("refused: "), HasSubstr(strerror(error))));
    EXPECT_EQ(failed, 1);
    recorder.decide(nullptr);
  }
}

TEST_P(Environment, AMissingDataFileIsDamage) {
  const auto writer = bench.open(GetParam());
  for (const uint64_t step : {1, 2}) save(*writer, step);
  const auto reader = bench.open(GetParam(), {}, ContractBench::Mode::kReadOnly);
  fail("open", "s", ENOENT, kAlways);
  EXPECT_EQ(restore(*reader), "restored 1");
}

TEST_P(Environment, AReaderFollowsAWriterThatReplacesWhatItReads) {
  const auto writer = bench.open(GetParam());
  save(*writer, 1);
  uint64_t newest = 1;
  for (const char* suffix : {".manifest", "s"}) {
    const auto reader = bench.open(GetParam(), {}, ContractBench::Mode::kReadOnly);
    int left = 3;  // so many times it is replaced under the reader's hands
    recorder.decide([&](const std::string& line) {
      if (!line.starts_with("open ckpt-") || !line.ends_with(suffix) || left == 0) return 0;
      --left;
      save(*writer, ++newest);
      static_cast<void>(writer->list());
      EXPECT_TRUE(writer->retain(std::vector<uint64_t>{newest}));
      EXPECT_TRUE(writer->drain());
      return 0;
    });
    const std::string found = restore(*reader);
    EXPECT_EQ(found, fmt::format("restored {}", newest)) << suffix;
    EXPECT_EQ(left, 0);
    recorder.decide(nullptr);
  }
}

TEST_P(Environment, FreshReadersBesideASavingWriterAlwaysRestore) {
  const auto writer = bench.open(GetParam());
  save(*writer, 1);
  std::atomic<bool> done = false;
  std::thread training([&] {
    for (uint64_t step = 2; !done; ++step) {
      save(*writer, step);
      EXPECT_TRUE(writer->retain(std::vector<uint64_t>{step}));
    }
    EXPECT_TRUE(writer->drain());
  });
  for (int i = 0; i < 200; ++i) {
    const auto reader = bench.open(GetParam(), {}, ContractBench::Mode::kReadOnly);
    ASSERT_NE(reader, nullptr);
    EXPECT_THAT(restore(*reader), StartsWith("restored "));
  }
  done = true;
  training.join();
}

// The caller chooses among what it is shown: what a passing error hides from it is not its to
// delete.
TEST_P(Environment, WhatAListCouldNotReadIsNotDeleted) {
  {
    const auto earlier = bench.open(GetParam());
    for (const uint64_t step : {1, 2, 3}) save(*earlier, step);
  }
  const auto writer = bench.open(GetParam());
  fail("open", ".manifest", EMFILE, kAlways);
  ASSERT_THAT(seqs_of(writer->list()), ElementsAre(3, 1));
  recorder.decide(nullptr);
  save(*writer, 4);
  ASSERT_TRUE(writer->retain(std::vector<uint64_t>{4}));
  ASSERT_TRUE(writer->drain());
  ASSERT_THAT(seqs_of(writer->list()), ElementsAre(4, 2));
  ASSERT_TRUE(writer->retain(std::vector<uint64_t>{4}));
  ASSERT_TRUE(writer->drain());
  EXPECT_THAT(seqs_of(writer->list()), ElementsAre(4)) << "now it was shown";
}

// As above, where no name can be listed: the process has no descriptor left.
TEST_P(Environment, WhatIsInADirectoryThatCouldNotBeListedIsNotDeleted) {
  if (kSanitized) GTEST_SKIP() << "UBSan's look at a virtual call needs a descriptor";
  {
    const auto earlier = bench.open(GetParam());
    for (const uint64_t step : {1, 2, 3}) save(*earlier, step);
  }
  const auto writer = bench.open(GetParam());
  {
    const NoDescriptors none;
    EXPECT_TRUE(writer->list().empty());
  }
  for (const uint64_t step : {4, 5}) save(*writer, step);
  ASSERT_TRUE(writer->retain(std::vector<uint64_t>{5}));
  ASSERT_TRUE(writer->drain());
  EXPECT_THAT(seqs_of(writer->list()), ElementsAre(5, 3, 2, 1));
}

INSTANTIATE_TEST_SUITE_P(Native, Environment, ::testing::Values("sync", "incremental"),
                         [](const auto& info) { return test_name(info.param); });

}  // namespace
}  // namespace ckptbench
