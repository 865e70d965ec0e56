// Whose load counts as foreign.
#include "harness/measure/load_watch.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <csignal>

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
  LoadWatch strangers(idle);
  own.begin();
  strangers.begin();
  use_processor_in_a_child(1'000'000'000);
  own.end();
  strangers.end();
  ::kill(idle, SIGKILL);
  ::waitpid(idle, nullptr, 0);
  EXPECT_GT(strangers.foreign_cpu_pct(), 0);
  EXPECT_LT(own.foreign_cpu_pct(), strangers.foreign_cpu_pct());
}

TEST(LoadWatch, NothingIsForeignBeforeABlockHasRun) {
  EXPECT_EQ(LoadWatch(::getpid()).foreign_cpu_pct(), 0);
}

}  // namespace
}  // namespace ckptbench
