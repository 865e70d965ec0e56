// What a strategy reports goes into the journal, one append per event. No lock and no memory of its
// own: usable from any thread and in a forked writer. Borrows the journal.
#pragma once

#include "harness/core/cell.h"
#include "harness/core/journal.h"
#include "harness/core/observer.h"

namespace ckptbench {

class JournalObserver : public Observer {
 public:
  JournalObserver(JournalWriter& journal, Contents contents)
      : journal_(journal), contents_(contents) {}

  void captured(uint64_t step) override;
  void durable(uint64_t step, uint64_t seq, Survives survives) override;
  void failed(uint64_t step, const std::string& reason) override;
  void retired(uint64_t step, uint64_t seq) override;

 private:
  // A journal that cannot be written ends the process at once: the strategy's thread must not
  // mistake that for a failed save.
  void append(JournalEntry entry);

  JournalWriter& journal_;
  Contents contents_;
};

std::string_view contents_name(Contents contents);  // "full" | "weights"

}  // namespace ckptbench
