#include "strategies/pipeline/crew.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace ckptbench {
namespace {

TEST(Crew, DoesEveryItemOnce) {
  Crew crew(4);
  for (const uint64_t items : {0, 1, 2, 3, 1000}) {
    std::vector<std::atomic<int>> seen(items);
    const Status done = crew.run(items, [&](uint64_t item, uint64_t member) -> Status {
      EXPECT_LT(member, 4u);
      ++seen[item];
      return {};
    });
    EXPECT_TRUE(done);
    for (const auto& count : seen) EXPECT_EQ(count, 1);
  }
}

TEST(Crew, StopsAtTheFirstFailureAndWorksAgain) {
  Crew crew(3);
  std::atomic<int> begun = 0;
  const Status failed = crew.run(100000, [&](uint64_t item, uint64_t) -> Status {
    ++begun;
    if (item == 5) return Error{"item 5"};
    return {};
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "item 5");
  EXPECT_LT(begun, 100000);
  EXPECT_TRUE(crew.run(10, [](uint64_t, uint64_t) { return Status(); }));
}

TEST(Crew, ThrowsAgainWhatAHelperThrew) {
  Crew crew(2);
  const auto body = [](uint64_t item, uint64_t) -> Status {
    if (item == 7) throw std::runtime_error("lost device");
    return {};
  };
  EXPECT_THROW(static_cast<void>(crew.run(8, body)), std::runtime_error);
  EXPECT_TRUE(crew.run(3, body));
}

}  // namespace
}  // namespace ckptbench
