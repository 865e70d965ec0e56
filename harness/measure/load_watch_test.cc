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

// The kernel's threads write back what the cell has saved; one of them began meanwhile.
TEST(LoadWatch, TheShareIsOfAllProcessorsAndWithoutTheKernel) {
  const CpuUse before{.cores = 4, .busy_ns = 1000, .kernel_ns = {{7, 50}}, .tree_ns = 100};
  const CpuUse after{
      .cores = 4, .busy_ns = 2000, .kernel_ns = {{7, 150}, {8, 100}}, .tree_ns = 500};
  LoadWatch watch(::getpid());
  watch.add(before, after, 1000);
  EXPECT_DOUBLE_EQ(watch.foreign_cpu_pct(), 10);  // 1000 - 400 - 200 of 4 x 1000
  watch.add(before, before, 1000);
  EXPECT_DOUBLE_EQ(watch.foreign_cpu_pct(), 5);
}

TEST(LoadWatch, WhatTheHostTookIsAShareOfItsOwn) {
  const CpuUse before{.cores = 2, .busy_ns = 1000, .stolen_ns = 300, .tree_ns = 100};
  const CpuUse after{.cores = 2, .busy_ns = 2000, .stolen_ns = 400, .tree_ns = 1100};
  LoadWatch watch(::getpid());
  watch.add(before, after, 1000);
  EXPECT_DOUBLE_EQ(watch.stolen_cpu_pct(), 5);
  EXPECT_DOUBLE_EQ(watch.foreign_cpu_pct(), 0);
}

TEST(LoadWatch, NothingIsForeignBeforeAWindowHasRun) {
  EXPECT_EQ(LoadWatch(::getpid()).foreign_cpu_pct(), 0);
  EXPECT_EQ(LoadWatch(::getpid()).stolen_cpu_pct(), 0);
}

}  // namespace
}  // namespace ckptbench
