#include "harness/train/leak_samples.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "harness/platform/files.h"

namespace ckptbench {
namespace {

TEST(LeakSamples, CountTheProcessesThatASaveLeavesBehind) {
  const TempDir folder = std::move(TempDir::make("ckptbench-leak")).value();
  LeakSamples samples(folder.path());
  samples.take();
  const pid_t child = ::fork();
  if (child == 0) {
    while (true) ::pause();
  }
  samples.take();
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  samples.take();
  nlohmann::json observed;
  samples.add_to(observed);
  const auto counts = observed["processes"].get<std::vector<uint64_t>>();
  ASSERT_EQ(counts.size(), 3U);
  EXPECT_EQ(counts[1], counts[0] + 1);
  EXPECT_EQ(counts[2], counts[0]);
}

}  // namespace
}  // namespace ckptbench
