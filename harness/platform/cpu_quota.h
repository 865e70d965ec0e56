// The processor time that a control group grants, as containers limit it: threads beyond it only
// wait. Free functions; any thread.
#pragma once

#include <optional>
#include <string>

namespace ckptbench {

// In cores, the least of the process's group and all groups above it, of either version of control
// groups; nothing where none is limited. `groups`: the text of /proc/self/cgroup; `root`: where
// control groups are mounted.
std::optional<double> cpu_quota(const std::string& groups, const std::string& root);
// Of this process.
std::optional<double> cpu_quota();

}  // namespace ckptbench
