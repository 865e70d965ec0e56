// What the drawn sequences must know of a native strategy. Plain values; any thread.
#pragma once

#include <string>
#include <vector>

#include "strategies/testing/drawn_sequence.h"

namespace ckptbench {

// A row's name or a spec.
SequenceSubject native_subject(const std::string& name);

// Files of a directory that an open for writing should have removed: unfinished ones, and data that
// no commit record needs (none at or below a record that cannot be read).
std::vector<std::string> native_leftovers(const std::string& directory);

}  // namespace ckptbench
