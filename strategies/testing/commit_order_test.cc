// The order of the file operations of a commit and of a deletion: what is named is on the disk
// before its name, and the record comes last and goes first.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "strategies/store/dir_store.h"
#include "strategies/testing/contract_samples.h"
#include "strategies/testing/file_ops_recorder.h"
#include "strategies/testing/store_samples.h"

namespace ckptbench {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class CommitOrder : public ::testing::Test {
 protected:
  std::unique_ptr<DirStore> open(bool fsync = true) {
    auto store = DirStore::open({.directory = folder.path(), .run_id = "run", .fsync = fsync});
    EXPECT_TRUE(store) << store.error().message;
    recorder.take();
    return store ? std::move(store).value() : nullptr;
  }

  TempDir folder = TempDir::make("ckptbench-order").value();
  FileOpsRecorder recorder{folder.path()};
  const SampleFiles files{{"r0000.a", random_bytes(5000, 1)}, {"r0000.b", random_bytes(300, 2)}};
};

TEST_F(CommitOrder, DataThenItsNamesThenTheRecord) {
  const auto store = open();
  ASSERT_EQ(commit_checkpoint(*store, 1, files), "");
  EXPECT_THAT(recorder.take(),
              ElementsAre("write ckpt-00000001.r0000.a.tmp", "write ckpt-00000001.r0000.b.tmp",
                          "fsync ckpt-00000001.r0000.a.tmp", "fsync ckpt-00000001.r0000.b.tmp",
                          "rename ckpt-00000001.r0000.a.tmp ckpt-00000001.r0000.a",
                          "rename ckpt-00000001.r0000.b.tmp ckpt-00000001.r0000.b", "fsync .",
                          "write ckpt-00000001.manifest.tmp", "fsync ckpt-00000001.manifest.tmp",
                          "rename ckpt-00000001.manifest.tmp ckpt-00000001.manifest", "fsync ."));
}

TEST_F(CommitOrder, ADeletionTakesTheRecordFirstAndForGood) {
  const auto store = open();
  ASSERT_EQ(commit_checkpoint(*store, 1, {{"r0000.a", random_bytes(10, 1)}}), "");
  recorder.take();
  ASSERT_TRUE(store->drop(1, {}));
  EXPECT_THAT(recorder.take(), ElementsAre("unlink ckpt-00000001.manifest", "fsync .",
                                           "unlink ckpt-00000001.r0000.a"));
}

TEST_F(CommitOrder, WithoutFsyncNothingIsSynced) {
  const auto store = open(false);
  ASSERT_EQ(commit_checkpoint(*store, 1, files), "");
  ASSERT_TRUE(store->drop(1, {}));
  EXPECT_THAT(recorder.take(), Not(Contains(HasSubstr("fsync"))));
}

TEST_F(CommitOrder, AnFsyncThatFailsIsAFailedSave) {
  for (const std::string name : {"ckpt-00000001.r0000.a.tmp", "ckpt-00000001.r0000.b.tmp", ".",
                                 "ckpt-00000001.manifest.tmp"}) {
    const auto store = open();
    recorder.fail_fsync(name);
    EXPECT_THAT(commit_checkpoint(*store, 1, files), HasSubstr("fsync failed")) << name;
    recorder.fail_fsync("");
    EXPECT_THAT(store->list().value(), IsEmpty()) << name;
    ASSERT_EQ(commit_checkpoint(*store, 1, files), "") << "the next save after " << name;
    ASSERT_TRUE(store->drop(1, {}));
  }
}

TEST_F(CommitOrder, AFallbackFromDirectWritesDoesNotFailTheOtherThreads) {
  const auto store = open();
  auto set = store->begin(1, 0);
  ASSERT_TRUE(set) << set.error().message;
  ASSERT_TRUE(set.value()->write("r0000.a", 0, random_bytes(4096, 1)));
  recorder.refuse_direct_write("ckpt-00000001.r0000.a.tmp");
  const Status written = set.value()->write("r0000.a", 4096, random_bytes(4096, 2));
  EXPECT_TRUE(written) << written.error().message;
}

// As on file systems that cannot reserve space.
TEST_F(CommitOrder, AFileThatCannotBePreallocatedIsWrittenWithoutThat) {
  uint64_t seq = 0;
  for (const int error : {EOPNOTSUPP, ENOSYS}) {
    const auto store = open();
    uint64_t asked = 0;
    recorder.decide([&](const std::string& line) {
      if (!line.starts_with("fallocate ")) return 0;
      ++asked;
      return error;
    });
    EXPECT_EQ(commit_checkpoint(*store, ++seq, files), "");
    EXPECT_EQ(asked, 2U) << "once for each file";
    recorder.decide(nullptr);
    EXPECT_EQ(check_checkpoint(*store, seq), "");
  }
  const auto store = open();
  recorder.decide([](const std::string& line) { return line.starts_with("fallocate ") ? EIO : 0; });
  EXPECT_THAT(commit_checkpoint(*store, ++seq, files), HasSubstr("fallocate failed"));
  recorder.decide(nullptr);
}

TEST_F(CommitOrder, AFileThatCannotBeDeletedIsToldAndTheOthersGo) {
  const auto store = open();
  ASSERT_EQ(commit_checkpoint(*store, 1, files), "");
  recorder.decide(
      [](const std::string& line) { return line == "unlink ckpt-00000001.r0000.a" ? EIO : 0; });
  const Status failed = store->drop(1, {});
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("ckpt-00000001.r0000.a: "));
  recorder.decide(nullptr);
  EXPECT_THAT(directory_entries(folder.path()).value(),
              ::testing::UnorderedElementsAre("LEASE", "ckpt-00000001.r0000.a"));
  EXPECT_TRUE(store->drop(1, {}));
  EXPECT_THAT(directory_entries(folder.path()).value(), ElementsAre("LEASE"));
}

