// What a deliberately broken strategy says of itself, beside its code: what it is, and how the
// oracle must find it out. Plain values; no thread rule.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "harness/core/verdict.h"
#include "strategies/api/strategy.h"

namespace ckptbench {

struct BrokenRow {
  std::string name;
  std::string summary;  // the flaw
  std::string source;   // a public report of the same mistake
  std::unique_ptr<Strategy> (*make)(const StrategyContext&) = nullptr;
  // It must be found under this fault, of kind none, file_op or moment, in a run that saves every
  // second step and ends on an odd one, so that an update follows every save.
  Fault fault = {};
  std::optional<DataVerdict> data = {};  // the verdict that must come out; none: the finding alone
  std::optional<Role> component = {};    // kDiverged: which
  std::optional<Finding> finding = {};   // the finding that must be among them
  bool background = true;                // as in StrategyInfo
};

template <class T>
std::unique_ptr<Strategy> new_strategy(const StrategyContext& context) {
  return std::make_unique<T>(context);
}

// The kill at the file operation whose path and occurrence these are.
inline Fault kill_at(const std::string& operation, const std::string& path, uint64_t occurrence,
                     const std::string& when) {
  return {"file_op",
          {{"operation", operation},
           {"path", path},
           {"occurrence", std::to_string(occurrence)},
           {"when", when}}};
}

// The kill at this share of the time from the first save to the end, where file operations do not
// tell what is stored.
inline Fault kill_at_share(const std::string& share) {
  return {"moment", {{"share", share}}};
}

}  // namespace ckptbench
