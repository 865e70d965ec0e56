// A file that cannot be deleted: the others go all the same, but for what it may still need, and
// the directory can be opened again.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include "harness/platform/file.h"
#include "strategies/testing/contract_samples.h"
#include "strategies/testing/file_ops_recorder.h"

namespace ckptbench {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class StuckDeletion : public ::testing::TestWithParam<std::string> {
 protected:
  void open(const std::string& name) {
    strategy.reset();
    auto opened = make_native({.name = name, .params = {{"chunk_bytes", "4096"}}},
                              {*device, comm, observer, trace, folder.path(), "run"});
    ASSERT_TRUE(opened) << opened.error().message;
    strategy = std::move(opened).value();
  }
  void save(uint64_t step) {
    state->fill(step);
    ASSERT_EQ(words(save_and_wait(*strategy, *state, step)), "durable");
  }
  std::string retain(uint64_t seq) {
    std::string failures;
    for (const Status& status : {strategy->retain(std::vector<uint64_t>{seq}), strategy->drain()}) {
      if (!status) failures += status.error().message;
    }
    return failures;
  }
  // Operations that begin so fail.
  void fail(const std::string& operation) {
    recorder.decide([operation](const std::string& line) {
      return !operation.empty() && line.starts_with(operation) ? EPERM : 0;
    });
  }
  bool has_record(uint64_t seq) {
    return std::filesystem::exists(fmt::format("{}/ckpt-{:08}.manifest", folder.path(), seq));
  }
  std::vector<std::string> names() { return directory_entries(folder.path()).value(); }

  TempDir folder = TempDir::make("ckptbench-stuck").value();
  FileOpsRecorder recorder{folder.path()};
  RecordingObserver observer;
  std::unique_ptr<Device> device = make_cpu_device();
  SoloComm comm;
  Trace trace;
  std::unique_ptr<Strategy> strategy;
  std::unique_ptr<ContractState> state = small_state(1);
};

TEST_P(StuckDeletion, ADataFileKeepsNoOtherCheckpoint) {
  open(GetParam());
  for (const uint64_t step : {1, 2, 3, 4}) save(step);
  ASSERT_EQ(strategy->list().size(), 4u);
  fail("unlink ckpt-00000003.r");
  EXPECT_THAT(retain(4), HasSubstr("unlink failed: Operation not permitted"));
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(4));
  EXPECT_THAT(names(), Not(Contains(::testing::ContainsRegex("ckpt-0000000[12]"))));
  save(5);
  EXPECT_THAT(retain(5), HasSubstr("ckpt-00000003.")) << "each request tries it again";
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(5));
  EXPECT_THAT(names(), Contains(HasSubstr("ckpt-00000003.")));
  fail("");
  EXPECT_EQ(retain(5), "");
  EXPECT_THAT(names(), Not(Contains(HasSubstr("ckpt-00000003."))));
}

TEST_P(StuckDeletion, ARecordKeepsItsCheckpointAlone) {
  open(GetParam());
  for (const uint64_t step : {1, 2, 3, 4}) save(step);
  ASSERT_EQ(strategy->list().size(), 4u);
  fail("unlink ckpt-00000003.manifest");
  EXPECT_THAT(retain(4), HasSubstr("unlink failed"));
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(4, 3));
  EXPECT_EQ(words(strategy->restore(state->view(), {.seq = 3}, nullptr)), "restored 3");
}

TEST_P(StuckDeletion, TheDirectoryOpensAndTheNumberIsNotGivenAgain) {
  open(GetParam());
  save(1);
  strategy.reset();
  const std::vector<std::string> stuck{"ckpt-00000002.r0000.safetensors.tmp",
                                       "ckpt-00000003.manifest.tmp", "ckpt-00000004.r0000.chunks",
                                       "ckpt-00000005.r0000.safetensors"};
  for (const std::string& name : stuck) std::ofstream(folder.path() + "/" + name) << "left";
  fail("unlink ckpt-");
  open(GetParam());
  save(2);
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(6, 1));
  for (const std::string& name : stuck) {
    EXPECT_EQ(std::filesystem::file_size(folder.path() + "/" + name), 4u) << name;
  }
  EXPECT_EQ(words(strategy->restore(state->view(), {}, nullptr)), "restored 2");
  fail("");
  open(GetParam());
  for (const std::string& name : stuck) EXPECT_THAT(names(), Not(Contains(name)));
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(6, 1));
}

INSTANTIATE_TEST_SUITE_P(Native, StuckDeletion, ::testing::ValuesIn(keeping_compositions()),
                         [](const auto& info) { return test_name(info.param); });

class StuckReference : public StuckDeletion {
 protected:
  // 2 and 3 refer to 1, whose first tensor they share; 4 to none.
  void SetUp() override {
    open("incremental");
    const TensorView& shared = state->view().tensors.front();
    const std::vector<std::byte> content(shared.data, shared.data + shared.bytes);
    for (const uint64_t step : {1, 2, 3}) {
      state->fill(step);
      std::ranges::copy(content, shared.data);
      ASSERT_EQ(words(save_and_wait(*strategy, *state, step)), "durable");
    }
    save(4);
    ASSERT_EQ(strategy->list().size(), 4u);
  }
};

TEST_F(StuckReference, WhatAStuckOneNeedsStays) {
  fail("unlink ckpt-00000003.manifest");
  EXPECT_THAT(retain(4), HasSubstr("unlink failed"));
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(4, 3, 1));
  EXPECT_EQ(words(strategy->restore(state->view(), {.seq = 3}, nullptr)), "restored 3");
  fail("");
  EXPECT_EQ(retain(4), "");
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(4));
}

// After a loss of power the record may be there again.
TEST_F(StuckReference, WhatItNeedsStaysUntilItsRecordHasGoneForGood) {
  fail("fsync .");
  for (int again = 0; again < 2; ++again) {
    EXPECT_THAT(retain(4), HasSubstr("fsync failed"));
    EXPECT_FALSE(has_record(3));
    EXPECT_TRUE(has_record(1)) << again;
  }
  fail("");
  EXPECT_EQ(retain(4), "");
  EXPECT_EQ(retain(4), "");
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(4));
  EXPECT_THAT(names(), Each(Not(::testing::ContainsRegex("ckpt-0000000[123]"))));
}

}  // namespace
}  // namespace ckptbench
