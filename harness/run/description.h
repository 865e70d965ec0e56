// What ckpt-worker knows: workloads, strategies, stages. The parent has no list of its own; it asks
// (docs/protocol.md: describe, check). Plain values; no thread rule.
#pragma once

#include <string>
#include <vector>

#include "harness/core/cell.h"
#include "harness/core/error.h"
#include "harness/core/json_text.h"
#include "harness/core/params.h"

namespace ckptbench {

struct NamedInfo {
  std::string name;
  std::string summary;
  std::string source;     // strategies: paper or library it follows
  std::string survives;   // strategies: its claim, "process,power"
  std::string group;      // strategies: native | peer | broken; stages: their kind
  bool opaque = false;    // strategies: no phases of ours inside
  bool may_skip = false;  // strategies: may decline a save while an earlier one is in flight
  bool retains = true;    // strategies: it deletes what retain() lets go, and nothing else
  std::vector<ParamInfo> params;
};

struct Description {
  std::vector<NamedInfo> workloads;
  std::vector<NamedInfo> strategies;
  std::vector<NamedInfo> stages;
  bool cuda = false;
  bool python = false;  // python: strategies can run
  nlohmann::json versions = nlohmann::json::object();
};

// Error: not what docs/protocol.md says, with the key.
Result<Description> parse_description(const std::string& text);
// One answer of `check`. Error: the worker's own words.
Result<NamedInfo> parse_answer(const nlohmann::json& answer);
// Wrong on purpose: a run does not fail for its verdicts, which harness/run/proof.h judges.
bool is_broken(const NamedInfo& strategy);

}  // namespace ckptbench
