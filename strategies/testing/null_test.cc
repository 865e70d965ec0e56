// `null` calls all hooks, at once or in the background, and keeps nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "strategies/testing/contract_samples.h"

namespace ckptbench {
namespace {

using ::testing::ElementsAre;

TEST(Null, DoesAllHooksAndKeepsNothing) {
  ContractBench bench;
  const auto state = small_state(1);
  const auto strategy = bench.open("null");
  const Digest before = state->digest();
  const SaveOutcome outcome = save_and_wait(*strategy, *state, 4);
  ASSERT_EQ(words(outcome), "durable");
  EXPECT_EQ(std::get<Durable>(outcome).survives, Survives{});
  EXPECT_THAT(bench.observer().lines(), ElementsAre("captured 4", "durable 4 seq 0 "));
  EXPECT_THAT(strategy->list(), ::testing::IsEmpty());
  EXPECT_EQ(words(strategy->restore(state->view(), {}, nullptr)), "nothing");
  EXPECT_EQ(state->digest(), before);
  EXPECT_TRUE(std::filesystem::is_empty(bench.directory()));
}

// As a class in Python that only wait() speaks for: right after the request it is not durable yet.
TEST(Null, InTheBackgroundASaveIsDurableWhenItIsAskedAboutAgain) {
  ContractBench bench;
  const auto state = small_state(1);
  const auto strategy = bench.open("null", {{"background", "true"}});
  const auto save = [&](uint64_t step) {
    return strategy->save(state->view(), {.step = step, .contents = Contents::kFull, .metric = {}});
  };
  const Ticket first = save(4);
  EXPECT_EQ(words(strategy->wait(first, {})), "pending");
  EXPECT_EQ(words(strategy->wait(first, {})), "durable");
  const Ticket second = save(5);
  EXPECT_EQ(words(strategy->wait(second, {})), "pending");
  EXPECT_EQ(words(strategy->wait(first, {})), "durable");
  EXPECT_EQ(words(strategy->wait(save(6), std::chrono::steady_clock::time_point::max())), "durable")
      << "who waits, waits until it is";
  EXPECT_THAT(bench.observer().lines(), ElementsAre("captured 4", "captured 5", "captured 6"));
  EXPECT_THAT(strategy->list(), ::testing::IsEmpty());
}

}  // namespace
}  // namespace ckptbench
