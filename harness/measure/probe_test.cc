#include "harness/measure/probe.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "harness/platform/testing/temp_directory.h"
#include "strategies/store/file.h"

namespace ckptbench {
namespace {

TEST(Probe, MeasuresAndLeavesNothingBehind) {
  const TempDirectory directory;
  constexpr uint64_t kBytes = (5 << 20) + 1;
  for (const bool direct : {true, false}) {
    const ProbeOptions options{.threads = 3, .direct = direct};
    const Result<int64_t> time = probe_new_file(directory.path(), kBytes, 3, options);
    ASSERT_TRUE(time) << time.error().message;
    EXPECT_GT(time.value(), 0);
    const Result<WriteTimes> both = probe_writes(directory.path(), kBytes, 3, options);
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
  const std::vector<ProbeOptions> shapes = write_shapes(false);
  for (const ProbeOptions& shape : shapes) {
    EXPECT_FALSE(shape.fsync);
    names.insert(shape_name(shape));
  }
  EXPECT_EQ(names.size(), shapes.size());
  EXPECT_TRUE(names.contains("4 threads, 1 MiB, direct, preallocated"));
  const auto fastest = fastest_new_files(directory.path(), 1 << 20, 1, shapes, 2);
  ASSERT_TRUE(fastest) << fastest.error().message;
  ASSERT_EQ(fastest.value().size(), 2u);
  EXPECT_NE(shape_name(fastest.value()[0]), shape_name(fastest.value()[1]));
  for (const ProbeOptions& shape : fastest.value()) {
    EXPECT_TRUE(names.contains(shape_name(shape)));
    EXPECT_FALSE(shape.fsync);
  }
}

TEST(Probe, AFailureNamesTheFile) {
  const Result<int64_t> time = probe_new_file("/nonexistent", 4096, 1);
  ASSERT_FALSE(time);
  EXPECT_THAT(time.error().message, testing::HasSubstr("/nonexistent/probe-0.tmp: open failed"));
}

}  // namespace
}  // namespace ckptbench
