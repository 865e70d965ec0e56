// The memory and copies of one device: the CPU, or one CUDA GPU. Strategies reach tensors through
// it, so that they need neither torch nor CUDA. Owned by the worker, outlives every strategy.
//
// Threads: any; copies on one Stream are ordered, and a Stream belongs to one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/error.h"
#include "harness/platform/memory_digest.h"
#include "harness/platform/timeline.h"

namespace ckptbench {

// Host memory suited to copies from the device: pinned with CUDA, page-aligned and faulted in
// always, so that the first use pays and no later one does.
class HostBuffer {
 public:
  virtual ~HostBuffer() = default;
  virtual std::byte* data() = 0;
  virtual uint64_t bytes() const = 0;
};

// Memory of the device itself; host code must not touch it.
class DeviceBuffer {
 public:
  virtual ~DeviceBuffer() = default;
  virtual std::byte* data() = 0;
};

// An ordered queue of copies beside the training stream.
class CopyStream {
 public:
  virtual ~CopyStream() = default;
  // Later copies see everything that the training stream has been given so far.
  virtual void wait_for_training() = 0;
  // Device (or host) to host, asynchronous where the device can. Throws ExitError on CUDA errors.
  virtual void to_host(std::byte* to, const std::byte* from, uint64_t bytes) = 0;
  virtual void to_device(std::byte* to, const std::byte* from, uint64_t bytes) = 0;
  // Blocks until every copy given so far has finished.
  virtual void wait() = 0;
};

class Device {
 public:
  virtual ~Device() = default;
  virtual std::string name() const = 0;  // "cpu", "NVIDIA H200"
  virtual Result<std::unique_ptr<HostBuffer>> allocate_host(uint64_t bytes) = 0;
  virtual std::unique_ptr<CopyStream> make_stream() = 0;
  // Blocks until the training stream has finished what it was given; copy streams go on.
  virtual void synchronize_training() = 0;
  // Bytes taken on the device, by all processes; nullopt where the device is host memory.
  virtual std::optional<uint64_t> memory_used() = 0;
  // Where training runs on the calling thread: the clock.
  virtual std::unique_ptr<Timeline> make_timeline();
  // Where the device is host memory: a host buffer.
  virtual Result<std::unique_ptr<DeviceBuffer>> allocate_device(uint64_t bytes);
  // Of memory of the device, computed there, after all that the training stream has been given.
  // One for each range; the same on every kind of device. Throws ExitError on CUDA errors.
  virtual std::vector<MemoryDigest> digest(const std::vector<MemoryRange>& ranges);
};

std::unique_ptr<Device> make_cpu_device();
// device_cuda.cu; only in ckpt-worker-cuda. `training_stream` gives the cudaStream_t on which the
// calling thread trains (null: the legacy default stream); asked once, when the GPU was found.
using FindTrainingStream = void* (*)(int device_index);
std::unique_ptr<Device> make_cuda_device(int index, FindTrainingStream training_stream);

}  // namespace ckptbench