// A deletion must not take away the error that a commit has to hear.
TEST_F(CommitOrder, AnErrorThatADeletionHasHeardFailsTheNextCommitToo) {
  const auto store = open();
  ASSERT_EQ(commit_checkpoint(*store, 1, files), "");
  recorder.fail_fsync_once_each(".");
  EXPECT_FALSE(store->drop(1, {}));
  EXPECT_THAT(commit_checkpoint(*store, 2, files), HasSubstr("fsync failed"));
  recorder.fail_fsync_once_each("");
}

// Says what it is told among the file operations.
class NotingObserver : public Observer {
 public:
  explicit NotingObserver(FileOpsRecorder& recorder) : recorder_(recorder) {}
  void captured(uint64_t) override {}
  void durable(uint64_t step, uint64_t, Survives) override { note("durable", step); }
  void failed(uint64_t step, const std::string&) override { note("failed", step); }
  void retired(uint64_t step, uint64_t) override { note("retired", step); }

 private:
  void note(const char* what, uint64_t step) { recorder_.note(fmt::format("{} {}", what, step)); }
  FileOpsRecorder& recorder_;
};

class ToldInOrder : public ::testing::TestWithParam<std::string> {
 protected:
  TempDir folder = TempDir::make("ckptbench-order").value();
  FileOpsRecorder recorder{folder.path()};
  NotingObserver observer{recorder};
  std::unique_ptr<Device> device = make_cpu_device();
  SoloComm comm;
  Trace trace;
  std::unique_ptr<Strategy> strategy =
      make_native({.name = GetParam(), .params = {}},
                  {*device, comm, observer, trace, folder.path(), "run"})
          .value();
  std::unique_ptr<ContractState> state = small_state(1);
};

