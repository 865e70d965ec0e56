#include "strategies/testing/event_tape.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <stdexcept>

namespace ckptbench {
namespace {

constexpr uint64_t kMaxEvents = 4096;

}  // namespace

struct EventTape::Shared {
  struct Entry {
    std::atomic<bool> ready;
    TapeEvent event;
  };
  std::atomic<uint64_t> begun;
  std::array<char, 4096> text;
  std::array<Entry, kMaxEvents> entries;

  // Mapped anew: all zeros, which is an empty tape.
  static Shared* map() {
    void* const memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("mmap of an event tape failed");
    return static_cast<Shared*>(memory);
  }
};

EventTape::EventTape() : shared_(Shared::map()) {}

EventTape::~EventTape() {
  ::munmap(shared_, sizeof(Shared));
}

void EventTape::append(const TapeEvent& event) {
  const uint64_t index = shared_->begun.fetch_add(1);
  if (index >= kMaxEvents) throw std::runtime_error("an event tape is full");
  shared_->entries[index].event = event;
  shared_->entries[index].ready.store(true, std::memory_order_release);
}

std::vector<TapeEvent> EventTape::take() {
  std::vector<TapeEvent> events;
  for (; taken_ < std::min(shared_->begun.load(), kMaxEvents); ++taken_) {
    const Shared::Entry& entry = shared_->entries[taken_];
    if (!entry.ready.load(std::memory_order_acquire)) break;
    events.push_back(entry.event);
  }
  return events;
}

void EventTape::close_holes() {
  for (uint64_t i = taken_; i < std::min(shared_->begun.load(), kMaxEvents); ++i) {
    Shared::Entry& entry = shared_->entries[i];
    if (entry.ready.load()) continue;
    entry.event = {};
    entry.ready = true;
  }
}

void EventTape::leave(const std::string& text) {
  const size_t bytes = std::min(text.size(), shared_->text.size() - 1);
  std::memcpy(shared_->text.data(), text.data(), bytes);
  shared_->text[bytes] = 0;
}

std::string EventTape::left() const {
  return shared_->text.data();
}

void EventTape::captured(uint64_t /*step*/) {}

void EventTape::durable(uint64_t step, uint64_t seq, Survives /*survives*/) {
  append({.kind = TapeEvent::Kind::kTold, .step = step, .seq = seq});
}

// wait() says the same of a save by its ticket.
void EventTape::failed(uint64_t /*step*/, const std::string& /*reason*/) {}

void EventTape::retired(uint64_t step, uint64_t seq) {
  append({.kind = TapeEvent::Kind::kRetired, .step = step, .seq = seq});
}

}  // namespace ckptbench
