#include "strategies/store/dir_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "harness/core/prng.h"
#include "harness/platform/aligned_bytes.h"
#include "harness/platform/testing/temp_directory.h"
#include "strategies/testing/store_samples.h"

namespace ckptbench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using testing::UnorderedElementsAreArray;

std::unique_ptr<DirStore> open_store(const TempDirectory& directory, bool direct = true) {
  auto store = DirStore::open({.directory = directory.path(), .run_id = "test", .direct = direct});
  EXPECT_TRUE(store) << store.error().message;
  return std::move(store).value();
}

std::vector<std::string> names_in(const TempDirectory& directory) {
  std::vector<std::string> names = directory_entries(directory.path()).value();
  std::erase(names, "LEASE");
  return names;
}

std::vector<uint64_t> listed(DirStore& store) {
  const auto seqs = store.list();
  EXPECT_TRUE(seqs) << seqs.error().message;
  return seqs.value();
}

void expect_read_back(DirStore& store, uint64_t seq, const std::string& file,
                      std::span<const std::byte> expected, uint64_t offset, uint64_t bytes) {
  const AlignedBytes buffer = allocate_aligned(bytes + 1);
  for (const uint64_t shift : {0, 1}) {
    const std::span<std::byte> target(buffer.get() + shift, bytes);
    const Status status = store.read(seq, file, offset, target);
    ASSERT_TRUE(status) << status.error().message;
    ASSERT_TRUE(std::equal(target.begin(), target.end(), expected.begin() + offset))
        << offset << "+" << bytes;
  }
}

class DirStoreSizes : public testing::TestWithParam<std::tuple<uint64_t, bool>> {};

TEST_P(DirStoreSizes, ReadsWhatWasWritten) {
  const auto [size, direct] = GetParam();
  const TempDirectory directory;
  const auto store = open_store(directory, direct);
  const std::vector<std::byte> content = random_bytes(size, size);
  ASSERT_EQ(commit_checkpoint(*store, 1, {{"r0000.safetensors", content}}), "");
  EXPECT_THAT(names_in(directory),
              UnorderedElementsAre("ckpt-00000001.r0000.safetensors", "ckpt-00000001.manifest"));
  EXPECT_EQ(std::filesystem::file_size(directory / "ckpt-00000001.r0000.safetensors"), size);
  Prng prng(size);
  expect_read_back(*store, 1, "r0000.safetensors", content, 0, size);
  for (int i = 0; i < 20; ++i) {
    const uint64_t offset = prng.below(size);
    expect_read_back(*store, 1, "r0000.safetensors", content, offset,
                     1 + prng.below(size - offset));
  }
}

INSTANTIATE_TEST_SUITE_P(All, DirStoreSizes,
                         testing::Combine(testing::Values(1, 511, 4095, 4096, 4097, 12345,
                                                          (3 << 20) + 4096, (5 << 20) + 17),
                                          testing::Bool()));

TEST(DirStore, ManyThreadsWriteOneFileInAnyOrder) {
  const TempDirectory directory;
  const auto store = open_store(directory);
  constexpr uint64_t kBlock = 64 << 10;
  const std::vector<std::byte> content = random_bytes(40 * kBlock + 100, 5);
  auto set = std::move(store->begin(3, 0)).value();
  std::vector<std::jthread> writers;
  for (uint64_t thread = 0; thread < 4; ++thread) {
    writers.emplace_back([&, thread] {
      for (uint64_t block = 40 - thread; block <= 40; block -= 4) {
        const uint64_t bytes = std::min<uint64_t>(kBlock, content.size() - block * kBlock);
        const Status status = set->write("r0000.a", block * kBlock,
                                         std::span(content).subspan(block * kBlock, bytes));
        EXPECT_TRUE(status) << status.error().message;
      }
    });
  }
  writers.clear();
  ASSERT_TRUE(set->sync());
  ASSERT_TRUE(set->commit(random_bytes(10, 1)));
  expect_read_back(*store, 3, "r0000.a", content, 0, content.size());
}

TEST(DirStore, NothingIsListedBeforeCommit) {
  const TempDirectory directory;
  const auto store = open_store(directory);
  auto set = std::move(store->begin(1, 100)).value();
  ASSERT_TRUE(set->write("r0000.a", 0, random_bytes(100, 1)));
  EXPECT_THAT(listed(*store), IsEmpty());
  EXPECT_THAT(names_in(directory), ElementsAre("ckpt-00000001.r0000.a.tmp"));
  EXPECT_FALSE(set->commit({})) << "commit before sync";
  ASSERT_TRUE(set->sync());
  EXPECT_THAT(listed(*store), IsEmpty());
  EXPECT_THAT(names_in(directory), ElementsAre("ckpt-00000001.r0000.a"));
  EXPECT_FALSE(set->write("r0000.a", 0, random_bytes(100, 1))) << "write after sync";
  EXPECT_FALSE(set->sync()) << "sync twice";
  set.reset();
  EXPECT_THAT(names_in(directory), IsEmpty());
}

