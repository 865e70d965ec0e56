// A broken strategy by its name, for the tests of this folder.
#pragma once

#include <memory>
#include <string>

#include "strategies/broken/broken_list.h"
#include "strategies/testing/sample_state.h"

namespace ckptbench {

// REQUIRES: there is a broken strategy of this name.
inline std::unique_ptr<Strategy> make_broken_one(const std::string& name, StrategyBench& bench) {
  return std::move(make_broken({name, {}}, bench.context())).value();
}

}  // namespace ckptbench
