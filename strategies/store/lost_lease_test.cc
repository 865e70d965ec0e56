// A writer whose lease was removed, or whose directory was moved, while it runs: a second one comes
// in, and the first one must not touch what is the second's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "harness/platform/testing/temp_directory.h"
#include "strategies/store/dir_store.h"
#include "strategies/testing/store_samples.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kData = "r0000.a";

std::string message_of(const Status& status) {
  return status ? "" : status.error().message;
}

class LostLease : public testing::Test {
 protected:
  LostLease() {
    fs::create_directory(path_);
    first_ = open("first");
    EXPECT_EQ(commit_checkpoint(*first_, 1, {{kData, random_bytes(9, 1)}}), "");
  }
  std::unique_ptr<DirStore> open(const std::string& run) {
    auto store = DirStore::open({.directory = path_, .run_id = run});
    EXPECT_TRUE(store) << store.error().message;
    return std::move(store).value();
  }
  std::unique_ptr<WriteSet> begin(DirStore& store, uint64_t seed) {
    auto set = std::move(store.begin(2, 0)).value();
    EXPECT_TRUE(set->write(kData, 0, random_bytes(5000, seed)));
    return set;
  }
  // As a person does who takes the first writer for dead.
  void let_second_in() {
    fs::remove(path_ + "/LEASE");
    second_ = open("second");
  }
  void move_directory() {
    fs::rename(path_, path_ + ".old");
    fs::create_directory(path_);
  }

  const TempDirectory parent_;
  const std::string path_ = parent_ / "checkpoints";
  std::unique_ptr<DirStore> first_;
  std::unique_ptr<DirStore> second_;
};

TEST_F(LostLease, TheFirstWriterBeginsAndDeletesNothing) {
  let_second_in();
  const auto begun = first_->begin(2, 0);
  ASSERT_FALSE(begun);
  EXPECT_THAT(begun.error().message, HasSubstr(path_ + "/LEASE: this writer has lost its lease"));
  EXPECT_THAT(begun.error().message, HasSubstr("run second"));
  EXPECT_THAT(message_of(first_->drop(1, {})), HasSubstr("lost its lease"));
  EXPECT_EQ(commit_checkpoint(*second_, 2, {{kData, random_bytes(9, 2)}}), "");
  EXPECT_THAT(second_->list().value(), ElementsAre(2, 1));
}

TEST_F(LostLease, ALeaseThatIsGoneIsAnErrorToo) {
  fs::remove(path_ + "/LEASE");
  const auto begun = first_->begin(2, 0);
  ASSERT_FALSE(begun);
  EXPECT_THAT(begun.error().message, HasSubstr("none is there now"));
}

// However far the first one is when the second begins, and also where the second ends before it.
TEST_F(LostLease, ASaveInFlightLeavesThatOfTheSecondAsItIs) {
  for (const bool synced : {false, true}) {
    for (const bool published : {false, true}) {
      SCOPED_TRACE(testing::Message() << synced << published);
      auto lost = begin(*first_, 1);
      if (synced) {
        ASSERT_TRUE(lost->sync());
      }
      let_second_in();
      auto set = begin(*second_, 2);
      ASSERT_TRUE(set->sync());
      if (published) {
        ASSERT_TRUE(set->commit(random_bytes(10, 2)));
      }
      EXPECT_THAT(message_of(synced ? lost->commit(random_bytes(10, 1)) : lost->sync()),
                  HasSubstr("lost its lease"));
      lost.reset();
      if (!published) {
        ASSERT_TRUE(set->commit(random_bytes(10, 2)));
      }
      set.reset();
      EXPECT_EQ(second_->get(2).value(), random_bytes(10, 2));
      std::vector<std::byte> bytes(5000);
      ASSERT_TRUE(second_->read(2, kData, 0, bytes));
      EXPECT_EQ(bytes, random_bytes(5000, 2));
      ASSERT_TRUE(second_->drop(2, {}));
      first_ = std::move(second_);
    }
  }
}

TEST_F(LostLease, AMovedDirectoryIsNoticed) {
  auto lost = begin(*first_, 1);
  move_directory();
  second_ = open("second");
  ASSERT_EQ(commit_checkpoint(*second_, 1, {{kData, random_bytes(9, 7)}}), "");
  EXPECT_THAT(message_of(lost->sync()), HasSubstr("lost its lease"));
  lost.reset();
  EXPECT_FALSE(first_->begin(2, 0));
  EXPECT_FALSE(first_->drop(1, {}));
  EXPECT_EQ(check_checkpoint(*second_, 1), "");
  EXPECT_THAT(
      directory_entries(path_).value(),
      testing::UnorderedElementsAre("LEASE", "ckpt-00000001.r0000.a", "ckpt-00000001.manifest"));
}

TEST_F(LostLease, ADirectoryThatIsMovedBackIsItsOwnAgain) {
  fs::rename(path_, path_ + ".old");
  EXPECT_FALSE(first_->begin(2, 0));
  fs::rename(path_ + ".old", path_);
  EXPECT_EQ(commit_checkpoint(*first_, 2, {{kData, random_bytes(9, 2)}}), "");
}

// What bears a temporary name and was not made by this save.
TEST_F(LostLease, AFileThatIsThereAlreadyIsNeitherEmptiedNorRemoved) {
  for (const std::string file : {"ckpt-00000002.r0000.a.tmp", "ckpt-00000002.manifest.tmp"}) {
    std::ofstream(path_ + "/" + file) << "another's";
    EXPECT_THAT(commit_checkpoint(*first_, 2, {{kData, random_bytes(9, 2)}}),
                HasSubstr(file + ": open failed: File exists"));
    EXPECT_EQ(fs::file_size(path_ + "/" + file), 9u);
    fs::remove(path_ + "/" + file);
  }
  EXPECT_EQ(commit_checkpoint(*first_, 2, {{kData, random_bytes(9, 2)}}), "");
}

}  // namespace
}  // namespace ckptbench
