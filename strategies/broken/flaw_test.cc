// Flaws that show over several saves: what retention leaves, what a shared buffer writes.
#include <gtest/gtest.h>

#include "strategies/broken/broken_list.h"
#include "strategies/broken/testing/broken_one.h"
#include "strategies/testing/sample_state.h"

namespace ckptbench {
namespace {

std::vector<uint64_t> kept_by(const std::string& name, const std::vector<uint64_t>& seqs) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make_broken_one(name, bench);
  for (uint64_t step = 1; step <= 4; ++step) strategy->wait(save(*strategy, state, step), soon());
  EXPECT_TRUE(strategy->retain(seqs).ok());
  EXPECT_TRUE(bench.observer.retired_steps.empty()) << name;
  std::vector<uint64_t> left;
  for (const CheckpointInfo& info : strategy->list()) left.push_back(info.seq);
  return left;
}

TEST(Flaw, RetentionKeepsTooFewOrTheWrongOnes) {
  EXPECT_EQ(kept_by("broken-keep-newest", {2, 3, 4}), (std::vector<uint64_t>{4}));
  EXPECT_EQ(kept_by("broken-forget-best", {1, 3, 4}), (std::vector<uint64_t>{4, 3, 2}));
}

TEST(Flaw, SharedBufferMixesTwoSavesUnderAValidDigest) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make_broken_one("broken-shared-buffer", bench);
  save(*strategy, state, 1);
  const Digest first = state.digest();
  state.update();
  save(*strategy, state, 2);
  const Digest second = state.digest();
  EXPECT_EQ(bench.observer.durable_steps, std::vector<uint64_t>{1});
  const RestoreOutcome outcome = strategy->restore(state.view(), Want{}, nullptr);
  ASSERT_TRUE(std::holds_alternative<Restored>(outcome));
  EXPECT_EQ(std::get<Restored>(outcome).step, 1U);
  EXPECT_NE(state.digest(), first);
  EXPECT_NE(state.digest(), second);
}

}  // namespace
}  // namespace ckptbench
