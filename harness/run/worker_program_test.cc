#include "harness/run/worker_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace ckptbench {
namespace {

using ::testing::Contains;

constexpr const char* kTunables = "GLIBC_TUNABLES";

TEST(WorkerProgram, TrialsRunWithoutCachesOfThreads) {
  const char* given = std::getenv(kTunables);
  const std::string before = given == nullptr ? "" : given;
  ::unsetenv(kTunables);
  EXPECT_THAT(trial_environment({}), Contains("GLIBC_TUNABLES=glibc.malloc.tcache_count=0"));
  ::setenv(kTunables, "glibc.malloc.check=1", 1);
  EXPECT_THAT(trial_environment({}),
              Contains("GLIBC_TUNABLES=glibc.malloc.check=1:glibc.malloc.tcache_count=0"));
  given == nullptr ? ::unsetenv(kTunables) : ::setenv(kTunables, before.c_str(), 1);
}

}  // namespace
}  // namespace ckptbench
