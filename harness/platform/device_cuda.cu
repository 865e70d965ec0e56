// One CUDA GPU beneath the Device contract. Free of torch: it compiles in about a second, and the
// only thing it shares with torch is the stream on which training runs, which it is given.
#include <cuda_runtime.h>

#include <memory>
#include <string>
#include <vector>

#ifdef CKPT_HAS_NVTX
#include <nvtx3/nvToolsExtCudaRt.h>
#endif

#include "harness/core/error.h"
#include "harness/platform/cuda_call.h"
#include "harness/platform/device.h"
#include "harness/platform/digest_cuda.h"

namespace ckptbench {
namespace {

// In a profiler's timeline.
void name_stream([[maybe_unused]] cudaStream_t stream, [[maybe_unused]] const char* name) {
#ifdef CKPT_HAS_NVTX
  nvtxNameCudaStreamA(stream, name);
#endif
}

class PinnedBuffer : public HostBuffer {
 public:
  PinnedBuffer(std::byte* data, uint64_t bytes) : data_(data), bytes_(bytes) {}
  ~PinnedBuffer() override { CKPT_CUDA_CHECK_NOEXCEPT(cudaFreeHost(data_)); }
  PinnedBuffer(const PinnedBuffer&) = delete;
  PinnedBuffer& operator=(const PinnedBuffer&) = delete;

  std::byte* data() override { return data_; }
  uint64_t bytes() const override { return bytes_; }

 private:
  std::byte* data_;
  uint64_t bytes_;
};

class CudaBuffer : public DeviceBuffer {
 public:
  explicit CudaBuffer(std::byte* data) : data_(data) {}
  ~CudaBuffer() override { CKPT_CUDA_CHECK_NOEXCEPT(cudaFree(data_)); }
  CudaBuffer(const CudaBuffer&) = delete;
  CudaBuffer& operator=(const CudaBuffer&) = delete;

  std::byte* data() override { return data_; }

 private:
  std::byte* data_;
};

class CudaStream : public CopyStream {
 public:
  CudaStream(int index, cudaStream_t training) : index_(index), training_(training) {
    const DeviceGuard guard(index_);
    CKPT_CUDA_CHECK(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
    name_stream(stream_, "ckptbench copies");
    if (const cudaError_t error = cudaEventCreateWithFlags(&event_, cudaEventDisableTiming);
        error != cudaSuccess) {
      CKPT_CUDA_CHECK_NOEXCEPT(cudaStreamDestroy(stream_));
      CKPT_CUDA_CHECK(error);
    }
  }
  ~CudaStream() override {
    CKPT_CUDA_CHECK_NOEXCEPT(cudaStreamSynchronize(stream_));
    CKPT_CUDA_CHECK_NOEXCEPT(cudaEventDestroy(event_));
    CKPT_CUDA_CHECK_NOEXCEPT(cudaStreamDestroy(stream_));
  }
  CudaStream(const CudaStream&) = delete;
  CudaStream& operator=(const CudaStream&) = delete;

  void wait_for_training() override {
    const DeviceGuard guard(index_);
    CKPT_CUDA_CHECK(cudaEventRecord(event_, training_));
    CKPT_CUDA_CHECK(cudaStreamWaitEvent(stream_, event_, 0));
  }
  // cudaMemcpyDefault: a tensor of the state may lie on the host as well.
  void to_host(std::byte* to, const std::byte* from, uint64_t bytes) override {
    copy(to, from, bytes);
  }
  void to_device(std::byte* to, const std::byte* from, uint64_t bytes) override {
    copy(to, from, bytes);
  }
  void wait() override {
    const DeviceGuard guard(index_);
    CKPT_CUDA_CHECK(cudaStreamSynchronize(stream_));
  }

 private:
  void copy(std::byte* to, const std::byte* from, uint64_t bytes) {
    if (bytes == 0) return;
    const DeviceGuard guard(index_);
    CKPT_CUDA_CHECK(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, stream_));
  }

  int index_;
  cudaStream_t training_;
  cudaStream_t stream_ = nullptr;
  cudaEvent_t event_ = nullptr;
};

// Timing events on the training stream. Events are made once and used again.
class CudaTimeline : public Timeline {
 public:
  CudaTimeline(int index, cudaStream_t training) : index_(index), training_(training) {}
  ~CudaTimeline() override {
    for (cudaEvent_t event : events_) CKPT_CUDA_CHECK_NOEXCEPT(cudaEventDestroy(event));
  }
  CudaTimeline(const CudaTimeline&) = delete;
  CudaTimeline& operator=(const CudaTimeline&) = delete;

