#include "harness/platform/thread_team.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace ckptbench {
namespace {

TEST(ThreadTeam, DoesEveryItemOnce) {
  ThreadTeam team(4);
  for (const uint64_t items : {0, 1, 2, 3, 1000}) {
    std::vector<std::atomic<int>> seen(items);
    const Status done = team.run(items, [&](uint64_t item, uint64_t member) -> Status {
      EXPECT_LT(member, 4u);
      ++seen[item];
      return {};
    });
    EXPECT_TRUE(done);
    for (const auto& count : seen) EXPECT_EQ(count, 1);
  }
}

TEST(ThreadTeam, StopsAtTheFirstFailureAndWorksAgain) {
  ThreadTeam team(3);
  std::atomic<int> begun = 0;
  const Status failed = team.run(100000, [&](uint64_t item, uint64_t) -> Status {
    ++begun;
    if (item == 5) return Error{"item 5"};
    return {};
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "item 5");
  EXPECT_LT(begun, 100000);
  EXPECT_TRUE(team.run(10, [](uint64_t, uint64_t) { return Status(); }));
}

TEST(ThreadTeam, ThrowsAgainWhatAHelperThrew) {
  ThreadTeam team(2);
  const auto body = [](uint64_t item, uint64_t) -> Status {
    if (item == 7) throw std::runtime_error("lost device");
    return {};
  };
  EXPECT_THROW(static_cast<void>(team.run(8, body)), std::runtime_error);
  EXPECT_TRUE(team.run(3, body));
}

}  // namespace
}  // namespace ckptbench
