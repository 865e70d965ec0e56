// digits-cnn: the digits through two convolutions with batch norm, dropout and one linear layer.
#pragma once

#include <memory>
#include <string>

#include "workloads/workload.h"

namespace ckptbench {

WorkloadInfo digits_cnn_info();
std::unique_ptr<Workload> make_digits_cnn(const Params& params, const std::string& device);

}  // namespace ckptbench
