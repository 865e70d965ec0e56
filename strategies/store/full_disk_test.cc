// Saves that meet a full disk, a real one: a small tmpfs, which only root may mount; and a file
// size limit, which anyone may set.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <fstream>

#include "harness/platform/testing/small_disk.h"
#include "harness/platform/testing/temp_directory.h"
#include "strategies/store/dir_store.h"
#include "strategies/testing/store_samples.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

constexpr uint64_t kPage = 4096;

std::vector<std::string> checkpoints_in(const TempDirectory& directory) {
  auto names = directory_entries(directory.path()).value();
  std::erase(names, "LEASE");
  std::erase(names, "filler");
  return names;
}

void expect_only_first(DirStore& store, const TempDirectory& directory) {
  const auto seqs = store.list();
  ASSERT_EQ(seqs.value().size(), 1u);
  EXPECT_EQ(check_checkpoint(store, seqs.value()[0]), "");
  EXPECT_THAT(checkpoints_in(directory),
              UnorderedElementsAre("ckpt-00000001.r0000.a", "ckpt-00000001.manifest"));
}

// The disk has room for `free_pages` more: from too little for the data to just too little for the
// manifest.
TEST(FullDisk, AFailedSaveIsAnErrorAndLeavesTheOldOne) {
  const SmallDisk disk(64 * kPage);
  if (disk.error() != 0) GTEST_SKIP() << "mounting a tmpfs: " << strerror(disk.error());
  auto opened = DirStore::open({.directory = disk.directory().path(), .run_id = "r"});
  ASSERT_TRUE(opened) << opened.error().message;
  DirStore& store = *opened.value();
  ASSERT_EQ(commit_checkpoint(store, 1, {{"r0000.a", random_bytes(2 * kPage, 1)}}), "");
  std::ofstream(disk.directory() / "filler") << std::string(100 * kPage, 'x');
  uint64_t failures = 0;
  std::string error;
  for (uint64_t free_pages = 0; free_pages <= 8; ++free_pages) {
    if (free_pages > 0) {
      const auto size = std::filesystem::file_size(disk.directory() / "filler");
      std::filesystem::resize_file(disk.directory() / "filler", size / kPage * kPage - kPage);
    }
    error = commit_checkpoint(store, 2, {{"r0000.a", random_bytes(3 * kPage + 5, 2)}});
    if (error.empty()) break;
    EXPECT_THAT(error, HasSubstr("No space left on device"));
    EXPECT_THAT(error, HasSubstr("ckpt-00000002."));
    expect_only_first(store, disk.directory());
    ++failures;
  }
  EXPECT_EQ(error, "") << "with enough space the same save succeeds";
  EXPECT_GE(failures, 4u) << "every number of missing pages was met";
}

// With no block left for the lease's text, the writer must still come in to remove what fills it.
TEST(FullDisk, LeftoversThatFillTheDiskDoNotLockTheWriterOut) {
  for (const bool leftovers : {true, false}) {
    const SmallDisk disk(32 * kPage);
    if (disk.error() != 0) GTEST_SKIP() << "mounting a tmpfs: " << strerror(disk.error());
    const TempDirectory& directory = disk.directory();
    const std::string filler = leftovers ? "ckpt-00000002.r0000.a.tmp" : "filler";
    std::ofstream(directory / filler) << std::string(64 * kPage, 'x');
    auto opened = DirStore::open({.directory = directory.path(), .run_id = "full"});
    ASSERT_TRUE(opened) << opened.error().message;
    const auto second = DirStore::open({.directory = directory.path(), .run_id = "second"});
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message, HasSubstr(leftovers ? "run full" : "an unnamed process"));
    if (leftovers) {
      EXPECT_EQ(commit_checkpoint(*opened.value(), 2, {{"r0000.a", random_bytes(kPage, 2)}}), "");
    }
  }
}

TEST(FullDisk, AFileSizeLimitIsAnErrorToo) {
  const TempDirectory directory;
  auto opened = DirStore::open({.directory = directory.path(), .run_id = "r"});
  ASSERT_TRUE(opened);
  DirStore& store = *opened.value();
  ASSERT_EQ(commit_checkpoint(store, 1, {{"r0000.a", random_bytes(2 * kPage, 1)}}), "");
  rlimit old{};
  getrlimit(RLIMIT_FSIZE, &old);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 10 * kPage, .rlim_max = old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string error = commit_checkpoint(store, 2, {{"r0000.a", random_bytes(50 * kPage, 2)}});
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_THAT(error, HasSubstr("File too large"));
  expect_only_first(store, directory);
}

}  // namespace
}  // namespace ckptbench
