#include "strategies/store/probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "strategies/store/file.h"
#include "strategies/store/temp_directory.h"

namespace ckptbench {
namespace {

TEST(Probe, MeasuresAndLeavesNothingBehind) {
  const TempDirectory directory;
  constexpr uint64_t kBytes = (5 << 20) + 1;
  for (const bool direct : {true, false}) {
    const ProbeOptions options{.threads = 3, .direct = direct};
    for (const auto probe : {probe_new_file, probe_overwrite, probe_read}) {
      const Result<int64_t> time = probe(directory.path(), kBytes, 3, options);
      ASSERT_TRUE(time) << time.error().message;
      EXPECT_GT(time.value(), 0);
    }
  }
  EXPECT_THAT(directory_entries(directory.path()).value(), testing::IsEmpty());
  const Result<int64_t> copy = probe_memcpy(1 << 20);
  ASSERT_TRUE(copy);
  EXPECT_GT(copy.value(), 0);
}

TEST(Probe, AFailureNamesTheFile) {
  const Result<int64_t> time = probe_new_file("/nonexistent", 4096, 1);
  ASSERT_FALSE(time);
  EXPECT_THAT(time.error().message, testing::HasSubstr("/nonexistent/probe-0.tmp: open failed"));
}

}  // namespace
}  // namespace ckptbench
