#include "harness/train/journal_observer.h"

#include <unistd.h>

#include <cstdio>

namespace ckptbench {

std::string_view contents_name(Contents contents) {
  return contents == Contents::kFull ? "full" : "weights";
}

void JournalObserver::append(JournalEntry entry) {
  try {
    journal_.append(std::move(entry));
  } catch (const ExitError& error) {
    std::fprintf(stderr, "ckpt-worker: %s\n", error.what());
    ::_exit(static_cast<int>(error.code()));
  }
}

void JournalObserver::captured(uint64_t step) {
  append({.event = Event::kCaptured, .step = step});
}

void JournalObserver::durable(uint64_t step, uint64_t seq, Survives survives) {
  append({.event = Event::kDurable,
          .step = step,
          .seq = seq,
          .survives = to_text(survives),
          .contents = std::string(contents_name(contents_)),
          .by = "observer"});
}

void JournalObserver::failed(uint64_t step, const std::string& reason) {
  append({.event = Event::kFailed, .step = step, .detail = reason, .by = "observer"});
}

void JournalObserver::retired(uint64_t step, uint64_t seq) {
  append({.event = Event::kRetired, .step = step, .seq = seq});
}

}  // namespace ckptbench
