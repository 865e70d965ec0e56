// A check that cannot fail would count as missing: a strategy that leaves something behind is
// reported with the call's name.
#include "strategies/testing/checked_strategy.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>
#include <xmmintrin.h>

#include "harness/core/testing/processor_state.h"
#include "strategies/testing/contract_samples.h"

namespace ckptbench {
namespace {

class UntidyStrategy : public Strategy {
 public:
  Ticket save(const StateView&, const SaveRequest&) override {
#ifdef __x86_64__
    asm volatile("vpcmpeqd %%xmm9, %%xmm9, %%xmm9\n\tvinsertf128 $1, %%xmm9, %%ymm9, %%ymm9" ::
                     : "xmm9");
#endif
    return {};
  }
  SaveOutcome wait(Ticket, std::chrono::steady_clock::time_point) override {
    _mm_setcsr(_mm_getcsr() | _MM_FLUSH_ZERO_ON);
    return Failed{};
  }
  std::vector<CheckpointInfo> list() override {
    sigset_t more{};
    ::sigemptyset(&more);
    ::sigaddset(&more, SIGUSR2);
    ::pthread_sigmask(SIG_BLOCK, &more, nullptr);
    return {};
  }
  RestoreOutcome restore(StateView&, const Want&, Replay*) override {
    return Nothing{};
  }
  Status retain(std::span<const uint64_t>) override {
    return {};
  }
};

TEST(CheckedStrategy, ReportsWhatACallLeavesBehind) {
  static StateView state;
  static CheckedStrategy strategy("untidy", std::make_unique<UntidyStrategy>());
  if (why_vector_state_is_hidden().empty()) {
    EXPECT_NONFATAL_FAILURE(strategy.save(state, {}), "untidy, after save");
  }
  EXPECT_NONFATAL_FAILURE(strategy.wait({}, {}), "untidy, after wait");
  _mm_setcsr(_mm_getcsr() & ~static_cast<unsigned>(_MM_FLUSH_ZERO_ON));
  EXPECT_NONFATAL_FAILURE(strategy.list(), "untidy, after list");
  sigset_t none{};
  ::sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  EXPECT_TRUE(strategy.retain({}));
}

}  // namespace
}  // namespace ckptbench
