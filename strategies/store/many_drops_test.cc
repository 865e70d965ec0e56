// Deleting many checkpoints reads the directory once, and misses no file for that.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/platform/testing/temp_directory.h"
#include "strategies/store/dir_store.h"
#include "strategies/testing/file_ops_recorder.h"
#include "strategies/testing/store_samples.h"

namespace ckptbench {
namespace {

using testing::ElementsAre;

class ManyDrops : public testing::Test {
 protected:
  ManyDrops() {
    auto opened = DirStore::open({.directory = directory_.path(), .run_id = "test"});
    EXPECT_TRUE(opened) << opened.error().message;
    store_ = std::move(opened).value();
  }
  void commit(uint64_t seq) {
    EXPECT_EQ(commit_checkpoint(*store_, seq,
                                {{"r0000.a", random_bytes(9, 1)}, {"r0000.b", random_bytes(9, 2)}}),
              "");
  }
  void expect_nothing_left() {
    EXPECT_THAT(directory_entries(directory_.path()).value(), ElementsAre("LEASE"));
  }

  const TempDirectory directory_;
  std::unique_ptr<DirStore> store_;
};

TEST_F(ManyDrops, ReadTheDirectoryOnce) {
  for (uint64_t seq = 1; seq <= 20; ++seq) commit(seq);
  const FileOpsRecorder recorder(directory_.path());
  for (uint64_t seq = 20; seq > 0; --seq) EXPECT_TRUE(store_->drop(seq, {}));
  EXPECT_EQ(recorder.directory_reads(), 1u);
  expect_nothing_left();
}

TEST_F(ManyDrops, FindWhatWasSavedMeanwhile) {
  commit(1);
  commit(2);
  auto unfinished = std::move(store_->begin(3, 0)).value();
  ASSERT_TRUE(store_->drop(1, {}));
  ASSERT_TRUE(unfinished->write("r0000.a", 0, random_bytes(9, 3)));
  commit(4);
  ASSERT_TRUE(store_->drop(2, {}));
  ASSERT_TRUE(unfinished->sync());
  {
    FileOpsRecorder recorder(directory_.path());
    recorder.decide(
        [](const std::string& operation) { return operation.starts_with("unlink ") ? EPERM : 0; });
    unfinished.reset();
  }
  ASSERT_TRUE(id_at(directory_ / "ckpt-00000003.r0000.a")) << "what the next lines are to find";
  ASSERT_TRUE(store_->drop(3, {}));
  ASSERT_TRUE(store_->drop(4, {}));
  expect_nothing_left();
}

// A set that is still there when its checkpoint is dropped.
TEST_F(ManyDrops, FindTheFilesOfASetThatLives) {
  commit(1);
  auto set = std::move(store_->begin(2, 0)).value();
  ASSERT_TRUE(store_->drop(1, {}));
  ASSERT_TRUE(set->write("r0000.a", 0, random_bytes(9, 3)));
  ASSERT_TRUE(set->sync());
  ASSERT_TRUE(set->commit(random_bytes(9, 4)));
  ASSERT_TRUE(store_->drop(2, {}));
  expect_nothing_left();
}

}  // namespace
}  // namespace ckptbench
