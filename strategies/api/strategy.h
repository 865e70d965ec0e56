// The contract of every checkpoint strategy: compositions of the pipeline, peers, plug-ins, and the
// ones that are broken on purpose. A strategy sees bytes, never torch.
//
// Threads: one training thread calls everything. A strategy may run threads of its own, joined by
// its destructor. It must not be used after fork except by its observer calls.
// Errors: a save error is a value (SaveOutcome); it never ends training that could go on. An
// exception from any call means that the strategy is broken; the harness reports TRAINER-KILLED.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "harness/core/cell.h"
#include "harness/core/error.h"
#include "harness/core/observer.h"
#include "harness/core/params.h"
#include "harness/core/tensor_view.h"

namespace ckptbench {

class Comm;
class Device;
class Trace;

struct SaveRequest {
  uint64_t step = 0;
  Contents contents = Contents::kFull;
  std::optional<double> metric;  // of the monitored quantity at this step
};

struct Ticket {
  uint64_t id = 0;  // unique within this strategy object, increasing
};

struct Durable {
  Survives survives;
  std::string by = "wait";  // whose word it is, as in JournalEntry::by
};
struct Skipped {
  std::string reason;
};
struct Failed {
  std::string reason;
};
struct Pending {};
using SaveOutcome = std::variant<Pending, Durable, Skipped, Failed>;

struct CheckpointInfo {
  uint64_t seq = 0;  // increases with every commit of a directory; 0 where a peer has none
  std::string run;
  uint64_t step = 0;
  Contents contents = Contents::kFull;
  std::optional<double> metric;
};

struct Want {
  std::optional<uint64_t> seq;  // absent: the newest valid one, falling back by itself
  bool partial = false;  // true: names may be missing or unexpected (reported); false: refuse then
};

struct Restored {
  uint64_t seq = 0;
  uint64_t step = 0;
  std::vector<std::string> missing;      // in the state, not in the checkpoint: left as they were
  std::vector<std::string> unexpected;   // in the checkpoint, not in the state
  std::vector<std::string> passed_over;  // newer checkpoints found invalid, and why
};
struct Nothing {};
struct Refused {
  std::string reason;
  bool newest_only = false;  // it offers no restore by number at all
};
using RestoreOutcome = std::variant<Nothing, Restored, Refused>;

// Lets a gradient log be replayed by the real optimizer.
class Replay {
 public:
  virtual ~Replay() = default;
  virtual Status apply(uint64_t step, std::span<const TensorView> gradients) = 0;
};

class Strategy {
 public:
  virtual ~Strategy() = default;

  // Before training: allocates and touches what saves of this state need (buffers, threads, the
  // layout), so that the first save costs what the later ones do. Saves must work without it, and
  // with a state of other tensors. Errors: what the saves need cannot be had.
  virtual Status prepare(const StateView& /*state*/) { return {}; }

  // Begins a save of the state as it is now. It may block; the harness measures how long. The
  // view's bytes may change as soon as it returns, except that tensors which mutate kAtUpdate stay
  // unchanged until before_update names them.
  virtual Ticket save(const StateView& state, const SaveRequest& request) = 0;

  // Right before the optimizer changes these tensors, once per bucket, in state order: the last
  // moment at which an in-flight capture may read them. Gradients exactly as consumed.
  virtual void before_update(std::span<const TensorView> /*tensors*/,
                             std::span<const TensorView> /*gradients*/) {}

  // Waits until the save is decided or the deadline has passed (Pending).
  virtual SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) = 0;

  // Newest first by seq, never by step. Only checkpoints with a commit record.
  virtual std::vector<CheckpointInfo> list() = 0;

  // Fills the state, whose layout the workload has allocated; verifies before it copies; falls back
  // to older valid checkpoints. Unless Restored, the state's content is unspecified.
  virtual RestoreOutcome restore(StateView& state, const Want& want, Replay* replay) = 0;

  // Records that these checkpoints and what they need (a delta's base, a shared chunk) must stay,
  // and returns; the rest is deleted in the background, the newest durable one only once a newer
  // one is durable. May wait when deletions lag behind saves, so that the disk does not fill. What
  // a background save has committed since the caller's last list() is not the caller's to delete
  // and stays. Errors: nothing or an unknown checkpoint to keep; or a failed deletion of an earlier
  // request that was not reported yet. A later request tries again.
  virtual Status retain(std::span<const uint64_t> seqs) = 0;

  // Waits until the background has done what retain() recorded. Errors: the first failed deletion
  // that was not reported yet. Without this call the destructor may leave deletions undone: those
  // checkpoints stay valid, and the next retain() of the directory deletes them.
  virtual Status drain() { return {}; }
};

// Everything a strategy is built with; it owns nothing of this and outlives none of it.
struct StrategyContext {
  Device& device;
  Comm& comm;
  Observer& observer;
  Trace& trace;
  std::string directory;  // exists; the strategy's own
  std::string run_id;
  uint64_t training_threads = 1;  // processor cores that training keeps busy
  bool read_only = false;         // list() and restore() only: no lease, nothing on disk changes
};

// One row of a list of strategies: what `list` prints and what validation knows.
struct StrategyInfo {
  std::string name;     // as in a spec
  std::string summary;  // one line: what it does
  std::string source;   // paper or library it follows; empty for our own
  Survives survives;    // its claim
  bool opaque = false;  // no phases of ours inside: phase faults are NOT-APPLICABLE
  bool broken = false;  // wrong on purpose: shown apart
  bool needs_torch = false;
  // False: a save is acknowledged when save() returns, and nothing touches the directory between
  // two calls. True: by the observer or wait() alone.
  bool background = true;
  // It may decline a save while an earlier one is in flight (Skipped): of two saves that nothing
  // disturbs the older one may be what comes back. REQUIRES: background.
  bool may_skip = false;
  bool retains = true;  // false: it deletes by a rule of its own, whatever retain() asks for
  std::vector<ParamInfo> params;
};

}  // namespace ckptbench
