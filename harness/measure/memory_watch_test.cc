#include "harness/measure/memory_watch.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "harness/core/sanitized.h"
#include "harness/platform/testing/temp_directory.h"

namespace ckptbench {
namespace {

class NoMemoryFigures : public Device {
 public:
  std::string name() const override { return "broken"; }
  Result<std::unique_ptr<HostBuffer>> allocate_host(uint64_t) override { return Error{"none"}; }
  std::unique_ptr<CopyStream> make_stream() override { return nullptr; }
  void synchronize_training() override {}
  std::optional<uint64_t> memory_used() override {
    throw ExitError(ExitCode::kEnvironment, "the device is gone");
  }
};

TEST(MemoryWatch, AFailureInItsThreadReachesTheCallerThatStopsIt) {
  const TempDirectory directory;
  NoMemoryFigures device;
  MemoryWatch watch(directory.path(), device);
  EXPECT_THROW(watch.stop(), ExitError);
}

TEST(MemoryWatch, ThePeakIsExactHoweverShortItWas) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer keeps the pages of what was freed";
  constexpr size_t kBytes = 64 << 20;
  const TempDirectory directory;
  const auto device = make_cpu_device();
  MemoryWatch before(directory.path(), *device);
  const MemoryPeaks level = before.stop();
  MemoryWatch watch(directory.path(), *device);
  { std::vector<char> touched(kBytes, 1); }
  const MemoryPeaks peaks = watch.stop();
  ASSERT_TRUE(level.resident_bytes && peaks.resident_bytes);
  EXPECT_GE(*peaks.resident_bytes, *level.resident_bytes + kBytes - (kBytes >> 3));
  EXPECT_GT(peaks.samples, 0u);
  EXPECT_GT(peaks.tree_bytes, 0u);
}

TEST(MemoryWatch, WithAChildTheTreeIsSampledInstead) {
  const TempDirectory directory;
  const auto device = make_cpu_device();
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  MemoryWatch watch(directory.path(), *device);
  const MemoryPeaks peaks = watch.stop();
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_FALSE(peaks.resident_bytes);
  EXPECT_GT(peaks.tree_bytes, 0u);
}

}  // namespace
}  // namespace ckptbench
