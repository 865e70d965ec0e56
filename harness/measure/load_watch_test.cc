// Whose load counts as foreign.
#include "harness/measure/load_watch.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <csignal>

#include "harness/platform/clock.h"

namespace ckptbench {
namespace {

// A child that runs until it has used so much processor time; waited for.
void use_processor_in_a_child(int64_t cpu_ns) {
  const pid_t child = ::fork();
  if (child == 0) {
    timespec used{};
    do {
      ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    } while (used.tv_sec * 1'000'000'000LL + used.tv_nsec < cpu_ns);
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
}

TEST(LoadWatch, WhatAProcessOutsideTheTreeUsesIsForeign) {
  const pid_t idle = ::fork();
  if (idle == 0) {
    ::pause();
    ::_exit(0);
  }
  // The machine's other load is foreign to both.
  LoadWatch own(::getpid());
  LoadWatch other(idle);
  constexpr int64_t kUsedNs = 1'000'000'000;
  const int64_t begin_ns = now_ns();
  own.begin();
  other.begin();
  use_processor_in_a_child(kUsedNs);
  own.end();
  other.end();
  ::kill(idle, SIGKILL);
  ::waitpid(idle, nullptr, 0);
  const auto cores = static_cast<double>(cpu_use(::getpid()).value().cores);
  const double share_pct = 100 * kUsedNs / (static_cast<double>(now_ns() - begin_ns) * cores);
  EXPECT_GT(other.foreign_cpu_pct() - own.foreign_cpu_pct(), share_pct / 2);
}

TEST(LoadWatch, NothingIsForeignBeforeABlockHasRun) {
  EXPECT_EQ(LoadWatch(::getpid()).foreign_cpu_pct(), 0);
}

}  // namespace
}  // namespace ckptbench
