// Which files a save has written, by what lies in the folder before and after it.
#include "harness/measure/written_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ckptbench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

FileStamp stamp(uint64_t inode, int64_t changed_ns, uint64_t bytes) {
  FileStamp made;
  made.inode = inode;
  made.changed_ns = changed_ns;
  made.bytes = bytes;
  made.disk_bytes = bytes + 1;
  made.regular = true;
  return made;
}

TEST(WrittenFiles, WhatLayThereBeforeIsNotWritten) {
  const FolderScan before{{"old", stamp(1, 10, 100)}};
  const FolderScan after{{"old", stamp(1, 10, 100)}, {"new", stamp(2, 20, 200)}};
  EXPECT_EQ(written_between(before, after).bytes, 201U);
  EXPECT_THAT(written_between(before, after).sizes, ElementsAre(200));
  EXPECT_THAT(written_between(after, after).sizes, IsEmpty());
}

TEST(WrittenFiles, AFileThatChangedIsWrittenAgain) {
  const FolderScan before{{"same", stamp(1, 10, 100)}};
  const FolderScan after{{"same", stamp(1, 30, 150)}};
  EXPECT_THAT(written_between(before, after).sizes, ElementsAre(150));
  EXPECT_TRUE(written_between(before, after).in_place);
}

TEST(WrittenFiles, ANewFileUnderAnOldNameOrNumberIsNotWrittenInPlace) {
  const FolderScan before{{"same", stamp(1, 10, 100)}, {"gone", stamp(2, 10, 100)}};
  const FolderScan renamed{{"same", stamp(3, 30, 100)}};
  const FolderScan number{{"same", stamp(1, 10, 100)}, {"new", stamp(2, 30, 100)}};
  EXPECT_FALSE(written_between(before, renamed).in_place);
  EXPECT_FALSE(written_between(before, number).in_place);
}

TEST(WrittenFiles, TwoNamesOfOneFileCountOnce) {
  const FolderScan after{{"a", stamp(2, 20, 200)}, {"b", stamp(2, 20, 200)}};
  EXPECT_THAT(written_between({}, after).sizes, ElementsAre(200));
}

TEST(WrittenFiles, ComeInTheOrderInWhichTheyWereFinishedAndWithoutFolders) {
  FileStamp folder = stamp(9, 5, 4096);
  folder.regular = false;
  const FolderScan after{
      {"a", stamp(2, 30, 3)}, {"b", stamp(3, 10, 1)}, {"c", stamp(4, 20, 2)}, {"d", folder}};
  EXPECT_THAT(written_between({}, after).sizes, ElementsAre(1, 2, 3));
  EXPECT_THAT(written_between({}, after).names, ElementsAre("b", "c", "a"));
}

}  // namespace
}  // namespace ckptbench
