// The limits of a GPU's copies, as the simplest program reaches them: pinned host memory to and
// from the device, and within the device; and what pinning that memory costs. Probed in the same
// run as the saves that they limit. Free function; the training thread.
#pragma once

#include <cstdint>

#include "harness/core/error.h"
#include "harness/platform/device.h"

namespace ckptbench {

struct DeviceLimits {
  uint64_t bytes = 0;  // of each copy
  int64_t pin_ns = 0;  // allocating and pinning so many bytes
  int64_t to_host_ns = 0;
  int64_t to_device_ns = 0;
  int64_t within_device_ns = 0;
};

// REQUIRES: `device` is a GPU and nothing runs on it. Copies at most 256 MiB of `state_bytes`, each
// way once unmeasured and then at its fastest of three. Errors: no pinned or no device memory.
// Throws ExitError on CUDA errors.
Result<DeviceLimits> probe_device(Device& device, uint64_t state_bytes);

}  // namespace ckptbench