TEST(DirStore, AFailedSyncIsFinal) {
  const TempDirectory directory;
  const auto store = open_store(directory);
  auto set = std::move(store->begin(1, 100)).value();
  ASSERT_TRUE(set->write("r0000.a", 0, random_bytes(100, 1)));
  // A file cannot be renamed to the name of a folder.
  std::filesystem::create_directory(directory / "ckpt-00000001.r0000.a");
  const Status status = set->sync();
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("rename to"));
  std::filesystem::remove(directory / "ckpt-00000001.r0000.a");
  EXPECT_FALSE(set->sync());
  EXPECT_FALSE(set->commit(random_bytes(10, 1)));
  EXPECT_THAT(listed(*store), IsEmpty());
  set.reset();
  EXPECT_THAT(names_in(directory), IsEmpty());
}

TEST(DirStore, ListsNewestFirstAndRefusesATakenNumber) {
  const TempDirectory directory;
  const auto store = open_store(directory);
  for (const uint64_t seq : {2, 123456789, 10}) {
    ASSERT_EQ(commit_checkpoint(*store, seq, {{"r0000.a", random_bytes(9, seq)}}), "");
  }
  EXPECT_THAT(listed(*store), ElementsAre(123456789, 10, 2));
  const auto again = store->begin(10, 0);
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("checkpoint 10 exists already"));
}

TEST(DirStore, DropKeepsSharedFilesUntilAsked) {
  const TempDirectory directory;
  const auto store = open_store(directory);
  ASSERT_EQ(commit_checkpoint(*store, 1,
                              {{"r0000.a", random_bytes(9, 1)}, {"r0000.b", random_bytes(9, 2)}}),
            "");
  const std::vector<std::string> keep = {"r0000.b"};
  ASSERT_TRUE(store->drop(1, keep));
  EXPECT_THAT(listed(*store), IsEmpty());
  EXPECT_THAT(names_in(directory), ElementsAre("ckpt-00000001.r0000.b"));
  expect_read_back(*store, 1, "r0000.b", random_bytes(9, 2), 0, 9);
  ASSERT_TRUE(store->drop(1, {}));
  EXPECT_THAT(names_in(directory), IsEmpty());
  EXPECT_TRUE(store->drop(1, {})) << "nothing left to remove is no error";
}

TEST(DirStore, NextWriterRemovesLeftoversOnly) {
  const TempDirectory directory;
  {
    const auto store = open_store(directory);
    ASSERT_EQ(commit_checkpoint(*store, 1, {{"r0000.old", random_bytes(9, 1)}}), "");
    // Checkpoint 2 needs a file of 1, whose own record goes.
    ASSERT_EQ(commit_checkpoint(*store, 2, {{"r0000.new", random_bytes(9, 2)}}, {{1, "r0000.old"}}),
              "");
    const std::vector<std::string> keep = {"r0000.old"};
    ASSERT_TRUE(store->drop(1, keep));
  }
  for (const char* name :
       {"ckpt-00000003.r0000.a", "ckpt-00000003.r0000.a.tmp", "ckpt-00000003.manifest.tmp",
        "ckpt-00000001.r0000.unneeded", "notes.txt", "ckpt-3.a", "other.tmp"}) {
    std::ofstream(directory / name) << "x";
  }
  const auto store = open_store(directory);
  EXPECT_THAT(names_in(directory),
              UnorderedElementsAre("ckpt-00000001.r0000.old", "ckpt-00000002.r0000.new",
                                   "ckpt-00000002.manifest", "notes.txt", "ckpt-3.a", "other.tmp"));
}

// Another program may number its own checkpoints so, in the same directory.
TEST(DirStore, FilesOfOthersAreNeverRemoved) {
  const TempDirectory directory;
  const std::vector<std::string> others{
      "ckpt-00001000.pt",    "ckpt-00001000.pth.tmp", "ckpt-00001000.optimizer.bin",
      "ckpt-00001000.r1.pt", "ckpt-00000001.pt",      "ckpt-00000001.manifest.json"};
  for (const std::string& name : others) std::ofstream(directory / name) << "x";
  const auto store = open_store(directory);
  EXPECT_THAT(names_in(directory), UnorderedElementsAreArray(others)) << "by opening";
  ASSERT_EQ(commit_checkpoint(*store, 1, {{"r0000.a", random_bytes(9, 1)}}), "");
  ASSERT_TRUE(store->drop(1, {}));
  EXPECT_THAT(names_in(directory), UnorderedElementsAreArray(others)) << "by a deletion";
}

TEST(DirStore, ADamagedManifestProtectsWhatItMayNeed) {
  const TempDirectory directory;
  { open_store(directory); }
  std::ofstream(directory / "ckpt-00000005.manifest") << "damaged";
  std::ofstream(directory / "ckpt-00000004.r0000.a") << "x";
  std::ofstream(directory / "ckpt-00000006.r0000.a") << "x";
  const auto store = open_store(directory);
  EXPECT_THAT(names_in(directory),
              UnorderedElementsAre("ckpt-00000005.manifest", "ckpt-00000004.r0000.a"));
}

