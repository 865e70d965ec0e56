// The little that the worker itself asks of libtorch, kept in one file because torch's headers are
// slow to compile and carry an fmt of their own. Free functions; the training thread only.
#pragma once

#include <cstdint>
#include <string>

namespace ckptbench {

std::string torch_version();
// Training threads of this process, from the next operation on. Returns what torch then reports.
uint64_t set_torch_threads(uint64_t threads);

}  // namespace ckptbench
