// What a fresh process found when it asked a strategy for its checkpoints one by one: the answer to
// JobRole::kRetained. Written by ckpt-worker, read by the judge. Plain values; no thread rule.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/core/digest.h"
#include "harness/core/error.h"

namespace ckptbench {

struct ListedCheckpoint {
  uint64_t seq = 0;
  uint64_t step = 0;
};

struct AskedCheckpoint {
  uint64_t seq = 0;
  uint64_t step = 0;         // that the strategy claims for it
  std::string error;         // not empty: why it cannot be restored
  ComponentDigests digests;  // of the restored bytes
};

struct RetainedReport {
  // The strategy numbers its checkpoints and offers a restore by number. False: nothing said here
  // of the others proves anything.
  bool restores_by_number = false;
  std::vector<ListedCheckpoint> listed;
  std::vector<AskedCheckpoint> asked;  // in the order of the job
};

void to_json(nlohmann::json& out, const RetainedReport& value);
void from_json(const nlohmann::json& in, RetainedReport& value);
Result<RetainedReport> read_retained(const std::string& path);

}  // namespace ckptbench
