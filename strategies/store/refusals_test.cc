// What a machine refuses: O_DIRECT, or one more descriptor.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/platform/testing/private_mount.h"
#include "harness/platform/testing/temp_directory.h"
#include "strategies/store/dir_store.h"
#include "strategies/testing/file_ops_recorder.h"
#include "strategies/testing/store_samples.h"

namespace ckptbench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

// Commits a checkpoint and reads it; what went wrong, or "".
std::string save_and_check(const std::string& directory) {
  auto store = DirStore::open({.directory = directory, .run_id = "test"});
  if (!store) return store.error().message;
  const SampleFiles files{{"r0000.a", random_bytes(3'000'017, 1)}, {"r0000.b", random_bytes(9, 2)}};
  const std::string error = commit_checkpoint(*store.value(), 1, files);
  return error.empty() ? check_checkpoint(*store.value(), 1) : error;
}

TEST(NoDirect, OfAFileSystemThatRefusesItIsDoneWithout) {
  const TempDirectory directory;
  FileOpsRecorder recorder(directory.path());
  recorder.know_no_direct();
  EXPECT_EQ(save_and_check(directory.path()), "");
}

TEST(NoDirect, OfARealOneToo) {
  const TempDirectory directory;
  const MountedRun run =
      run_mounted("ramfs", directory.path(), [&] { return save_and_check(directory.path()); });
  if (!run.refused.empty()) GTEST_SKIP() << run.refused;
  EXPECT_EQ(run.failure, "");
}

// The process may open one file more: enough to create one, not for the second descriptor of it.
class OneDescriptorLeft {
 public:
  OneDescriptorLeft() {
    ::getrlimit(RLIMIT_NOFILE, &old_);
    const int next = ::dup(STDERR_FILENO);
    ::close(next);
    const rlimit tight{.rlim_cur = static_cast<rlim_t>(next) + 1, .rlim_max = old_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &tight);
  }
  ~OneDescriptorLeft() { ::setrlimit(RLIMIT_NOFILE, &old_); }
  OneDescriptorLeft(const OneDescriptorLeft&) = delete;
  OneDescriptorLeft& operator=(const OneDescriptorLeft&) = delete;

 private:
  rlimit old_{};
};

TEST(NoDescriptor, LeavesNoFileOfASaveThatFails) {
  const TempDirectory directory;
  auto opened = DirStore::open({.directory = directory.path(), .run_id = "test"});
  ASSERT_TRUE(opened) << opened.error().message;
  auto set = std::move(opened.value()->begin(1, 0)).value();
  Status status;
  {
    const OneDescriptorLeft limit;
    status = set->write("r0000.a", 0, random_bytes(9, 1));
  }
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("r0000.a.tmp: fcntl failed: Too many open files"));
  set.reset();
  EXPECT_THAT(directory_entries(directory.path()).value(), ElementsAre("LEASE"));
}

TEST(NoDescriptor, LeavesNoRecordOfOneEither) {
  const TempDirectory directory;
  auto opened = DirStore::open({.directory = directory.path(), .run_id = "test"});
  ASSERT_TRUE(opened) << opened.error().message;
  auto set = std::move(opened.value()->begin(1, 0)).value();
  ASSERT_TRUE(set->write("r0000.a", 0, random_bytes(9, 1)));
  ASSERT_TRUE(set->sync());
  Status status;
  {
    const OneDescriptorLeft limit;
    status = set->commit(random_bytes(9, 2));
  }
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("manifest.tmp: fcntl failed: Too many open files"));
  EXPECT_THAT(directory_entries(directory.path()).value(),
              UnorderedElementsAre("LEASE", "ckpt-00000001.r0000.a"));
  set.reset();
  EXPECT_THAT(directory_entries(directory.path()).value(), ElementsAre("LEASE"));
}

}  // namespace
}  // namespace ckptbench
