// Every workload and strategy by name, from the registries of their folders: what `describe`
// prints, `check` judges and a job makes. The code that will run a name is the code that judges it.
// Free functions over constant tables; any thread.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "strategies/api/strategy.h"
#include "workloads/workload.h"

namespace ckptbench {

enum class Group { kNative, kPeer, kBroken };
std::string_view group_name(Group group);  // "native", "peer", "broken"

struct FoundStrategy {
  StrategyInfo info;
  Group group = Group::kNative;
};

// With the claim for these parameters. Unknown names are errors with near names among all groups.
Result<FoundStrategy> find_strategy(const Selection& selection);
// Name and parameters. The Params hold the defaults too.
Result<Params> check_strategy(const Selection& selection);
Result<Params> check_workload(const Selection& selection);

// Loads into this process what make_strategy would load, a Python interpreter and imports, and
// makes nothing. REQUIRES: check_strategy succeeded.
Status preload_strategy(const Selection& selection);
// REQUIRES: check_strategy succeeded.
Result<std::unique_ptr<Strategy>> make_strategy(const Selection& selection,
                                                const StrategyContext& context);

// docs/protocol.md, `describe`. `cuda`: whether this executable can use a GPU.
nlohmann::json describe_all(bool cuda);
// docs/protocol.md, `check`: one answer per question, in order.
nlohmann::json check_all(const nlohmann::json& questions);

}  // namespace ckptbench
