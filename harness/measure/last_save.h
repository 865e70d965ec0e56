// The last save of a measured cell, as the process that made it journaled it: what the restores in
// other processes are held against. Plain values and free functions; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "harness/core/digest.h"
#include "harness/core/error.h"

namespace ckptbench {

struct LastSave {
  uint64_t step = 0;
  bool acknowledged = false;
  ComponentDigests digests;  // of the state that was saved
};

// Errors: a journal that cannot be read, or that has no save with digests.
Result<LastSave> read_last_save(const std::string& journal_path);

// What is wrong with a restore that claims `step`, for a sentence about the strategy; empty: it is
// the step of the last save.
std::string wrong_step(const LastSave& last, uint64_t step);

}  // namespace ckptbench