TEST(DirStore, GivesTheFirstBytesOfARecord) {
  const TempDirectory directory;
  const auto store = open_store(directory);
  ASSERT_EQ(commit_checkpoint(*store, 1, {{"r0000.a", random_bytes(9, 1)}}), "");
  const std::vector<std::byte> record = store->get(1).value();
  for (const size_t limit : {size_t{0}, size_t{10}, record.size(), size_t{1} << 20}) {
    const auto first = store->get_first(1, limit);
    ASSERT_TRUE(first) << first.error().message;
    const auto bytes = std::span(record).first(std::min(limit, record.size()));
    EXPECT_TRUE(std::ranges::equal(first.value(), bytes)) << limit;
  }
  EXPECT_EQ(store->get_first(2, 10).error().fault, IoFault::kNotThere);
}

TEST(DirStore, AFileOfADeletedCheckpointIsNotKeptOpen) {
  const TempDirectory directory;
  const auto writer = open_store(directory);
  ASSERT_EQ(commit_checkpoint(*writer, 1, {{"r0000.a", random_bytes(9, 1)}}), "");
  auto reader = DirStore::open({.directory = directory.path(), .run_id = "", .writer = false});
  ASSERT_TRUE(reader);
  expect_read_back(*reader.value(), 1, "r0000.a", random_bytes(9, 1), 0, 9);
  ASSERT_TRUE(writer->drop(1, {}));
  EXPECT_THAT(listed(*reader.value()), IsEmpty());
  std::byte byte{};
  const IoStatus read = reader.value()->read(1, "r0000.a", 0, {&byte, 1});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().fault, IoFault::kNotThere);
}

TEST(DirStore, AFileThatItHasReadAndDroppedIsNotKeptOpen) {
  const TempDirectory directory;
  const auto store = open_store(directory);
  ASSERT_EQ(commit_checkpoint(*store, 1, {{"r0000.a", random_bytes(9, 1)}}), "");
  expect_read_back(*store, 1, "r0000.a", random_bytes(9, 1), 0, 9);
  ASSERT_TRUE(store->drop(1, {}));
  std::byte byte{};
  const IoStatus read = store->read(1, "r0000.a", 0, {&byte, 1});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().fault, IoFault::kNotThere);
}

TEST(DirStore, ALinkInThePlaceOfARecordIsReportedAndItsNumberStaysTaken) {
  const TempDirectory directory;
  const auto store = open_store(directory);
  std::filesystem::create_symlink("elsewhere", directory / "ckpt-00000007.manifest");
  EXPECT_THAT(listed(*store), ElementsAre(7));
  EXPECT_FALSE(store->begin(7, 0));
  const auto record = store->get(7);
  ASSERT_FALSE(record);
  EXPECT_THAT(record.error().message, HasSubstr("ckpt-00000007.manifest: open failed: Too many"));
}

TEST(DirStore, BadNamesOffsetsAndShortFilesAreErrors) {
  const TempDirectory directory;
  const auto store = open_store(directory);
  auto set = std::move(store->begin(1, 0)).value();
  const std::vector<std::byte> bytes(5000);
  for (const char* name : {"../a", "r0000.a/b", "", "..", "manifest", "r0000.a.tmp", "model.pt"}) {
    EXPECT_FALSE(set->write(name, 0, bytes)) << name;
    EXPECT_FALSE(store->read(1, name, 0, {})) << name;
  }
  EXPECT_FALSE(set->write("r0000.a", 100, bytes)) << "offset";
  ASSERT_TRUE(set->write("r0000.a", 0, bytes));
  ASSERT_TRUE(set->sync());
  ASSERT_TRUE(set->commit(bytes));
  std::vector<std::byte> target(5001);
  const Status status = store->read(1, "r0000.a", 0, target);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("ckpt-00000001.r0000.a: ends at byte 5000"));
  EXPECT_FALSE(store->read(1, "r0000.b", 0, target)) << "no such file";
}

TEST(DirStore, ReaderNeedsNoLeaseAndCannotWrite) {
  const TempDirectory directory;
  const auto writer = open_store(directory);
  ASSERT_EQ(commit_checkpoint(*writer, 1, {{"r0000.a", random_bytes(9, 1)}}), "");
  EXPECT_FALSE(DirStore::open({.directory = directory.path(), .run_id = "second"}));
  auto opened = DirStore::open({.directory = directory.path(), .run_id = "", .writer = false});
  ASSERT_TRUE(opened);
  DirStore& reader = *opened.value();
  expect_read_back(reader, 1, "r0000.a", random_bytes(9, 1), 0, 9);
  EXPECT_FALSE(reader.begin(2, 0));
  EXPECT_FALSE(reader.drop(1, {}));
}

TEST(DirStore, CommitsWithoutFsyncToo) {
  const TempDirectory directory;
  const auto store = DirStore::open({.directory = directory.path(), .run_id = "r", .fsync = false});
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ(commit_checkpoint(*store.value(), 1, {{"r0000.a", random_bytes(9, 1)}}), "");
}

}  // namespace
}  // namespace ckptbench
