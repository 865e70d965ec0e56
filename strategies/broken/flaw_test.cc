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

RestoreOutcome restored_by_another(const std::string& name, StrategyBench& bench,
                                   SampleState& state) {
  return make_broken_one(name, bench)->restore(state.view(), Want{}, nullptr);
}

// Many updates store it whole; a kill before that finds a piece of it over the one before.
TEST(Flaw, MappedIsRightOnceEveryPieceIsStored) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make_broken_one("broken-mapped", bench);
  save(*strategy, state, 1);
  state.update();
  save(*strategy, state, 2);
  const Digest second = state.digest();
  EXPECT_EQ(bench.observer.durable_steps, (std::vector<uint64_t>{1, 2}));
  SampleState other(2);
  EXPECT_TRUE(std::holds_alternative<Refused>(restored_by_another("broken-mapped", bench, other)));
  for (int i = 0; i < 64; ++i) strategy->before_update({}, {});
  EXPECT_TRUE(std::holds_alternative<Restored>(restored_by_another("broken-mapped", bench, other)));
  EXPECT_EQ(other.digest(), second);
}

TEST(Flaw, ClaimsMoreAdmitsLessAndContradictsTakesItsWordBack) {
  StrategyBench bench;
  SampleState state(1);
  const auto less = make_broken_one("broken-claims-more", bench);
  const SaveOutcome outcome = less->wait(save(*less, state, 1), soon());
  ASSERT_TRUE(std::holds_alternative<Durable>(outcome));
  EXPECT_EQ(to_text(std::get<Durable>(outcome).survives), "process");

  StrategyBench second;
  const auto contradicts = make_broken_one("broken-contradicts", second);
  const Ticket ticket = save(*contradicts, state, 1);
  EXPECT_EQ(second.observer.durable_steps, std::vector<uint64_t>{1});
  EXPECT_TRUE(std::holds_alternative<Failed>(contradicts->wait(ticket, soon())));
}

// A tensor that makes the file large enough for two writers.
void enlarge(SampleState& state) {
  state.add("large", Role::kParameter, DType::kF32, {64, 128});
  state.update();
}

TEST(Flaw, SecondWriterIsWrongWithTwoWritersAlone) {
  for (const bool large : {false, true}) {
    StrategyBench bench;
    SampleState state(1);
    if (large) enlarge(state);
    auto strategy = make_broken_one("broken-second-writer", bench);
    save(*strategy, state, 1);
    const Digest saved = state.digest();
    const auto outcome = restored_by_another("broken-second-writer", bench, state);
    EXPECT_EQ(std::holds_alternative<Refused>(outcome), large);
    strategy.reset();  // which waits
    restored_by_another("broken-second-writer", bench, state);
    EXPECT_EQ(state.digest(), saved);
  }
}

TEST(Flaw, ThirdCycleIsRightForTwo) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make_broken_one("broken-third-cycle", bench);
  for (uint64_t step = 1; step <= 6; ++step) {
    state.update();
    save(*strategy, state, step);
    SampleState other(2);
    const auto outcome = restored_by_another("broken-third-cycle", bench, other);
    ASSERT_TRUE(std::holds_alternative<Restored>(outcome)) << step;
    EXPECT_EQ(other.digest() == state.digest(), step < 6) << step;
  }
}

}  // namespace
}  // namespace ckptbench
