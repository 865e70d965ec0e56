#include "fuzz/guarded_state.h"

#include <algorithm>

#include "fuzz/fuzz_target.h"

namespace ckptbench {
namespace {

constexpr size_t kGuardBytes = 64;
constexpr std::byte kGuard{0xa5};

}  // namespace

void GuardedState::add(TensorView tensor) {
  const TensorView* const target = tensor.alias_of ? view_.find(*tensor.alias_of) : nullptr;
  if (target != nullptr && target->bytes == tensor.bytes) {
    tensor.data = target->data;
  } else {
    tensor.alias_of.reset();
    storage_.emplace_back(tensor.bytes + 2 * kGuardBytes, kGuard);
    tensor.data = storage_.back().data() + kGuardBytes;
  }
  view_.tensors.push_back(std::move(tensor));
}

std::unique_ptr<GuardedState> GuardedState::like(const Manifest& manifest, uint64_t max_bytes) {
  auto state = std::make_unique<GuardedState>();
  uint64_t total = 0;
  for (const ManifestTensor& from : manifest.tensors) {
    if (from.bytes > max_bytes - total || state->view_.find(from.name) != nullptr) continue;
    total += from.bytes;
    TensorView tensor;
    tensor.name = from.name;
    tensor.role = from.role;
    tensor.dtype = from.dtype;
    tensor.shape = from.shape;
    tensor.bytes = from.bytes;
    tensor.pieces = from.pieces;
    tensor.alias_of = from.alias_of;
    state->add(std::move(tensor));
  }
  return state;
}

void GuardedState::fill(std::byte value) {
  for (std::vector<std::byte>& bytes : storage_) {
    std::fill(bytes.begin() + kGuardBytes, bytes.end() - kGuardBytes, value);
  }
}

void GuardedState::fill_from(uint64_t seed) {
  Prng random(seed);
  for (const TensorView& tensor : view_.tensors) {
    if (tensor.alias_of) continue;
    for (uint64_t i = 0; i < tensor.bytes; ++i) {
      tensor.data[i] = static_cast<std::byte>(random.next() & 1U);
    }
  }
}

std::vector<std::byte> GuardedState::content() const {
  std::vector<std::byte> all;
  for (const std::vector<std::byte>& bytes : storage_) {
    all.insert(all.end(), bytes.begin() + kGuardBytes, bytes.end() - kGuardBytes);
  }
  return all;
}

void GuardedState::check_guards() const {
  const auto intact = [](auto begin, auto end) {
    return std::all_of(begin, end, [](std::byte byte) { return byte == kGuard; });
  };
  for (const std::vector<std::byte>& bytes : storage_) {
    must_hold(intact(bytes.begin(), bytes.begin() + kGuardBytes), "written before a tensor");
    must_hold(intact(bytes.end() - kGuardBytes, bytes.end()), "written behind a tensor");
  }
}

}  // namespace ckptbench
