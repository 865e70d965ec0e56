// Deduplication: what is left out, what is never referred to, and what retention may not take away.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/platform/files.h"
#include "strategies/testing/contract_samples.h"

namespace ckptbench {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

constexpr uint64_t kFrozenBytes = 1 << 20;

// A frozen half of 1 MiB, and a live half of 64 KiB.
std::unique_ptr<ContractState> half_frozen() {
  auto state = std::make_unique<ContractState>();
  state->add("frozen", Role::kParameter, DType::kF32, {kFrozenBytes / 4});
  state->add("live", Role::kParameter, DType::kF32, {16 * 1024});
  state->fill(1);
  return state;
}

class Dedup : public ::testing::Test {
 protected:
  std::unique_ptr<Strategy> open(const std::string& full_every) {
    return bench.open("incremental", {{"chunk_bytes", "65536"}, {"full_every", full_every}});
  }
  void save(Strategy& strategy, uint64_t step) {
    state->fill("live", step);
    digests[step] = state->digest();
    ASSERT_EQ(words(save_and_wait(strategy, *state, step)), "durable");
  }
  uint64_t disk() const { return disk_bytes(bench.directory()).value(); }
  void expect_restores(Strategy& strategy, uint64_t seq, uint64_t step) {
    state->fill(99);
    EXPECT_EQ(words(strategy.restore(state->view(), {.seq = seq, .partial = false}, nullptr)),
              fmt::format("restored {}", step));
    EXPECT_EQ(state->digest(), digests[step]);
  }

  ContractBench bench;
  std::unique_ptr<ContractState> state = half_frozen();
  std::map<uint64_t, Digest> digests;
};

TEST_F(Dedup, StoresUnchangedChunksOnce) {
  const auto strategy = open("100");
  save(*strategy, 1);
  const uint64_t first = disk();
  ASSERT_GT(first, kFrozenBytes);
  save(*strategy, 2);
  EXPECT_LT(disk() - first, kFrozenBytes / 4);
  expect_restores(*strategy, 2, 2);
  expect_restores(*strategy, 1, 1);
}

TEST_F(Dedup, LearnsTheDigestsOfTheRestoredCheckpointAfterARestart) {
  save(*open("100"), 1);
  const uint64_t first = disk();
  const auto strategy = open("100");
  ASSERT_EQ(words(strategy->restore(state->view(), {}, nullptr)), "restored 1");
  save(*strategy, 2);
  EXPECT_LT(disk() - first, kFrozenBytes / 4);
  expect_restores(*strategy, 2, 2);
}

TEST_F(Dedup, RetainKeepsWhatAKeptOneNeeds) {
  const auto strategy = open("100");
  for (uint64_t step = 1; step <= 5; ++step) save(*strategy, step);
  const std::vector<uint64_t> keep{5};
  ASSERT_TRUE(strategy->retain(keep));
  ASSERT_TRUE(strategy->drain());
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(5, 1));
  expect_restores(*strategy, 5, 5);
  expect_restores(*strategy, 1, 1);
}

TEST_F(Dedup, NeverRefersToARetiredCheckpoint) {
  {
    const auto strategy = open("100");
    save(*strategy, 1);
    state->fill("frozen", 8);
    save(*strategy, 2);
  }
  const auto strategy = open("100");
  // The bytes of 1 are known to be intact and would serve as a base.
  expect_restores(*strategy, 1, 1);
  ASSERT_THAT(seqs_of(strategy->list()), ElementsAre(2, 1));
  const std::vector<uint64_t> keep{2};
  ASSERT_TRUE(strategy->retain(keep));
  ASSERT_TRUE(strategy->drain());
  save(*strategy, 3);
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(3, 2));
  expect_restores(*strategy, 3, 3);
}

TEST_F(Dedup, RetainDuringASaveKeepsWhatItRefersTo) {
  const auto strategy = open("100");
  for (uint64_t step = 1; step <= 20; ++step) {
    // Listed before the save: a caller that has seen the new one may ask for its deletion.
    const auto listed = strategy->list();
    state->fill("live", step);
    digests[step] = state->digest();
    const Ticket ticket =
        strategy->save(state->view(), {.step = step, .contents = Contents::kFull, .metric = {}});
    if (!listed.empty()) {
      const std::vector<uint64_t> keep{listed.back().seq};
      ASSERT_TRUE(strategy->retain(keep));
    }
    ASSERT_EQ(
        words(strategy->wait(ticket, std::chrono::steady_clock::now() + std::chrono::minutes(1))),
        "durable");
    expect_restores(*strategy, strategy->list().front().seq, step);
  }
}

TEST_F(Dedup, FullEveryBoundsTheDiskOverManySaves) {
  const auto strategy = open("5");
  uint64_t most = 0;
  for (uint64_t step = 1; step <= 50; ++step) {
    save(*strategy, step);
    const std::vector<uint64_t> keep{strategy->list().front().seq};
    ASSERT_TRUE(strategy->retain(keep));
    ASSERT_TRUE(strategy->drain());
    most = std::max(most, disk());
    EXPECT_LE(strategy->list().size(), 5u) << "step " << step;
  }
  EXPECT_LT(most, 3 * kFrozenBytes);
  expect_restores(*strategy, 50, 50);
  EXPECT_THAT(bench.observer().lines(), Contains("retired 1 seq 1"));
}

TEST_F(Dedup, OneFullCheckpointAtLeastEveryN) {
  const auto strategy = open("3");
  std::vector<uint64_t> grown;
  for (uint64_t step = 1; step <= 7; ++step) {
    const uint64_t before = disk();
    save(*strategy, step);
    if (disk() - before > kFrozenBytes) grown.push_back(step);
  }
  EXPECT_THAT(grown, ElementsAre(1, 4, 7));
}

}  // namespace
}  // namespace ckptbench
