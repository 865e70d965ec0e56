// One Phase names the NVTX range, the metric key and the fault point: PhaseScope is all three.
// Without a hook and untraced it costs a few loads and two clock reads; it never allocates or
// locks. Owned by the worker; PhaseScope may be used from any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "harness/core/phase.h"

namespace ckptbench {

struct PhaseTotal {
  uint64_t count = 0;
  int64_t total_ns = 0;
};

// What is called at every edge of every phase, on the thread that passes it: no allocation, no
// lock.
class PhaseHook {
 public:
  virtual void pass(Phase phase, Edge edge) = 0;

 protected:
  ~PhaseHook() = default;  // Trace owns none
};

class Trace {
 public:
  Trace();
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  // Null: none. REQUIRES: the hook outlives every phase that begins while it is set; it is taken
  // away when no phase is running.
  void set_hook(PhaseHook* hook) { hook_.store(hook, std::memory_order_release); }

  // Sums since the last reset; exact when no phase is running.
  std::array<PhaseTotal, kPhaseCount> totals() const;
  void reset_totals();

  void enter(Phase phase) {
    push_range(phase);
    call_hook(phase, Edge::kBefore);
  }
  void leave(Phase phase, int64_t elapsed_ns) {
    call_hook(phase, Edge::kAfter);
    pop_range();
    count_[index(phase)].fetch_add(1, std::memory_order_relaxed);
    total_ns_[index(phase)].fetch_add(elapsed_ns, std::memory_order_relaxed);
  }

 private:
  static size_t index(Phase phase) { return static_cast<size_t>(phase); }
  void push_range(Phase phase);
  void pop_range();
  void call_hook(Phase phase, Edge edge) {
    if (PhaseHook* hook = hook_.load(std::memory_order_acquire)) hook->pass(phase, edge);
  }

  // NVTX handles, registered once; null where NVTX is not built in.
  void* domain_ = nullptr;
  std::array<void*, kPhaseCount> range_names_{};

  std::atomic<PhaseHook*> hook_{nullptr};
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
