// The digest that the GPU computes is that of the host. Needs a GPU: skipped, with the reason,
// where there is none.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/prng.h"
#include "harness/platform/device.h"

namespace ckptbench {
namespace {

#ifdef CKPT_HAS_CUDA_DEVICE
std::unique_ptr<Device> first_gpu() {
  return make_cuda_device(0, [](int) -> void* { return nullptr; });
}
#else
std::unique_ptr<Device> first_gpu() {
  throw ExitError(ExitCode::kEnvironment, "this build has no CUDA parts");
}
#endif

class GpuDigest : public testing::Test {
 protected:
  void SetUp() override {
    try {
      device_ = first_gpu();
    } catch (const ExitError& error) {
      GTEST_SKIP() << "no GPU: " << error.what();
    }
  }

  // Of the same bytes, at an address that is `shift` beyond an aligned one.
  std::pair<MemoryDigest, MemoryDigest> on_gpu_and_host(uint64_t bytes, uint64_t shift) {
    auto memory = device_->allocate_device(bytes + shift).value();
    auto host = device_->allocate_host(bytes + shift).value();
    Prng prng(bytes + 1);
    for (uint64_t i = 0; i < bytes; ++i) host->data()[shift + i] = std::byte(prng.next() & 0xffU);
    const auto stream = device_->make_stream();
    stream->to_device(memory->data(), host->data(), bytes + shift);
    stream->wait();
    return {device_->digest({{memory->data() + shift, bytes}}).at(0),
            digest_memory({host->data() + shift, bytes})};
  }

  std::unique_ptr<Device> device_;
};

TEST_F(GpuDigest, IsThatOfTheHost) {
  for (const uint64_t bytes : {0, 1, 7, 8, 9, 255, 256, 2047, 4096, 100'003, 10'000'001}) {
    const auto [gpu, host] = on_gpu_and_host(bytes, 0);
    EXPECT_EQ(gpu, host) << bytes;
  }
}

TEST_F(GpuDigest, IsThatOfTheHostAtEveryAddress) {
  for (uint64_t shift = 1; shift < 16; ++shift) {
    const auto [gpu, host] = on_gpu_and_host(50'001, shift);
    EXPECT_EQ(gpu, host) << shift;
  }
}

TEST_F(GpuDigest, IsTheSameEachTime) {
  constexpr uint64_t kBytes = 64 << 20;
  const auto memory = device_->allocate_device(kBytes).value();
  const std::vector<MemoryRange> twice{{memory->data(), kBytes}, {memory->data(), kBytes}};
  const std::vector<MemoryDigest> first = device_->digest(twice);
  EXPECT_EQ(first.at(0), first.at(1));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(device_->digest(twice), first);
}

}  // namespace
}  // namespace ckptbench
