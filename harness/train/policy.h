// When to save, and which checkpoints to keep: decisions without I/O, apart from every strategy.
// Owned by the training loop, which feeds it one StepPoint per finished step. Plain values and pure
// functions; any thread.
//
// What a resume must know lies in PolicyMemory, which the loop keeps as named tensors of the
// training state. It changes only with the training itself, never with the clock, a file or a
// signal: otherwise a saved run would differ from its reference.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "harness/core/cell.h"
#include "harness/core/error.h"
#include "strategies/api/strategy.h"

namespace ckptbench {

struct PolicyMemory {
  double best = 0;     // best value of the monitored quantity; ±infinity before the first
  int64_t epochs = 0;  // finished since the first step of the first run
};

// A fresh memory: no best value yet in the policy's direction.
PolicyMemory initial_memory(const Policy& policy);

// What the loop knows when a step has finished.
struct StepPoint {
  uint64_t step = 0;
  bool epoch_ended = false;
  int64_t now_ns = 0;
  int64_t last_save_ns = 0;  // when the last save was requested, or the process began
  bool by_hand = false;      // the manual file was there
  bool terminate = false;    // SIGTERM has arrived
  double loss = 0;
  std::optional<double> accuracy;  // present where needs_accuracy() said so
};

enum class SaveReason { kNone, kTerminate, kManual, kImproved, kSteps, kEpochs, kTime };

struct Decision {
  SaveReason reason = SaveReason::kNone;
  bool stop = false;             // end training once this save is decided
  std::optional<double> metric;  // of the monitored quantity here, where it was measured
  PolicyMemory memory;           // as it is from here on
  bool save() const { return reason != SaveReason::kNone; }
};

// A combination that has no meaning: an unknown monitor, best_only without a monitor, best_only
// together with every_s (when a run is measured would then depend on the clock).
Status check_policy(const Policy& policy);

// True where decide() wants `accuracy`, which costs an evaluation.
bool needs_accuracy(const Policy& policy, const PolicyMemory& memory, const StepPoint& point);

// REQUIRES: check_policy succeeded.
Decision decide(const Policy& policy, const PolicyMemory& memory, const StepPoint& point);

// Sequence numbers to keep, ascending: the newest, the last K, the best K, and every M-th (by its
// sequence number, so that a resume goes on counting). Empty: keep everything, because no rule is
// on or because the strategy numbers nothing.
std::vector<uint64_t> choose_retained(const Policy& policy,
                                      std::span<const CheckpointInfo> checkpoints);

}  // namespace ckptbench
