#include "harness/platform/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include "harness/platform/aligned_bytes.h"
#include "harness/platform/testing/private_mount.h"
#include "harness/platform/testing/temp_directory.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

constexpr int kNewFile = O_RDWR | O_CREAT | O_EXCL;

std::string whole_text(const std::string& path) {
  return read_file(path).value();
}

// A block through a new file; what went wrong, or "".
std::string write_new_block(const std::string& path) {
  const AlignedBytes block = allocate_aligned(4096);
  std::memset(block.get(), 'x', 4096);
  IoResult<File> file = File::open_direct(path, kNewFile, true);
  if (!file) return file.error().message;
  if (const IoStatus written = file.value().write_at(0, {block.get(), 4096}); !written) {
    return written.error().message;
  }
  return whole_text(path) == std::string(4096, 'x') ? "" : "other bytes";
}

TEST(File, ANewOneIsCreatedOnce) {
  const TempDirectory folder;
  EXPECT_EQ(write_new_block(folder / "a"), "");
  std::ofstream(folder / "a") << "kept";
  EXPECT_THAT(write_new_block(folder / "a"), HasSubstr("a: open failed: File exists"));
  EXPECT_EQ(whole_text(folder / "a"), "kept");
}

// Linux has created the file by the time it refuses.
TEST(File, ANewOneIsCreatedWhereDirectIsNotKnown) {
  const TempDirectory folder;
  const auto body = [&]() -> std::string {
    if (std::string wrong = write_new_block(folder / "a"); !wrong.empty()) return wrong;
    if (write_new_block(folder / "a").find("File exists") == std::string::npos)
      return "created twice";
    const IoResult<File> again = File::open_direct(folder / "a", O_RDONLY, true);
    if (!again) return again.error().message;
    return again.value().direct() ? "direct, on a file system that does not know it" : "";
  };
  const MountedRun run = run_mounted("ramfs", folder.path(), body);
  if (!run.refused.empty()) GTEST_SKIP() << run.refused;
  EXPECT_EQ(run.failure, "");
}

class RenameNew : public testing::Test {
 protected:
  RenameNew() { std::ofstream(from_) << "new"; }
  const TempDirectory folder_;
  const std::string from_ = folder_ / "from";
  const std::string to_ = folder_ / "to";
};

TEST_F(RenameNew, GivesANameThatIsFree) {
  ASSERT_TRUE(rename_new(from_, to_));
  EXPECT_EQ(whole_text(to_), "new");
  EXPECT_FALSE(std::filesystem::exists(from_));
}

TEST_F(RenameNew, ReplacesNothing) {
  const std::vector<std::function<void()>> others{
      [&] { std::ofstream(to_) << "old"; },
      [&] { std::filesystem::create_symlink("nowhere", to_); },
      [&] { std::filesystem::create_directory(to_); },
      [&] { ASSERT_EQ(::mkfifo(to_.c_str(), 0600), 0); }};
  for (const auto& make : others) {
    make();
    const FileId before = id_at(to_).value();
    const IoStatus renamed = rename_new(from_, to_);
    ASSERT_FALSE(renamed);
    EXPECT_THAT(renamed.error().message, HasSubstr("rename to " + to_ + " failed: File exists"));
    EXPECT_EQ(id_at(to_).value(), before);
    EXPECT_EQ(whole_text(from_), "new");
    std::filesystem::remove(to_);
  }
}

TEST(DirectoryEntries, TellFilesLinksAndOthersApart) {
  const TempDirectory folder;
  std::ofstream(folder / "file") << "x";
  std::filesystem::create_symlink("file", folder / "link");
  std::filesystem::create_directory(folder / "folder");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  std::vector<std::pair<std::string, EntryKind>> found;
  const auto entries = typed_directory_entries(folder.path());
  ASSERT_TRUE(entries);
  for (const DirectoryEntry& entry : entries.value()) found.emplace_back(entry.name, entry.kind);
  EXPECT_THAT(found, UnorderedElementsAre(std::pair("file", EntryKind::kFile),
                                          std::pair("link", EntryKind::kLink),
                                          std::pair("folder", EntryKind::kOther),
                                          std::pair("pipe", EntryKind::kOther)));
}

}  // namespace
}  // namespace ckptbench