  void reset(size_t points) override {
    const DeviceGuard guard(index_);
    marked_ = 0;
    while (events_.size() < points) {
      cudaEvent_t event = nullptr;
      CKPT_CUDA_CHECK(cudaEventCreate(&event));
      events_.push_back(event);
    }
  }
  void mark() override {
    const DeviceGuard guard(index_);
    CKPT_CUDA_CHECK(cudaEventRecord(events_[marked_++], training_));
  }
  std::vector<int64_t> gaps_ns() override {
    const DeviceGuard guard(index_);
    std::vector<int64_t> gaps;
    if (marked_ == 0) return gaps;
    CKPT_CUDA_CHECK(cudaEventSynchronize(events_[marked_ - 1]));
    for (size_t i = 1; i < marked_; ++i) {
      float ms = 0;
      CKPT_CUDA_CHECK(cudaEventElapsedTime(&ms, events_[i - 1], events_[i]));
      gaps.push_back(static_cast<int64_t>(static_cast<double>(ms) * 1e6));
    }
    return gaps;
  }

 private:
  int index_;
  cudaStream_t training_;
  size_t marked_ = 0;
  std::vector<cudaEvent_t> events_;
};

class CudaDevice : public Device {
 public:
  CudaDevice(int index, FindTrainingStream training_stream) : index_(index) {
    int driver = 0;
    if (cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0) {
      throw ExitError(ExitCode::kEnvironment, "no CUDA driver on this machine");
    }
    int count = 0;
    if (cudaGetDeviceCount(&count) == cudaErrorNoDevice)
      count = 0;
    else
      CKPT_CUDA_CHECK(cudaGetDeviceCount(&count));
    if (index < 0 || index >= count) {
      throw ExitError(ExitCode::kEnvironment, "CUDA device " + std::to_string(index) +
                                                  ": this machine has " + std::to_string(count));
    }
    cudaDeviceProp properties{};
    CKPT_CUDA_CHECK(cudaGetDeviceProperties(&properties, index));
    name_ = properties.name;
    // Null is torch's word for the default stream; copy streams do not wait for it by themselves.
    if (void* const stream = training_stream(index)) {
      training_ = static_cast<cudaStream_t>(stream);
      name_stream(training_, "training");
    }
  }

  std::string name() const override { return name_; }

  Result<std::unique_ptr<HostBuffer>> allocate_host(uint64_t bytes) override {
    const DeviceGuard guard(index_);
    void* memory = nullptr;
    const uint64_t allocated = bytes == 0 ? 1 : bytes;
    const cudaError_t error = cudaHostAlloc(&memory, allocated, cudaHostAllocPortable);
    if (error != cudaSuccess) {
      (void)cudaGetLastError();  // out of pinned memory is a value, not a sticky error
      return Error{"pinned host buffer of " + std::to_string(bytes) +
                   " bytes: " + cudaGetErrorString(error)};
    }
    return std::unique_ptr<HostBuffer>(
        std::make_unique<PinnedBuffer>(static_cast<std::byte*>(memory), bytes));
  }

  Result<std::unique_ptr<DeviceBuffer>> allocate_device(uint64_t bytes) override {
    const DeviceGuard guard(index_);
    void* memory = nullptr;
    const cudaError_t error = cudaMalloc(&memory, bytes == 0 ? 1 : bytes);
    if (error != cudaSuccess) {
      (void)cudaGetLastError();
      return Error{"device buffer of " + std::to_string(bytes) +
                   " bytes: " + cudaGetErrorString(error)};
    }
    return std::unique_ptr<DeviceBuffer>(
        std::make_unique<CudaBuffer>(static_cast<std::byte*>(memory)));
  }

  std::vector<MemoryDigest> digest(const std::vector<MemoryRange>& ranges) override {
    const DeviceGuard guard(index_);
    return digest_on_gpu(ranges, training_);
  }

  std::unique_ptr<CopyStream> make_stream() override {
    return std::make_unique<CudaStream>(index_, training_);
  }

  void synchronize_training() override {
    const DeviceGuard guard(index_);
    CKPT_CUDA_CHECK(cudaStreamSynchronize(training_));
  }

  std::unique_ptr<Timeline> make_timeline() override {
    return std::make_unique<CudaTimeline>(index_, training_);
  }

  std::optional<uint64_t> memory_used() override {
    const DeviceGuard guard(index_);
    size_t free_bytes = 0;
    size_t total_bytes = 0;
    CKPT_CUDA_CHECK(cudaMemGetInfo(&free_bytes, &total_bytes));
    return total_bytes - free_bytes;
  }

 private:
  int index_;
  cudaStream_t training_ = cudaStreamLegacy;
  std::string name_;
};

}  // namespace

std::unique_ptr<Device> make_cuda_device(int index, FindTrainingStream training_stream) {
  return std::make_unique<CudaDevice>(index, training_stream);
}

}  // namespace ckptbench
