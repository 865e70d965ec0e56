// What the seeds of the fuzz targets are made from. Errors end the program: without seeds a fuzzer
// would look as if it had found nothing. Free functions; any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace ckptbench {

// Name -> content.
using FolderContent = std::map<std::string, std::string>;

FolderContent folder_content(const std::string& path);
// The golden checkpoints of every format version, one folder each.
std::vector<FolderContent> golden_folders();
// The suites that are shipped.
FolderContent shipped_suites();
// What fuzzing has found once; empty when there is none for this target.
FolderContent regression_inputs(const std::string& target);

}  // namespace ckptbench
