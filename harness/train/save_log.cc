#include "harness/train/save_log.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>
#include <string>

#include "harness/core/error.h"
#include "harness/platform/clock.h"

namespace ckptbench {
namespace {

uint32_t to_bits(Survives survives) {
  return static_cast<uint32_t>(survives.process) | static_cast<uint32_t>(survives.power) << 1 |
         static_cast<uint32_t>(survives.host) << 2 | static_cast<uint32_t>(survives.media) << 3;
}

}  // namespace

Survives survives_of(const SaveSlot& slot) {
  const uint32_t bits = slot.survives.load(std::memory_order_relaxed);
  return {.process = (bits & 1) != 0,
          .power = (bits & 2) != 0,
          .host = (bits & 4) != 0,
          .media = (bits & 8) != 0};
}

SaveLog::SaveLog(uint64_t capacity, Observer* next) : capacity_(capacity + 1), next_(next) {
  void* memory = ::mmap(nullptr, capacity_ * sizeof(SaveSlot), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory == MAP_FAILED) {
    throw ExitError(ExitCode::kEnvironment,
                    "no memory for the times of " + std::to_string(capacity_) + " saves");
  }
  slots_ = static_cast<SaveSlot*>(memory);
  for (uint64_t i = 0; i < capacity_; ++i) new (&slots_[i]) SaveSlot();
}

SaveLog::~SaveLog() {
  ::munmap(slots_, capacity_ * sizeof(SaveSlot));
}

SaveSlot& SaveLog::begin(uint64_t step) {
  const uint64_t index = size_.load(std::memory_order_relaxed);
  if (index == capacity_) {
    throw ExitError(ExitCode::kHarness,
                    "more saves than the " + std::to_string(capacity_) + " planned for");
  }
  slots_[index].step = step;
  size_.store(index + 1, std::memory_order_release);
  return slots_[index];
}

std::optional<int64_t> SaveLog::persist_ns(uint64_t index) const {
  const int64_t durable_ns = at(index).durable_ns.load(std::memory_order_relaxed);
  if (durable_ns == 0) return std::nullopt;
  return durable_ns - at(index).requested_ns;
}

std::optional<int64_t> SaveLog::persist_alone_ns(uint64_t index) const {
  const auto whole_ns = persist_ns(index);
  if (!whole_ns || index == 0) return whole_ns;
  const int64_t before_ns = at(index - 1).durable_ns.load(std::memory_order_relaxed);
  const int64_t waited_ns = std::max<int64_t>(0, before_ns - at(index).requested_ns);
  if (waited_ns >= *whole_ns) return std::nullopt;
  return *whole_ns - waited_ns;
}

SaveSlot* SaveLog::newest(uint64_t step) {
  for (uint64_t i = size(); i > 0; --i) {
    if (slots_[i - 1].step == step) return &slots_[i - 1];
  }
  return nullptr;
}

void SaveLog::acknowledged(uint64_t index, Survives survives) {
  int64_t unknown = 0;
  if (!slots_[index].durable_ns.compare_exchange_strong(unknown, now_ns())) return;
  slots_[index].survives.store(to_bits(survives), std::memory_order_relaxed);
}

void SaveLog::captured(uint64_t step) {
  if (next_ != nullptr) next_->captured(step);
}

void SaveLog::durable(uint64_t step, uint64_t seq, Survives survives) {
  if (SaveSlot* slot = newest(step)) {
    slot->durable_ns.store(now_ns(), std::memory_order_relaxed);
    slot->survives.store(to_bits(survives), std::memory_order_relaxed);
    slot->seq.store(seq, std::memory_order_release);
  }
  if (next_ != nullptr) next_->durable(step, seq, survives);
}

void SaveLog::failed(uint64_t step, const std::string& reason) {
  if (next_ != nullptr) next_->failed(step, reason);
}

void SaveLog::retired(uint64_t step, uint64_t seq) {
  if (next_ != nullptr) next_->retired(step, seq);
}

}  // namespace ckptbench
