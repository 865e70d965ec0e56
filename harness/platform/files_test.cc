#include "harness/platform/files.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace ckptbench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class FilesTest : public testing::Test {
 protected:
  std::string at(const std::string& name) const { return folder_.path() + "/" + name; }
  TempDir folder_ = TempDir::make("files_test").value();
};

TEST_F(FilesTest, AtomicWriteReplacesAndLeavesNoTemporary) {
  for (const Sync sync : {Sync::kNo, Sync::kYes}) {
    ASSERT_TRUE(write_file_atomically(at("a"), "old", sync).ok());
    ASSERT_TRUE(write_file_atomically(at("a"), std::string(100000, 'x'), sync).ok());
    EXPECT_EQ(read_file(at("a")).value(), std::string(100000, 'x'));
    EXPECT_THAT(list_files(folder_.path()).value(), ElementsAre("a"));
  }
}

TEST_F(FilesTest, FailedWriteKeepsTheOldFileAndLeavesNoTemporary) {
  std::filesystem::create_directory(at("taken"));
  std::ofstream(at("taken/inside")) << "x";
  const Status status = write_file_atomically(at("taken"), "new", Sync::kNo);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message, HasSubstr(at("taken")));
  EXPECT_THAT(list_files(folder_.path()).value(), ElementsAre("taken/inside"));
  EXPECT_FALSE(write_file_atomically(at("no/such/folder"), "new", Sync::kNo).ok());
}

// A crash leaves it, and in a container the same process id comes again.
TEST_F(FilesTest, AtomicWriteTakesNoTemporaryOfAnother) {
  const std::string left = at("a") + "." + std::to_string(::getpid()) + ".tmp";
  std::ofstream(at("victim")) << "kept";
  std::filesystem::create_symlink(at("victim"), left);
  for (const std::string text : {"first", "second"}) {
    const Status written = write_file_atomically(at("a"), text, Sync::kNo);
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(read_file(at("a")).value(), text);
  }
  EXPECT_EQ(read_file(at("victim")).value(), "kept");
  EXPECT_THAT(list_files(folder_.path()).value(), ElementsAre("a", "victim"));
  EXPECT_TRUE(std::filesystem::is_symlink(left));
}

TEST_F(FilesTest, ReadFileNamesThePathAndKeepsToTheLimit) {
  EXPECT_THAT(read_file(at("none")).error().message, HasSubstr(at("none")));
  std::ofstream(at("b")) << std::string(1000, 'x');
  EXPECT_TRUE(read_file(at("b"), 1000).ok());
  EXPECT_THAT(read_file(at("b"), 999).error().message, HasSubstr("limit of 999 bytes"));
}

TEST_F(FilesTest, DiskBytesCountsBlocksAndEachFileOnce) {
  const uint64_t empty = disk_bytes(folder_.path()).value();
  std::ofstream(at("a")) << std::string(1 << 20, 'x');
  const int fd = ::open(at("a").c_str(), O_RDONLY);
  ASSERT_EQ(::fsync(fd), 0);  // blocks are allocated late
  ::close(fd);
  const uint64_t one = disk_bytes(folder_.path()).value();
  EXPECT_GE(one - empty, uint64_t{1} << 20);
  std::filesystem::create_hard_link(at("a"), at("b"));
  EXPECT_EQ(disk_bytes(folder_.path()).value(), one);
  std::ofstream(at("sparse")).close();
  std::filesystem::resize_file(at("sparse"), 1 << 30);
  EXPECT_LT(disk_bytes(folder_.path()).value(), one + (1 << 20));
  EXPECT_FALSE(disk_bytes(at("none")).ok());
}

TEST_F(FilesTest, LinksAreNotFollowed) {
  std::filesystem::create_directory(at("d"));
  std::ofstream(at("d/f")) << "x";
  std::filesystem::create_directory_symlink(folder_.path(), at("d/loop"));
  EXPECT_THAT(list_files(folder_.path()).value(), ElementsAre("d/f"));
  EXPECT_TRUE(disk_bytes(folder_.path()).ok());
}

TEST(TempDirTest, RemovesItselfUnlessReleased) {
  std::string path;
  {
    TempDir first = TempDir::make("gone").value();
    TempDir second = std::move(first);
    path = second.path();
    std::ofstream(path + "/f") << "x";
    EXPECT_TRUE(std::filesystem::exists(path));
    EXPECT_TRUE(first.path().empty());  // NOLINT(bugprone-use-after-move)
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_FALSE(TempDir::make("x", "/no/such/folder").ok());
}

}  // namespace
}  // namespace ckptbench
