// char-gpt: a decoder-only transformer (GPT-2's architecture and names; Radford et al., 2019) that
// predicts the next character of real English text. One training thread.
#pragma once

#include <memory>
#include <string>

#include "workloads/workload.h"

namespace ckptbench {

WorkloadInfo char_gpt_info();
// Throws ExitError(kUsage) when `sequence` is longer than the size's context.
std::unique_ptr<Workload> make_char_gpt(const Params& params, const std::string& device);

}  // namespace ckptbench
