#include "harness/platform/interrupt.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "harness/core/error.h"
#include "harness/platform/until.h"

namespace ckptbench {
namespace {

TEST(InterruptTest, ASignalBecomesAFlagThatWaitsObserve) {
  Interrupt interrupt;
  EXPECT_FALSE(interrupt.stop_requested());
  EXPECT_EQ(wait_readable(interrupt.fd(), Until::seconds(0)), WaitEnd::kDeadline);
  ::raise(SIGINT);
  EXPECT_EQ(interrupt.signal_number(), SIGINT);
  EXPECT_EQ(wait_readable(-1, Until::seconds(20, interrupt.fd())), WaitEnd::kInterrupted);
  ::raise(SIGTERM);
  EXPECT_EQ(interrupt.signal_number(), SIGINT);  // the first one
}

TEST(InterruptTest, TheSecondSignalOfAKindEndsTheProcess) {
  const pid_t child = ::fork();
  if (child == 0) {
    Interrupt interrupt;
    ::raise(SIGTERM);
    ::raise(SIGTERM);
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

TEST(InterruptTest, OneAtATimeAndTheFormerHandlerComesBack) {
  struct sigaction now {};
  {
    Interrupt interrupt;
    EXPECT_THROW(Interrupt(), ExitError);
    ::sigaction(SIGINT, nullptr, &now);
    EXPECT_NE(now.sa_handler, SIG_DFL);
  }
  ::sigaction(SIGINT, nullptr, &now);
  EXPECT_EQ(now.sa_handler, SIG_DFL);
  EXPECT_FALSE(Interrupt().stop_requested());
}

}  // namespace
}  // namespace ckptbench
