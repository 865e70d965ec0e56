// What the directory says of checkpoints while others come and go, and how long a chain may become.
#include "strategies/pipeline/directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <new>

#include "harness/platform/file.h"
#include "strategies/pipeline/manifest_store_samples.h"

namespace ckptbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Notes which checkpoints it may trust, and how old what they need is.
class NotingIndex : public ChunkIndex {
 public:
  void trust(std::shared_ptr<const Manifest> manifest, uint64_t chain_begin) override {
    trusted.emplace_back(manifest->seq, chain_begin);
  }
  void forget(uint64_t) override {}
  uint64_t choose_base(uint64_t) override { return base; }
  uint64_t chain_begin() const override { return base; }
  const ManifestChunk* find(const TensorView&, uint64_t, uint64_t, const Digest&) const override {
    return nullptr;
  }

  uint64_t base = 0;
  std::vector<std::pair<uint64_t, uint64_t>> trusted;
};

class OpenDirectory : public ::testing::Test {
 protected:
  OpenDirectory() {
    for (const uint64_t seq : {1, 2, 3}) store_->put(manifest_of(seq, 10 * seq, seq));
  }
  Directory& open() {
    ManifestStore* const store = store_.get();
    directory_ = std::move(Directory::open(std::move(store_), &index_)).value();
    opened_ = store;
    return *directory_;
  }
  void commit(Directory& directory, uint64_t owner) {
    Directory::Begun begun = std::move(directory.begin(0)).value();
    const Manifest manifest = manifest_of(begun.seq, 10 * begun.seq, owner);
    ASSERT_TRUE(directory.commit(begun, manifest));
    directory.abandon(begun);
  }
  std::vector<uint64_t> shown(Directory& directory) {
    const auto checkpoints = directory.list();
    EXPECT_TRUE(checkpoints) << checkpoints.error().message;
    std::vector<uint64_t> seqs;
    for (const CheckpointInfo& info : checkpoints.value()) seqs.push_back(info.seq);
    return seqs;
  }
  // Seqs that a request to keep these would delete; nothing is deleted.
  std::vector<uint64_t> claimed_beside(Directory& directory, const std::vector<uint64_t>& keep) {
    const auto request = directory.request(keep);
    EXPECT_TRUE(request) << request.error().message;
    std::vector<uint64_t> seqs;
    for (const CheckpointInfo& info : directory.claim(request.value()).value()) {
      seqs.push_back(info.seq);
    }
    directory.end_claim();
    return seqs;
  }

  std::unique_ptr<ManifestStore> store_ = std::make_unique<ManifestStore>();
  ManifestStore* opened_ = nullptr;
  NotingIndex index_;
  std::unique_ptr<Directory> directory_;
};

TEST_F(OpenDirectory, WhatIsDroppedWhileItIsListedIsNotOffered) {
  Directory& directory = open();
  ASSERT_THAT(shown(directory), ElementsAre(3, 2, 1));
  opened_->while_listing = [&] {
    const auto request = directory.request(std::vector<uint64_t>{3});
    ASSERT_THAT(directory.claim(request.value()).value().size(), 2U);
    ASSERT_TRUE(directory.drop(2));
    directory.end_claim();
  };
  EXPECT_THAT(shown(directory), ElementsAre(3, 1));
  EXPECT_FALSE(directory.request(std::vector<uint64_t>{2})) << "it has gone";
}

// Otherwise what one save once referred to would stay for good.
TEST_F(OpenDirectory, ASaveKeepsItsBaseOnlyWhileItIsInFlight) {
  Directory& directory = open();
  ASSERT_THAT(shown(directory), ElementsAre(3, 2, 1));
  index_.base = 1;
  Directory::Begun begun = std::move(directory.begin(0)).value();
  EXPECT_THAT(claimed_beside(directory, {3}), ElementsAre(2));
  ASSERT_TRUE(directory.commit(begun, manifest_of(begun.seq, 40, begun.seq)));
  EXPECT_THAT(claimed_beside(directory, {3}), ElementsAre(2, 1));
}

// full_every counts from there, in this run and in the next.
TEST_F(OpenDirectory, ARestoredCheckpointHasTheChainThatItNeeds) {
  store_->put(manifest_of(2, 20, 1));
  store_->put(manifest_of(3, 30, 2));
  Directory& directory = open();
  directory.trust(read_manifest(directory.store(), 3).value());
  EXPECT_THAT(index_.trusted, ElementsAre(std::pair(3, 1)));
}

TEST_F(OpenDirectory, ADamagedNewestIsNotTheOneThatIsCertain) {
  Directory& directory = open();
  opened_->records[3].back() ^= std::byte{1};
  ASSERT_THAT(shown(directory), ElementsAre(3, 2, 1));
  EXPECT_THAT(claimed_beside(directory, {1}), IsEmpty());
}

