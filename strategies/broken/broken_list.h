// The deliberately broken strategies, each wrong in one way that the oracle must name.
// Same rules as strategies/registry.h.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/verdict.h"
#include "strategies/api/strategy.h"

namespace ckptbench {

const std::vector<StrategyInfo>& broken_strategies();
Result<StrategyInfo> find_broken(const std::string& name);
Result<std::unique_ptr<Strategy>> make_broken(const Selection& selection,
                                              const StrategyContext& context);

// How the oracle must find one of them out: under `fault`, in a run that saves every second step
// and ends on an odd one, so that an update follows every save.
struct BrokenInfo {
  std::string name;
  Fault fault;                      // of kind none or file_op
  std::optional<DataVerdict> data;  // the verdict that must come out
  std::optional<Role> component;    // kDiverged: which
  std::optional<Finding> finding;   // the finding that must be among them
};
// One row for each of broken_strategies(), in its order.
const std::vector<BrokenInfo>& broken_expectations();

}  // namespace ckptbench
