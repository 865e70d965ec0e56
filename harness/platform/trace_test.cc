#include "harness/platform/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <utility>
#include <vector>

namespace ckptbench {
namespace {

TEST(TraceTest, TotalsCountEveryThread) {
  Trace trace;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 1000; ++j) const PhaseScope scope(trace, Phase::kEncode);
      });
    }
  }
  const PhaseTotal encode = trace.totals()[static_cast<size_t>(Phase::kEncode)];
  EXPECT_EQ(encode.count, 4000u);
  EXPECT_GT(encode.total_ns, 0);
  EXPECT_EQ(trace.totals()[static_cast<size_t>(Phase::kWrite)].count, 0u);
  trace.reset_totals();
  EXPECT_EQ(trace.totals()[static_cast<size_t>(Phase::kEncode)].count, 0u);
}

// Every edge that it is called at, in order.
class EdgeList final : public PhaseHook {
 public:
  void pass(Phase phase, Edge edge) override { edges.emplace_back(phase, edge); }
  std::vector<std::pair<Phase, Edge>> edges;
};

TEST(TraceTest, TheHookIsCalledAtEveryEdgeWhileItIsSet) {
  Trace trace;
  EdgeList list;
  { const PhaseScope before(trace, Phase::kEncode); }
  trace.set_hook(&list);
  {
    const PhaseScope write(trace, Phase::kWrite);
    const PhaseScope sync(trace, Phase::kSync);
  }
  trace.set_hook(nullptr);
  { const PhaseScope after(trace, Phase::kEncode); }
  using Passed = std::pair<Phase, Edge>;
  EXPECT_THAT(list.edges, testing::ElementsAre(Passed(Phase::kWrite, Edge::kBefore),
                                               Passed(Phase::kSync, Edge::kBefore),
                                               Passed(Phase::kSync, Edge::kAfter),
                                               Passed(Phase::kWrite, Edge::kAfter)));
}

}  // namespace
}  // namespace ckptbench
