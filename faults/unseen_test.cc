#include "faults/unseen.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "faults/testing/probe_run.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

using Operations = std::vector<FileOperation>;

FolderContent content(const std::map<std::string, uint64_t>& files) {
  FolderContent out;
  for (const auto& [name, bytes] : files) out.files[name] = {bytes, {.high = 1, .low = bytes}};
  return out;
}

FileOperation op(const std::string& word, const std::string& path, uint64_t bytes = 0,
                 const std::string& to = "") {
  return {word, path, to, 1, bytes};
}

std::string change_unseen_by(const FolderContent& before, const FolderContent& after,
                             Operations operations) {
  FaultEvidence seen;
  seen.operations = std::move(operations);
  return unseen_change(before, after, seen);
}

TEST(Unseen, WhatWasSeenIsAccountedFor) {
  const Operations commit{op("open", "a.tmp"), op("write", "a.tmp", 100),
                          op("rename", "a.tmp", 0, "a")};
  EXPECT_EQ(change_unseen_by({}, content({{"a", 100}}), commit), "");
  EXPECT_EQ(change_unseen_by(content({{"a", 7}}), content({{"a", 7}}), {}), "");
  EXPECT_EQ(change_unseen_by(content({{"a", 7}}), {}, {op("unlink", "a")}), "");
  EXPECT_EQ(change_unseen_by({}, content({{"d/b", 9}}),
                             {op("mkdir", "t"), op("open", "t/b"), op("write", "t/b", 9),
                              op("rename", "t", 0, "d")}),
            "");
  // A descriptor keeps its name: written after the rename.
  EXPECT_EQ(change_unseen_by(
                {}, content({{"a", 100}}),
                {op("open", "a.tmp"), op("rename", "a.tmp", 0, "a"), op("write", "a.tmp", 100)}),
            "");
  EXPECT_EQ(change_unseen_by({}, content({{"b", 5}}), {op("rename", "b")}), "");  // from outside
  EXPECT_EQ(change_unseen_by({}, content({{"a", 0}}), {op("open", "a"), op("truncate", "a")}), "");
}

TEST(Unseen, WhatWasNotIsNamed) {
  EXPECT_THAT(change_unseen_by({}, content({{"a", 100}}), {}), StartsWith("a appeared"));
  EXPECT_THAT(change_unseen_by({}, content({{"a", 0}}), {}), StartsWith("a appeared"));
  EXPECT_THAT(change_unseen_by({}, content({{"a", 100}}), {op("open", "a"), op("write", "a", 99)}),
              StartsWith("a was filled"));
  EXPECT_THAT(change_unseen_by(content({{"a", 7}}), content({{"a", 8}}), {}),
              StartsWith("a was filled"));
  EXPECT_THAT(change_unseen_by(content({{"a", 7}}), {}, {op("write", "a", 7)}),
              StartsWith("a vanished"));
}

TEST(Unseen, WhereSomethingCouldNotBeReadItIsUnknown) {
  FolderContent torn = content({{"a", 7}});
  torn.unread = "open b: Permission denied";
  for (const bool is_before : {true, false}) {
    const FolderContent whole = content({{"a", 7}});
    const UnseenChange change =
        unseen_change(is_before ? torn : whole, is_before ? whole : torn, {});
    EXPECT_TRUE(change.unread);
    EXPECT_EQ(change.why,
              "what changed in the checkpoint directory is unknown: open b: Permission denied");
  }
}

TEST(Unseen, AFileMustShowWhatItsLastOperationLeft) {
  FolderContent after = content({{"a", 7}});
  after.files["a"].inode = 5;
  after.files["a"].changed_ns = 100;
  after.files["a"].bytes = 9;
  FaultEvidence seen;
  seen.operations = {op("open", "a"), op("write", "a", 7)};
  seen.stamps = {{.device = 0, .inode = 5, .changed_ns = 100, .bytes = 9}};
  EXPECT_EQ(unseen_change({}, after, seen).why, "");
  after.files["a"].changed_ns = 101;
  EXPECT_THAT(unseen_change({}, after, seen).why, StartsWith("a was changed without"));
  // Also where all is as it was before the run.
  EXPECT_THAT(unseen_change(after, after, seen).why, StartsWith("a was changed without"));
  seen.stamps.clear();
  EXPECT_EQ(unseen_change({}, after, seen).why, "");
}

// Real programs beneath the real library.
class UnseenRun : public ProbeRun {
 protected:
  UnseenChange change(const std::string& mode) {
    EXPECT_EQ(run({CKPT_FAULT_PROBE, mode, root_}, "").exit_code, 0) << mode;
    return unseen_change({}, content_of(root_), evidence());
  }
};

TEST_F(UnseenRun, EveryWayThatTheLibraryClaimsToSeeIsSeen) {
  for (const std::string mode :
       {"commit", "streams", "stdio", "names", "threads", "counters", "stamps"}) {
    EXPECT_EQ(change(mode).why, "") << mode;
    EXPECT_FALSE(evidence().operations.empty()) << mode;
  }
}

TEST_F(UnseenRun, RawCallsAndMappedStoresAreFound) {
  EXPECT_THAT(change("raw").why, StartsWith("raw appeared"));
  EXPECT_THAT(change("mapped").why, StartsWith("mapped was mapped to be written"));
}

// As many bytes as before, over those that were seen.
TEST_F(UnseenRun, RawCallsInPlaceAreFoundByTheTimeOfModification) {
  for (const std::string mode : {"raw-in-place", "raw-between", "raw-then-gone"}) {
    EXPECT_THAT(change(mode).why, StartsWith("slot was changed")) << mode;
  }
}

// Whatever the file held before: bytes that a write put there may be overwritten at any moment.
TEST_F(UnseenRun, MappedStoresOverWrittenBytesAreFoundAndReadersAreNot) {
  for (const std::string mode : {"overwritten", "protected"}) {
    EXPECT_THAT(change(mode).why, StartsWith("slot was mapped to be written")) << mode;
  }
  EXPECT_EQ(change("read").why, "");
  EXPECT_THAT(evidence().mapped, IsEmpty());
}

}  // namespace
}  // namespace ckptbench
