// One Phase names the NVTX range, the metric key and the fault point: PhaseScope is all three.
// Disarmed and untraced it costs a few relaxed loads and two clock reads; it never allocates or
// locks. Owned by the worker; PhaseScope may be used from any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "harness/core/phase.h"
#include "harness/platform/job_kill.h"

namespace ckptbench {

struct PhaseTotal {
  uint64_t count = 0;
  int64_t total_ns = 0;
};

class Trace {
 public:
  Trace();
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  // Arms the kill of the job of the calling process (job_kill.h), the occurrence-th time (from 1)
  // that any of its threads, or of its forked children's, passes that edge of that phase. One line
  // of evidence goes to `log_fd` first:
  //   {"fault":"kill","kind":"phase","phase":"sync","edge":"before","occurrence":2,"pid":7}
  // Once per process, before training. REQUIRES: occurrence >= 1; log_fd stays open.
  void arm_kill(Phase phase, Edge edge, uint64_t occurrence, int log_fd);

  // Sums since the last reset; exact when no phase is running.
  std::array<PhaseTotal, kPhaseCount> totals() const;
  void reset_totals();

  void enter(Phase phase) {
    push_range(phase);
    if (armed_.load(std::memory_order_relaxed)) pass(phase, Edge::kBefore);
  }
  void leave(Phase phase, int64_t elapsed_ns) {
    if (armed_.load(std::memory_order_relaxed)) pass(phase, Edge::kAfter);
    pop_range();
    count_[index(phase)].fetch_add(1, std::memory_order_relaxed);
    total_ns_[index(phase)].fetch_add(elapsed_ns, std::memory_order_relaxed);
  }

 private:
  static size_t index(Phase phase) { return static_cast<size_t>(phase); }
  void push_range(Phase phase);
  void pop_range();
  void pass(Phase phase, Edge edge);

  // NVTX handles, registered once; null where NVTX is not built in.
  void* domain_ = nullptr;
  std::array<void*, kPhaseCount> range_names_{};

  std::atomic<bool> armed_{false};
  Phase armed_phase_ = Phase::kCapture;
  Edge armed_edge_ = Edge::kBefore;
  uint64_t armed_occurrence_ = 1;
  int log_fd_ = -1;
  std::optional<JobKill> job_;
  std::atomic<int64_t> remaining_{0};
  std::array<std::atomic<uint64_t>, kPhaseCount> count_{};
  std::array<std::atomic<int64_t>, kPhaseCount> total_ns_{};
};

class PhaseScope {
 public:
  PhaseScope(Trace& trace, Phase phase);
  ~PhaseScope();
  PhaseScope(const PhaseScope&) = delete;
  PhaseScope& operator=(const PhaseScope&) = delete;

 private:
  Trace& trace_;
  Phase phase_;
  int64_t begin_ns_;
};

}  // namespace ckptbench
