// The rule of LEAK: what an undisturbed run held more of with every save. Pure function; owns
// nothing.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/core/cell.h"

namespace ckptbench {

// What grows with every save, from the lists of train.report.json (docs/protocol.md). What lies on
// disk counts only where the strategy `retains` what it is asked to keep, and no more.
std::vector<std::string> find_leaks(const nlohmann::json& observed, const Policy& policy,
                                    bool retains);

}  // namespace ckptbench
