#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <numeric>
#include <vector>

#include "harness/platform/device.h"

namespace ckptbench {
namespace {

TEST(CpuDeviceTest, BuffersAreAlignedAndFaultedIn) {
  const auto device = make_cpu_device();
  for (const uint64_t bytes : {uint64_t{0}, uint64_t{1}, uint64_t{4097}, uint64_t{5} << 20}) {
    auto buffer = device->allocate_host(bytes);
    ASSERT_TRUE(buffer.ok()) << buffer.error().message;
    std::byte* data = buffer.value()->data();
    EXPECT_EQ(buffer.value()->bytes(), bytes);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(data) % 4096, 0u);
    std::vector<unsigned char> resident((bytes + 4095) / 4096);
    ASSERT_EQ(::mincore(data, bytes, resident.data()), 0);
    for (const unsigned char page : resident) EXPECT_EQ(page & 1, 1);
  }
}

TEST(CpuDeviceTest, ATimelineGivesTheGapsBetweenItsPoints) {
  const auto timeline = make_cpu_device()->make_timeline();
  timeline->reset(3);
  EXPECT_TRUE(timeline->gaps_ns().empty());
  for (int i = 0; i < 3; ++i) timeline->mark();
  EXPECT_EQ(timeline->gaps_ns().size(), 2u);
  for (const int64_t gap : timeline->gaps_ns()) EXPECT_GE(gap, 0);
  timeline->reset(1);
  timeline->mark();
  EXPECT_TRUE(timeline->gaps_ns().empty());
}

TEST(CpuDeviceTest, AnImpossibleSizeIsAnError) {
  const auto device = make_cpu_device();
  EXPECT_FALSE(device->allocate_host(~uint64_t{0}).ok());
  EXPECT_FALSE(device->allocate_host(uint64_t{1} << 60).ok());
}

TEST(CpuDeviceTest, CopiesBothWays) {
  const auto device = make_cpu_device();
  const auto stream = device->make_stream();
  std::vector<std::byte> from(100'003);
  for (size_t i = 0; i < from.size(); ++i) from[i] = static_cast<std::byte>(i * 7);
  auto staged = device->allocate_host(from.size()).value();
  std::vector<std::byte> back(from.size());
  stream->wait_for_training();
  stream->to_host(staged->data(), from.data(), from.size());
  stream->to_device(back.data(), staged->data(), from.size());
  stream->wait();
  EXPECT_EQ(back, from);
}

TEST(CpuDeviceTest, HasNoMemoryOfItsOwn) {
  EXPECT_EQ(make_cpu_device()->memory_used(), std::nullopt);
}

}  // namespace
}  // namespace ckptbench
