// The recovery report: what a fresh process found when it asked the strategy for its state, and how
// training went on from there. Written by ckpt-worker (JobRole::kRecover), read by the judge.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/core/digest.h"
#include "harness/core/error.h"

namespace ckptbench {

struct StepDigests {
  uint64_t step = 0;
  ComponentDigests digests;
};

struct RecoveryReport {
  enum class Outcome { kRestored, kNothing, kRefused };
  Outcome outcome = Outcome::kNothing;
  uint64_t seq = 0;    // of the restored checkpoint
  uint64_t step = 0;   // claimed by the strategy; 0 for kNothing, which trains from init
  std::string reason;  // kRefused, or by_number: why the strategy refuses by itself
  // restore() refused, and a checkpoint that was then asked for by number was restored.
  bool by_number = false;
  // The process that was to restore the newest ended or hung (`reason`); this is of those after it,
  // which asked by number.
  bool anew = false;
  std::vector<uint64_t> asked;          // seqs; anew: written before the restore of the last one
  std::vector<std::string> tried;       // asked for by number in vain: "seq 3 (step 6): …"
  std::vector<std::string> missing;     // names in the state that the checkpoint lacks
  std::vector<std::string> unexpected;  // names in the checkpoint that the state lacks
  // kRestored: tensors in which bytes are left as they were before the restore. Not trained on.
  std::vector<std::string> unfilled;
  std::string load_error;     // why the workload cannot use the restored bytes
  ComponentDigests restored;  // of the restored bytes; of the initial state for kNothing
  std::vector<StepDigests> continuation;  // after each further update
  // The save at the end of the resumed run, which the second resume restores.
  uint64_t resaved_step = 0;
  bool resave_durable = false;
  std::string resave_error;
  int64_t restore_ns = 0;  // restore() entry to return
};

void to_json(nlohmann::json& out, const RecoveryReport& value);
void from_json(const nlohmann::json& in, RecoveryReport& value);
Result<RecoveryReport> read_recovery(const std::string& path);

}  // namespace ckptbench
