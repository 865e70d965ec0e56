// Calls of CUDA's runtime: an error becomes an ExitError with the call's text and place; in
// destructors, a line on stderr. For .cu files. Free functions; any thread.
#pragma once

#include <cuda_runtime.h>

#include <cstdio>
#include <string>

#include "harness/core/error.h"

#define CKPT_CUDA_CHECK(call) ::ckptbench::check_cuda((call), #call, __FILE__, __LINE__)
#define CKPT_CUDA_CHECK_NOEXCEPT(call) ::ckptbench::report_cuda((call), #call, __FILE__, __LINE__)

namespace ckptbench {

inline void check_cuda(cudaError_t error, const char* call, const char* file, int line) {
  if (error == cudaSuccess) return;
  throw ExitError(ExitCode::kEnvironment, std::string(file) + ":" + std::to_string(line) + ": " +
                                              call + ": " + cudaGetErrorName(error) + ": " +
                                              cudaGetErrorString(error));
}

inline void report_cuda(cudaError_t error, const char* call, const char* file, int line) noexcept {
  // At process exit the driver may be gone before the last buffer: nothing is left to release.
  if (error == cudaSuccess || error == cudaErrorCudartUnloading) return;
  std::fprintf(stderr, "%s:%d: %s: %s\n", file, line, call, cudaGetErrorString(error));
}

// Calls within its scope act on one device, whatever the calling thread had chosen.
class DeviceGuard {
 public:
  explicit DeviceGuard(int index) {
    CKPT_CUDA_CHECK(cudaGetDevice(&previous_));
    if (previous_ != index) CKPT_CUDA_CHECK(cudaSetDevice(index));
  }
  ~DeviceGuard() { CKPT_CUDA_CHECK_NOEXCEPT(cudaSetDevice(previous_)); }
  DeviceGuard(const DeviceGuard&) = delete;
  DeviceGuard& operator=(const DeviceGuard&) = delete;

 private:
  int previous_ = 0;
};

}  // namespace ckptbench
