// digits-mlp: the digits through two linear layers with batch norm and dropout; tiny and fast, made
// for trials by the thousand. One training thread.
#pragma once

#include <memory>
#include <string>

#include "workloads/workload.h"

namespace ckptbench {

WorkloadInfo digits_mlp_info();
std::unique_ptr<Workload> make_digits_mlp(const Params& params, const std::string& device);

}  // namespace ckptbench