// No descriptor was left for the deletion, nor to see how far it came.
TEST_F(OpenDirectory, ADeletionThatStoppedSomewhereIsFinishedLater) {
  for (const bool before_record : {false, true}) {
    for (const uint64_t seq : {1, 2, 3}) store_->put(manifest_of(seq, 10 * seq, seq));
    Directory& directory = open();
    ASSERT_THAT(shown(directory), ElementsAre(3, 2, 1));
    const auto request = directory.request(std::vector<uint64_t>{3});
    ASSERT_TRUE(directory.claim(request.value()));
    opened_->failing_drops = 1;
    opened_->failing_lists = 1;
    opened_->fails_before_record = before_record;
    EXPECT_FALSE(directory.drop(2));
    directory.end_claim();
    EXPECT_THAT(directory.unfinished(), ElementsAre(2));
    EXPECT_THAT(shown(directory), ElementsAre(3, 1)) << "it was claimed, and may be deleted";
    EXPECT_FALSE(directory.request(std::vector<uint64_t>{2}));
    EXPECT_THAT(claimed_beside(directory, {3}), ElementsAre(1));
    EXPECT_TRUE(directory.drop(2));
    EXPECT_THAT(directory.unfinished(), IsEmpty());
    EXPECT_FALSE(opened_->records.contains(2));
    store_ = std::make_unique<ManifestStore>();
  }
}

TEST_F(OpenDirectory, ADeletionThatLeftTheRecordIsAskedForAgain) {
  Directory& directory = open();
  ASSERT_THAT(shown(directory), ElementsAre(3, 2, 1));
  const auto request = directory.request(std::vector<uint64_t>{3});
  ASSERT_TRUE(directory.claim(request.value()));
  opened_->failing_drops = 1;
  opened_->fails_before_record = true;
  EXPECT_FALSE(directory.drop(2));
  directory.end_claim();
  EXPECT_THAT(directory.unfinished(), IsEmpty());
  EXPECT_THAT(claimed_beside(directory, {3, 2}), ElementsAre(1)) << "whole, and kept now";
}

TEST_F(OpenDirectory, ANewestThatWasNotShownStaysBesideOlderOnes) {
  Directory& directory = open();
  opened_->records[3].front() ^= std::byte{1};
  ASSERT_THAT(shown(directory), ElementsAre(2, 1));
  opened_->records[3].front() ^= std::byte{1};
  EXPECT_THAT(claimed_beside(directory, {2}), ElementsAre(1));
}

// A request says nothing of checkpoints that lay there before and that list() has not shown.
TEST_F(OpenDirectory, OnlyWhatWasShownOrCommittedHereIsGivenUp) {
  Directory& directory = open();
  opened_->records[2].front() ^= std::byte{1};
  ASSERT_THAT(shown(directory), ElementsAre(3, 1));
  opened_->records[2].front() ^= std::byte{1};
  for (const uint64_t seq : {4, 5, 6}) commit(directory, seq);
  EXPECT_THAT(claimed_beside(directory, {5}), ElementsAre(4, 3, 1)) << "6 may not be known yet";
  ASSERT_THAT(shown(directory), ElementsAre(6, 5, 4, 3, 2, 1));
  EXPECT_THAT(claimed_beside(directory, {5}), ElementsAre(4, 3, 2, 1));
}

// A directory of many such records must not cost a pause for each.
TEST_F(OpenDirectory, RecordsThatCannotBeReadShareTheirPauses) {
  for (uint64_t seq = 4; seq <= 30; ++seq) store_->put(manifest_of(seq, 10 * seq, seq));
  Directory& directory = open();
  for (const auto& [code, pauses] : {std::pair{EMFILE, 3U}, {EACCES, 0U}, {EPERM, 0U}}) {
    opened_->unreadable = [&](uint64_t) { return errno_error("open", "record", code); };
    opened_->reads = 0;
    EXPECT_THAT(shown(directory), IsEmpty());
    EXPECT_EQ(opened_->reads, 30 + pauses) << strerror(code);
    opened_->reads = 0;
    const auto request = directory.request(std::vector<uint64_t>{30});
    EXPECT_FALSE(directory.claim(request.value()));
    EXPECT_EQ(opened_->reads, 30 + pauses) << strerror(code);
  }
}

TEST_F(OpenDirectory, ARecordThatNoMemoryIsThereToReadIsTriedAgain) {
  Directory& directory = open();
  int refusals = 1;
  opened_->unreadable = [&](uint64_t) -> std::optional<IoError> {
    if (refusals-- > 0) throw std::bad_alloc();
    return {};
  };
  EXPECT_THAT(shown(directory), ElementsAre(3, 2, 1));
}

TEST_F(OpenDirectory, ARecordThatNoMemoryIsThereToReadIsHiddenAndKeepsAllOlderOnes) {
  Directory& directory = open();
  opened_->unreadable = [](uint64_t seq) -> std::optional<IoError> {
    if (seq == 2) throw std::bad_alloc();
    return {};
  };
  EXPECT_THAT(shown(directory), ElementsAre(3, 1));
  EXPECT_THAT(claimed_beside(directory, {3}), IsEmpty());
  opened_->unreadable = nullptr;
  EXPECT_THAT(shown(directory), ElementsAre(3, 2, 1));
  EXPECT_THAT(claimed_beside(directory, {3}), ElementsAre(2, 1));
}

}  // namespace
}  // namespace ckptbench
