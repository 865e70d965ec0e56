// Names that no run repeats (a process id, a random name, a digest of what is random): a point of
// one run is found in another by a pattern of its path. Free functions; any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "faults/api/fault_evidence.h"

namespace ckptbench {

// The path with parts of known forms replaced; a '*' or '?' of its own stays.
// "run-48213/tmpk3x9w2ab" is "run-*/tmp*"; numbers padded with zeros ("ckpt-00000012") are kept, a
// run counts them itself.
std::string path_pattern(const std::string& path);

// Patterns, by path, of what only `run` has: words that no path of `another` has in the same place
// are replaced, with all between the first and the last of a file's or folder's name.
std::map<std::string, std::string> varying_paths(const std::vector<FileOperation>& run,
                                                 const std::vector<FileOperation>& another);

}  // namespace ckptbench
