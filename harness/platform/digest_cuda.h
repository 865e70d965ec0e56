// The digests of memory_digest.h, computed by the current GPU: the memory is read once, where it
// lies. For .cu files. Free function; any thread.
#pragma once

#include <cuda_runtime.h>

#include <vector>

#include "harness/platform/memory_digest.h"

namespace ckptbench {

// After what `stream` has been given; blocks until they are there. Throws ExitError on CUDA errors.
std::vector<MemoryDigest> digest_on_gpu(const std::vector<MemoryRange>& ranges,
                                        cudaStream_t stream);

}  // namespace ckptbench
