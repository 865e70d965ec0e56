// Which steps are read from the operations that the preload library saw.
#include "harness/measure/seen_sequence.h"

#include <gtest/gtest.h>

namespace ckptbench {
namespace {

Written left(std::vector<std::string> names, std::vector<uint64_t> sizes) {
  return {.bytes = 1, .sizes = std::move(sizes), .names = std::move(names)};
}

std::string seen(const std::vector<FileOperation>& operations, const Written& written) {
  const auto sequence = seen_sequence(operations, written);
  return sequence ? sequence_text(*sequence) : "not seen";
}

TEST(SeenSequence, ADurableSaveIsWrittenSyncedRenamedAndItsFolderSynced) {
  const std::vector<FileOperation> operations{{.op = "open", .path = "a.tmp"},
                                              {.op = "truncate", .path = "a.tmp"},
                                              {.op = "write", .path = "a.tmp", .bytes = 60},
                                              {.op = "write", .path = "a.tmp", .bytes = 40},
                                              {.op = "fsync", .path = "a.tmp"},
                                              {.op = "close", .path = "a.tmp"},
                                              {.op = "rename", .path = "a.tmp", .to = "a"},
                                              {.op = "fsync", .path = "."}};
  EXPECT_EQ(seen(operations, left({"a"}, {100})), "write 1, sync 1, rename 1, sync folder");
}

TEST(SeenSequence, WhatIsNeitherSyncedNorRenamedIsOnlyWritten) {
  const std::vector<FileOperation> operations{{.op = "open", .path = "step-1/a"},
                                              {.op = "write", .path = "step-1/a", .bytes = 5}};
  EXPECT_EQ(seen(operations, left({"step-1/a"}, {5})), "write 1");
}

TEST(SeenSequence, FilesAreNumberedAsTheyWereFinishedAndKeepTheirSizes) {
  const std::vector<FileOperation> operations{{.op = "write", .path = "a", .bytes = 5},
                                              {.op = "write", .path = "b", .bytes = 5},
                                              {.op = "fsync", .path = "b"},
                                              {.op = "write", .path = "a", .bytes = 6}};
  const auto sequence = seen_sequence(operations, left({"a", "b"}, {11, 5}));
  ASSERT_TRUE(sequence);
  EXPECT_EQ(sequence->sizes, (FileSizes{5, 11}));
  EXPECT_EQ(sequence_text(*sequence), "write 1, sync 1, write 2");
}

TEST(SeenSequence, WritesAfterASyncArePartsOfTheirOwn) {
  const std::vector<FileOperation> operations{{.op = "write", .path = "a", .bytes = 75},
                                              {.op = "fsync", .path = "a"},
                                              {.op = "write", .path = "a", .bytes = 25},
                                              {.op = "fsync", .path = "a"}};
  EXPECT_EQ(seen(operations, left({"a"}, {100})), "write 1 (75 %), sync 1, write 1 (25 %), sync 1");
}

TEST(SeenSequence, AFileThatIsOpenedAgainToBeSyncedIsWrittenOnce) {
  const std::vector<FileOperation> operations{{.op = "open", .path = "a"},
                                              {.op = "write", .path = "a", .bytes = 8},
                                              {.op = "rename", .path = "a", .to = "b"},
                                              {.op = "open", .path = "b"},
                                              {.op = "fsync", .path = "b"}};
  EXPECT_EQ(seen(operations, left({"b"}, {8})), "write 1, rename 1, sync 1");
}

TEST(SeenSequence, AFileThatIsMappedIsWrittenWhereItWasFirstTouched) {
  const std::vector<FileOperation> operations{{.op = "open", .path = "a"},
                                              {.op = "truncate", .path = "a"},
                                              {.op = "fsync", .path = "a"},
                                              {.op = "open", .path = "a"}};
  EXPECT_EQ(seen(operations, left({"a"}, {8})), "write 1, sync 1");
}

TEST(SeenSequence, FilesThatAreGoneAndTheLocksOfOthersAreNoPartOfIt) {
  const std::vector<FileOperation> operations{{.op = "write", .path = "tried", .bytes = 3},
                                              {.op = "fsync", .path = "tried"},
                                              {.op = "unlink", .path = "tried"},
                                              {.op = "write", .path = "a", .bytes = 4},
                                              {.op = "link", .path = "a", .to = "b"},
                                              {.op = "unlink", .path = "a"}};
  EXPECT_EQ(seen(operations, left({"b"}, {4})), "write 1, rename 1");
}

TEST(SeenSequence, ARenamedFolderRenamesWhatWasWrittenInItLast) {
  const std::vector<FileOperation> operations{{.op = "mkdir", .path = "tmp"},
                                              {.op = "write", .path = "tmp/a", .bytes = 4},
                                              {.op = "write", .path = "tmp/b", .bytes = 4},
                                              {.op = "rename", .path = "tmp", .to = "step"},
                                              {.op = "fsync", .path = "."}};
  EXPECT_EQ(seen(operations, left({"step/a", "step/b"}, {4, 4})),
            "write 1, write 2, rename 2, sync folder");
}

TEST(SeenSequence, AFileIsOfTheKindOfMostOfItsBytes) {
  const std::vector<FileOperation> operations{
      {.op = "truncate", .path = "a.tmp", .reserves = true},
      {.op = "write", .path = "a.tmp", .bytes = 60, .direct = true},
      {.op = "write", .path = "a.tmp", .bytes = 40},
      {.op = "rename", .path = "a.tmp", .to = "a"},
      {.op = "write", .path = "b", .bytes = 40, .direct = true},
      {.op = "write", .path = "b", .bytes = 60},
      {.op = "truncate", .path = "c"}};
  const auto sequence = seen_sequence(operations, left({"a", "b", "c"}, {100, 100, 5}));
  ASSERT_TRUE(sequence);
  EXPECT_EQ(sequence->kinds,
            (std::vector<WriteKind>{{.direct = true, .preallocated = true}, {}, {}}));
}

TEST(SeenSequence, AFileThatWasWrittenUnseenLeavesTheSequenceUnknown) {
  const std::vector<FileOperation> operations{{.op = "write", .path = "a", .bytes = 4}};
  EXPECT_EQ(seen(operations, left({"a", "b"}, {4, 4})), "not seen");
  EXPECT_EQ(seen({{.op = "fsync", .path = "a"}}, left({"a"}, {4})), "not seen");
}

}  // namespace
}  // namespace ckptbench
