#include "harness/measure/probe.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "harness/measure/device_probe.h"
#include "harness/measure/page_cache.h"
#include "harness/measure/plain_writer.h"
#include "harness/platform/file.h"
#include "harness/platform/testing/temp_directory.h"

namespace ckptbench {
namespace {

TEST(Probe, MeasuresAndLeavesNothingBehind) {
  const TempDirectory directory;
  const PlainSave save = claimed_save({(5 << 20) + 1, 3 << 20, 700}, true);
  for (const bool direct : {true, false}) {
    const ProbeOptions options{.threads = 3, .direct = direct};
    const Result<int64_t> time = probe_new_file(directory.path(), save, options);
    ASSERT_TRUE(time) << time.error().message;
    EXPECT_GT(time.value(), 0);
    const Result<WriteTimes> both = probe_writes(directory.path(), save, options);
    ASSERT_TRUE(both) << both.error().message;
    EXPECT_GT(both.value().new_file_ns, 0);
    EXPECT_GT(both.value().overwrite_ns, 0);
  }
  EXPECT_THAT(directory_entries(directory.path()).value(), testing::IsEmpty());
  const Result<int64_t> copy = probe_memcpy(1 << 20);
  ASSERT_TRUE(copy);
  EXPECT_GT(copy.value(), 0);
}

TEST(Probe, ReadsFilesOfAnySizeInEveryShapeAndSaysWhichIsTooShort) {
  const TempDirectory directory;
  const std::string path = directory.path() + "/data";
  constexpr uint64_t kBytes = (9 << 20) + 5;
  Result<File> file = File::open(path, O_WRONLY | O_CREAT);
  ASSERT_TRUE(file);
  ASSERT_TRUE(file.value().write_at(0, std::vector<std::byte>(kBytes)));
  for (const ProbeOptions& shape : read_shapes()) {
    const Result<int64_t> time = probe_reads({{path, kBytes}, {path, 1}}, shape);
    ASSERT_TRUE(time) << shape_name(shape) << ": " << time.error().message;
    EXPECT_GT(time.value(), 0);
    const Result<int64_t> beyond = probe_reads({{path, kBytes + 1}}, shape);
    ASSERT_FALSE(beyond) << shape_name(shape);
    EXPECT_THAT(beyond.error().message, testing::HasSubstr("/data: ends at byte 9437189"));
  }
}

TEST(Probe, ShapesHaveNamesOfTheirOwnAndTheFastestIsOneOfThem) {
  const TempDirectory directory;
  std::set<std::string> names;
  const std::vector<ProbeOptions> shapes = write_shapes();
  for (const ProbeOptions& shape : shapes) {
    names.insert(shape_name(shape));
  }
  EXPECT_EQ(names.size(), shapes.size());
  EXPECT_TRUE(names.contains("4 threads, 1 MiB, direct, preallocated"));
  EXPECT_TRUE(names.contains("1 thread, 512 KiB, buffered, preallocated"));
  EXPECT_TRUE(names.contains("2 threads, 512 KiB, buffered, preallocated"));
  EXPECT_TRUE(shape_name({.threads = 1}).starts_with("1 thread, "));
  const auto fastest =
      fastest_new_files(directory.path(), claimed_save({1 << 20}, false), shapes, 2);
  ASSERT_TRUE(fastest) << fastest.error().message;
  ASSERT_EQ(fastest.value().size(), 2u);
  EXPECT_NE(shape_name(fastest.value()[0]), shape_name(fastest.value()[1]));
  for (const ProbeOptions& shape : fastest.value()) {
    EXPECT_TRUE(names.contains(shape_name(shape)));
  }
}

TEST(Probe, DeviceCopiesAreTimedEachWay) {
  const auto device = make_cpu_device();
  const auto limits = probe_device(*device, 1 << 20);
  ASSERT_TRUE(limits) << limits.error().message;
  EXPECT_EQ(limits.value().bytes, 1u << 20);
  for (const int64_t ns : {limits.value().pin_ns, limits.value().to_host_ns,
                           limits.value().to_device_ns, limits.value().within_device_ns}) {
    EXPECT_GT(ns, 0);
  }
}

TEST(Probe, ASaveOfSeveralFilesIsRepeatedInItsOwnSizes) {
  const TempDirectory directory;
  const FileSizes sizes{(1 << 20) + 3, 4096, 77};
  {
    PlainFiles files(directory.path(), "plain", claimed_save(sizes, true), {});
    EXPECT_EQ(files.bytes(), sizes[0] + sizes[1] + sizes[2]);
    for (int pass = 0; pass < 2; ++pass) {
      const Status status = files.publish();
      ASSERT_TRUE(status) << status.error().message;
    }
    for (size_t i = 0; i < sizes.size(); ++i) {
      const std::string path = directory.path() + "/plain-" + std::to_string(i);
      EXPECT_EQ(std::filesystem::file_size(path), sizes[i]) << path;
    }
    EXPECT_EQ(directory_entries(directory.path()).value().size(), sizes.size());
  }
  EXPECT_THAT(directory_entries(directory.path()).value(), testing::IsEmpty());
}

uint64_t inode_of(const std::string& path) {
  struct stat found {};
  EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
  return found.st_ino;
}

TEST(Probe, ASaveInPlaceIsRepeatedInPlace) {
  const TempDirectory directory;
  const FileSizes sizes{(1 << 20) + 3, 4096};
  for (const bool in_place : {true, false}) {
    PlainFiles files(directory.path(), "plain", claimed_save(sizes, true, in_place), {});
    ASSERT_TRUE(files.publish());
    const uint64_t inode = inode_of(directory.path() + "/plain-0");
    ASSERT_TRUE(files.publish());
    EXPECT_EQ(inode_of(directory.path() + "/plain-0") == inode, in_place);
    EXPECT_EQ(std::filesystem::file_size(directory.path() + "/plain-0"), sizes[0]);
  }
  const Result<WriteTimes> times = probe_writes(directory.path(), claimed_save(sizes, true, true));
  ASSERT_TRUE(times) << times.error().message;
  EXPECT_GT(times.value().new_file_ns, 0);
  EXPECT_THAT(directory_entries(directory.path()).value(), testing::IsEmpty());
}

// Neither a temporary name nor the file of before.
TEST(Probe, ASaveThatRenamesNothingIsRepeatedWithNewFilesUnderTheirNames) {
  const TempDirectory directory;
  const CommonSteps steps{.rename = false, .sync_folder = false};
  const FileSizes sizes{(1 << 20) + 3, 77};
  PlainFiles files(directory.path(), "plain", {.sequence = common_sequence(sizes, steps)}, {});
  ASSERT_TRUE(files.publish());
  const std::string path = directory.path() + "/plain-0";
  const auto before = File::open(path, O_RDONLY);  // its number is not given away
  ASSERT_TRUE(before);
  const uint64_t inode = inode_of(path);
  ASSERT_TRUE(files.publish());
  EXPECT_NE(inode_of(path), inode);
  EXPECT_EQ(std::filesystem::file_size(path), sizes[0]);
}

TEST(Probe, AFileThatIsWrittenInPartsIsWholeAtTheEnd) {
  const TempDirectory directory;
  SaveSequence sequence{.sizes = {(3 << 20) + 5}};
  sequence.steps = {{FileStep::kWrite, 0, 0.3}, {FileStep::kSync, 0}, {FileStep::kWrite, 0, 0.7},
                    {FileStep::kRename, 0},     {FileStep::kSync, 0}, {FileStep::kRename, 0}};
  PlainFiles files(directory.path(), "plain", {.sequence = sequence}, {.threads = 2});
  for (int pass = 0; pass < 2; ++pass) {
    const Status status = files.publish();
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(std::filesystem::file_size(directory.path() + "/plain-0"), sequence.sizes[0]);
    EXPECT_EQ(directory_entries(directory.path()).value().size(), 1U);
  }
  EXPECT_TRUE(files.overwrite());
}

TEST(Probe, APlainWriterTellsTheTrainingThreadOfItsFailure) {
  const TempDirectory directory;
  PlainWriter good(directory.path(), {claimed_save({5000, 20}, true)}, false);
  for (int i = 0; i < 3; ++i) good.begin();
  EXPECT_NO_THROW(good.finish());
  EXPECT_EQ(directory_entries(directory.path()).value().size(), 2u);
  PlainWriter bad("/nonexistent", {claimed_save({4096}, true)}, true);
  EXPECT_THROW(bad.begin(), ExitError);
}

TEST(Probe, APlainWriterRepeatsTheSavesInTurnFromWhereItIsTold) {
  const TempDirectory directory;
  PlainWriter writer(
      directory.path(),
      {claimed_save({5000}, false), claimed_save({300}, false), claimed_save({70, 20}, false)},
      true);
  EXPECT_EQ(writer.mean_bytes(), 0);
  const std::string first = directory.path() + "/floor-0";
  writer.begin();
  EXPECT_EQ(std::filesystem::file_size(first), 5000U);
  writer.begin();
  EXPECT_EQ(std::filesystem::file_size(first), 300U);
  EXPECT_DOUBLE_EQ(writer.mean_bytes(), 2650);
  writer.repeat_from(5);
  writer.begin();
  EXPECT_EQ(std::filesystem::file_size(first), 70U);
  writer.begin();
  EXPECT_EQ(std::filesystem::file_size(first), 5000U);
}

// One write of the floor; how much of it is in the page cache then.
uint64_t cached_bytes(const std::string& directory, const PlainSave& save) {
  PlainWriter writer(directory, {save}, true);
  writer.begin();
  const auto pages = cached_pages(directory);
  EXPECT_TRUE(pages) << pages.error().message;
  return pages ? pages.value().resident * static_cast<uint64_t>(::getpagesize()) : 0;
}

// Each file as the save was seen to write it; where that was not seen, its syncs decide.
TEST(Probe, APlainWriterUsesThePageCacheWhereTheSaveDoes) {
  const TempDirectory directory;
  const auto asked = File::open_direct(directory.path() + "/asked", O_WRONLY | O_CREAT, true);
  ASSERT_TRUE(asked) << asked.error().message;
  if (!asked.value().direct()) GTEST_SKIP() << directory.path() << ": no O_DIRECT there";
  constexpr uint64_t kMib = 1 << 20;
  for (const bool synced : {true, false}) {
    PlainSave save = claimed_save({kMib, 2 * kMib, 4 * kMib}, synced);
    EXPECT_EQ(cached_bytes(directory.path(), save), (synced ? 4 : 7) * kMib) << "not seen";
    save.sequence.kinds = {{}, {.direct = true, .preallocated = true}, {.direct = true}};
    EXPECT_EQ(cached_bytes(directory.path(), save), kMib) << "the record is direct, too";
    save.sequence.kinds = {{.preallocated = true}, {}, {}};
    EXPECT_EQ(cached_bytes(directory.path(), save), 7 * kMib);
  }
}

TEST(Probe, AFailureNamesTheFile) {
  const Result<int64_t> time = probe_new_file("/nonexistent", claimed_save({4096}, true));
  ASSERT_FALSE(time);
  EXPECT_THAT(time.error().message, testing::HasSubstr("/nonexistent/probe-0.tmp: open failed"));
}

}  // namespace
}  // namespace ckptbench