TEST_P(ToldInOrder, DurableAfterTheLastSyncAndRetiredBeforeTheFirstDeletion) {
  for (const uint64_t step : {1, 2}) {
    recorder.take();
    state->fill(step);
    ASSERT_EQ(words(save_and_wait(*strategy, *state, step)), "durable");
    const std::vector<std::string> lines = recorder.take();
    ASSERT_GE(lines.size(), 3u);
    EXPECT_EQ(lines.end()[-1], fmt::format("durable {}", step));
    EXPECT_EQ(lines.end()[-2], "fsync .");
    EXPECT_THAT(lines.end()[-3], HasSubstr(".manifest"));
  }
  ASSERT_EQ(seqs_of(strategy->list()).size(), 2u);
  const std::vector<uint64_t> keep{2};
  ASSERT_TRUE(strategy->retain(keep));
  ASSERT_TRUE(strategy->drain());
  const std::vector<std::string> lines = recorder.take();
  ASSERT_GE(lines.size(), 2u);
  EXPECT_EQ(lines[0], "retired 1");
  EXPECT_EQ(lines[1], "unlink ckpt-00000001.manifest");
}

TEST_P(ToldInOrder, ADeletionThatFailsIsReportedAndTriedAgain) {
  for (const uint64_t step : {1, 2, 3, 4}) {
    state->fill(step);
    ASSERT_EQ(words(save_and_wait(*strategy, *state, step)), "durable");
  }
  ASSERT_EQ(seqs_of(strategy->list()).size(), 4u);
  const std::vector<uint64_t> keep{4};
  recorder.fail_fsync(".");
  ASSERT_TRUE(strategy->retain(keep));
  const Status failed = strategy->drain();
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("fsync failed"));
  EXPECT_TRUE(strategy->drain()) << "reported once";
  recorder.fail_fsync("");
  // No data file goes before its record has gone for good.
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(4));
  for (const char* name : {"ckpt-00000001.r", "ckpt-00000002.r", "ckpt-00000003.r"}) {
    EXPECT_THAT(directory_entries(folder.path()).value(), Contains(HasSubstr(name)));
  }
  EXPECT_THAT(recorder.take(), ::testing::IsSupersetOf({"retired 3", "retired 2", "retired 1"}));
  ASSERT_TRUE(strategy->retain(keep));
  ASSERT_TRUE(strategy->drain());
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(4));
  const std::vector<std::string> lines = recorder.take();
  EXPECT_THAT(lines, Not(Contains(HasSubstr("retired")))) << "told once";
  // Nor do the data files stay of which only the record had gone, and they go after a sync.
  const auto is_data_of_3 = [](const std::string& line) {
    return line.find("ckpt-00000003.") != std::string::npos;
  };
  EXPECT_THAT(directory_entries(folder.path()).value(), Not(Contains(HasSubstr("ckpt-00000003."))));
  const auto data = std::find_if(lines.begin(), lines.end(), is_data_of_3);
  const auto sync = std::find(lines.begin(), lines.end(), "fsync .");
  EXPECT_LT(sync - lines.begin(), data - lines.begin());
}

TEST_P(ToldInOrder, ALaterRequestReportsAFailureToo) {
  for (const uint64_t step : {1, 2}) {
    state->fill(step);
    ASSERT_EQ(words(save_and_wait(*strategy, *state, step)), "durable");
  }
  recorder.fail_fsync(".");
  ASSERT_TRUE(strategy->retain(std::vector<uint64_t>{2}));
  // A restore waits for the deletions without taking their failure away.
  ASSERT_EQ(words(strategy->restore(state->view(), {}, nullptr)), "restored 2");
  EXPECT_FALSE(strategy->retain(std::vector<uint64_t>{2}));
  recorder.fail_fsync("");
  static_cast<void>(strategy->drain());
}

TEST_P(ToldInOrder, ASyncThatFailsIsToldAsAFailedSave) {
  recorder.fail_fsync(".");
  EXPECT_THAT(words(save_and_wait(*strategy, *state, 1)), HasSubstr("failed: "));
  const std::vector<std::string> lines = recorder.take();
  EXPECT_THAT(lines, Contains("failed 1"));
  EXPECT_THAT(lines, Not(Contains("durable 1")));
  recorder.fail_fsync("");
  EXPECT_EQ(words(save_and_wait(*strategy, *state, 2)), "durable");
}

INSTANTIATE_TEST_SUITE_P(Native, ToldInOrder, ::testing::ValuesIn(syncing_compositions()),
                         [](const auto& info) { return test_name(info.param); });

}  // namespace
}  // namespace ckptbench
