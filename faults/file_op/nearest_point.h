// Where the next run of a trial is killed after one that did not have its point: how many files a
// strategy writes may differ from run to run. Decided from what the runs did, nothing is drawn.
// Free function; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "faults/file_op/rule.h"

namespace ckptbench {

// `wanted`: the point of an undisturbed run that made the operations `undisturbed`. Of the
// operations of the run that missed it: the last that has the same operation and path pattern;
// where there is none, that of the same kind, with a path that fits the glob `among`, whose number
// among its kind is the nearest to that of `wanted`. Nothing: there is none of its kind.
std::optional<FileRule> nearest_point(const FileRule& wanted, const std::string& among,
                                      const std::vector<FileOperation>& undisturbed,
                                      const std::vector<FileOperation>& missed);

}  // namespace ckptbench
