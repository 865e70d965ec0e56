// The little that the worker itself asks of libtorch, kept in one file because torch's headers are
// slow to compile and carry an fmt of their own. Free functions; the training thread only.
#pragma once

#include <cstdint>
#include <string>

namespace ckptbench {

std::string torch_version();
// The cudaStream_t on which torch operations of the calling thread run. REQUIRES: torch_cuda is
// loaded and the GPU is there. Throws c10::Error where CUDA cannot be initialised.
void* current_cuda_stream(int device_index);
// Most bytes that tensors held on that GPU since the last call, without torch's cache; begins anew.
// REQUIRES: as above. Any thread.
uint64_t take_peak_tensor_bytes(int device_index);
// Training threads of this process, from the next operation on. Returns what torch then reports.
uint64_t set_torch_threads(uint64_t threads);

}  // namespace ckptbench
