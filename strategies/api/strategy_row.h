// A whole strategy in C++, described by one row beside its code: what `list` prints, what
// validation knows, and how it is made. Adding one touches its own file and the list in
// strategies/whole_strategies.cc. What is composed of stages needs no such row (stage.h).
// Plain values; no thread rule.
#pragma once

#include <memory>

#include "strategies/api/strategy.h"

namespace ckptbench {

// The parameters were checked against the row's. Errors: the directory is leased by another writer,
// or cannot be used.
using MakeStrategy = Result<std::unique_ptr<Strategy>> (*)(const StrategyContext&, const Params&);

struct StrategyRow {
  StrategyInfo info;
  MakeStrategy make = nullptr;
};

}  // namespace ckptbench
