// Small checkpoints for the tests of stores: random content under a manifest that covers it,
// and the check that a stored checkpoint is whole. Tests only. Free functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "strategies/store/store.h"

namespace ckptbench {

using SampleFiles = std::map<std::string, std::vector<std::byte>>;

std::vector<std::byte> random_bytes(uint64_t count, uint64_t seed);

// Commits one U8 tensor per file, and one of a single byte for each (seq, file) in `refers_to`.
// The error, or "".
std::string commit_checkpoint(Store& store, uint64_t seq, const SampleFiles& files,
                              const std::vector<std::pair<uint64_t, std::string>>& refers_to = {});

// Reads every chunk of the checkpoint and compares digests. What is wrong, or "".
std::string check_checkpoint(Store& store, uint64_t seq);

}  // namespace ckptbench
