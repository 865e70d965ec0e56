// When each save was requested, returned, captured and durable: one slot per request, faulted in
// beforehand and shared with forked writers, so that noting a time neither allocates nor locks.
// Stands between the strategy and the journal's observer. Requests: the training thread; reports:
// any thread and any forked writer.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "harness/core/observer.h"

namespace ckptbench {

struct SaveSlot {
  uint64_t step = 0;
  int64_t requested_ns = 0;
  int64_t returned_ns = 0;          // of Strategy::save
  std::atomic<int64_t> durable_ns;  // the report, or the return of wait() that said so
  std::atomic<uint64_t> seq;        // of the durable checkpoint; 0 where the strategy has none
  std::atomic<uint32_t> survives;   // bits of Survives, process first
};

class SaveLog : public Observer {
 public:
  // `next` hears everything too; may be nullptr. Throws ExitError without memory.
  SaveLog(uint64_t capacity, Observer* next);
  SaveLog(const SaveLog&) = delete;
  SaveLog& operator=(const SaveLog&) = delete;
  ~SaveLog() override;

  // The slot of a save about to be requested. Throws ExitError(kHarness) when all are taken.
  SaveSlot& begin(uint64_t step);
  uint64_t size() const { return size_.load(std::memory_order_acquire); }
  const SaveSlot& at(uint64_t index) const { return slots_[index]; }
  // From request to durable; nothing where that save did not become so.
  std::optional<int64_t> persist_ns(uint64_t index) const;
  // The same without the time in which the save before it was still under way: what a save takes
  // where none waits for another. Nothing, too, where the one before became durable later.
  std::optional<int64_t> persist_alone_ns(uint64_t index) const;
  // For a save that nobody but wait() has acknowledged: the number that the strategy lists it
  // under.
  void number(uint64_t index, uint64_t seq) {
    slots_[index].seq.store(seq, std::memory_order_release);
  }

  // A save that only wait() has acknowledged is durable from now on.
  void acknowledged(uint64_t index, Survives survives);

  void captured(uint64_t step) override;
  void durable(uint64_t step, uint64_t seq, Survives survives) override;
  void failed(uint64_t step, const std::string& reason) override;
  void retired(uint64_t step, uint64_t seq) override;

 private:
  SaveSlot* newest(uint64_t step);

  SaveSlot* slots_;
  uint64_t capacity_;
  std::atomic<uint64_t> size_{0};
  Observer* next_;
};

Survives survives_of(const SaveSlot& slot);

}  // namespace ckptbench
