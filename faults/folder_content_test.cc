#include "faults/folder_content.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/fsuid.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "harness/platform/files.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::HasSubstr;

class FolderContents : public testing::Test {
 protected:
  void SetUp() override { fs::permissions(folder_.path(), fs::perms(0755)); }

  std::string write(const std::string& name, const std::string& text) {
    const fs::path path = fs::path(root()) / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }
  std::string root() const { return folder_.path(); }

  // Root may read everything: the thread reads as somebody else. The files are its owner's.
  FolderContent content_for_others() {
    constexpr uid_t kSomebody = 65534;
    FolderContent content;
    std::thread([&] {
      if (::geteuid() == 0) ::setfsuid(kSomebody);
      is_somebody_ = ::geteuid() != 0 || ::setfsuid(kSomebody) == static_cast<int>(kSomebody);
      content = content_of(root());
    }).join();
    return content;
  }
  bool is_somebody_ = false;

 private:
  TempDir folder_ = TempDir::make("ckptcontent").value();
};

TEST_F(FolderContents, HasEveryRegularFile) {
  write("a", std::string("x\0y", 3));
  write("b/c/d", "");
  fs::create_symlink("a", fs::path(root()) / "link");
  const FolderContent content = content_of(root());
  ASSERT_EQ(content.files.size(), 2U);
  EXPECT_EQ(content.files.at("a").nonzero_bytes, 2U);
  EXPECT_EQ(content.files.count("b/c/d"), 1U);
  EXPECT_EQ(content.unread, "");
}

TEST_F(FolderContents, AFolderThatIsNotThereIsEmpty) {
  const FolderContent content = content_of(root() + "/none");
  EXPECT_TRUE(content.files.empty());
  EXPECT_EQ(content.unread, "");
}

TEST_F(FolderContents, SaysWhichFileCouldNotBeRead) {
  write("a", "x");
  const std::string closed = write("b", "x");
  write("c", "x");
  fs::permissions(closed, fs::perms::none);
  const FolderContent content = content_for_others();
  if (!is_somebody_) GTEST_SKIP() << "this user cannot give up its right to read everything";
  EXPECT_THAT(content.unread, AllOf(HasSubstr(closed), HasSubstr("Permission denied")));
  EXPECT_EQ(content.files.size(), 2U) << "the rest is read all the same";
}

TEST_F(FolderContents, SaysWhichFolderCouldNotBeRead) {
  const std::string closed = fs::path(write("b/x", "x")).parent_path().string();
  write("a/x", "x");
  write("c/x", "x");
  fs::permissions(closed, fs::perms::none);
  const FolderContent content = content_for_others();
  fs::permissions(closed, fs::perms::owner_all);
  if (!is_somebody_) GTEST_SKIP() << "this user cannot give up its right to read everything";
  EXPECT_THAT(content.unread, AllOf(HasSubstr(closed), HasSubstr("Permission denied")));
  EXPECT_EQ(content.files.size(), 2U) << "the rest is read all the same";
}

// A child of a killed job may still tidy up.
TEST_F(FolderContents, WhatVanishesMeanwhileNeedsNoWord) {
  const std::string kept = write("z", "x");
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    while (!stop) {
      for (const char* name : {"t1/a/b", "t2/a/b", "u"}) write(name, "x");
      for (const char* name : {"t1", "t2", "u"}) fs::remove_all(root() + "/" + name);
    }
  });
  for (int i = 0; i < 500; ++i) {
    const FolderContent content = content_of(root());
    EXPECT_EQ(content.unread, "");
    EXPECT_EQ(content.files.count("z"), 1U);
  }
  stop = true;
  writer.join();
}

}  // namespace
}  // namespace ckptbench
