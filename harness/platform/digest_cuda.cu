#include <algorithm>
#include <cstdint>

#include "harness/platform/cuda_call.h"
#include "harness/platform/digest_cuda.h"

namespace ckptbench {
namespace {

constexpr int kThreads = 256;
constexpr uint64_t kWordsPerThread = 16;
constexpr uint64_t kMostBlocks = 2048;  // several for each multiprocessor of the largest GPUs

using Sum = unsigned long long;  // the type that atomicAdd takes
static_assert(sizeof(Sum) == sizeof(uint64_t) && sizeof(WordSums) == 2 * sizeof(Sum));

// Integers are added, so the order in which threads come to it changes nothing.
__device__ void add_sums(Sum* to, const WordSums& sums) {
  atomicAdd(to, static_cast<Sum>(sums.high));
  atomicAdd(to + 1, static_cast<Sum>(sums.low));
}

__device__ WordSums sums_of_warp(WordSums sums) {
  for (int offset = warpSize / 2; offset > 0; offset /= 2) {
    sums.high += __shfl_down_sync(0xffffffffU, static_cast<Sum>(sums.high), offset);
    sums.low += __shfl_down_sync(0xffffffffU, static_cast<Sum>(sums.low), offset);
  }
  return sums;
}

// Neighbouring threads read neighbouring words.
__global__ void sum_words(const std::byte* data, uint64_t bytes, Sum* total) {
  __shared__ Sum of_block[2];
  if (threadIdx.x < 2) of_block[threadIdx.x] = 0;
  __syncthreads();
  const uint64_t words = word_count(bytes);
  const uint64_t stride = static_cast<uint64_t>(gridDim.x) * blockDim.x;
  WordSums sums;
  for (uint64_t i = static_cast<uint64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < words;
       i += stride) {
    add_mixed_word(sums, word_at(data, bytes, i), i);
  }
  sums = sums_of_warp(sums);
  if (threadIdx.x % warpSize == 0) add_sums(of_block, sums);
  __syncthreads();
  if (threadIdx.x == 0) add_sums(total, {of_block[0], of_block[1]});
}

unsigned blocks_for(uint64_t words) {
  const uint64_t per_block = kThreads * kWordsPerThread;
  return static_cast<unsigned>(std::min(kMostBlocks, (words + per_block - 1) / per_block));
}

// One pair of sums for each range, zero at first.
class SumsOnGpu {
 public:
  SumsOnGpu(size_t ranges, cudaStream_t stream) : bytes_(ranges * sizeof(WordSums)) {
    CKPT_CUDA_CHECK(cudaMalloc(&memory_, bytes_));
    if (const cudaError_t error = cudaMemsetAsync(memory_, 0, bytes_, stream);
        error != cudaSuccess) {
      CKPT_CUDA_CHECK_NOEXCEPT(cudaFree(memory_));
      CKPT_CUDA_CHECK(error);
    }
  }
  ~SumsOnGpu() { CKPT_CUDA_CHECK_NOEXCEPT(cudaFree(memory_)); }
  SumsOnGpu(const SumsOnGpu&) = delete;
  SumsOnGpu& operator=(const SumsOnGpu&) = delete;

  Sum* of(size_t range) { return static_cast<Sum*>(memory_) + 2 * range; }
  void copy_to(WordSums* to, cudaStream_t stream) {
    CKPT_CUDA_CHECK(cudaMemcpyAsync(to, memory_, bytes_, cudaMemcpyDeviceToHost, stream));
    CKPT_CUDA_CHECK(cudaStreamSynchronize(stream));
  }

 private:
  size_t bytes_;
  void* memory_ = nullptr;
};

}  // namespace

std::vector<MemoryDigest> digest_on_gpu(const std::vector<MemoryRange>& ranges,
                                        cudaStream_t stream) {
  if (ranges.empty()) return {};
  SumsOnGpu on_gpu(ranges.size(), stream);
  for (size_t i = 0; i < ranges.size(); ++i) {
    const uint64_t words = word_count(ranges[i].bytes);
    if (words == 0) continue;
    sum_words<<<blocks_for(words), kThreads, 0, stream>>>(ranges[i].data, ranges[i].bytes,
                                                          on_gpu.of(i));
    CKPT_CUDA_CHECK(cudaGetLastError());
  }
  std::vector<WordSums> sums(ranges.size());
  on_gpu.copy_to(sums.data(), stream);
  std::vector<MemoryDigest> digests;
  for (size_t i = 0; i < ranges.size(); ++i) {
    digests.push_back(finish_digest(sums[i], ranges[i].bytes));
  }
  return digests;
}

}  // namespace ckptbench
