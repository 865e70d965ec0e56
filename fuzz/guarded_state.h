// A state to restore into whose every tensor lies between guard bytes: a write beside a tensor is
// seen in every build, and a byte that was never written still has the pattern.
// Owns its bytes; not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "harness/core/tensor_view.h"
#include "strategies/format/manifest.h"

namespace ckptbench {

class GuardedState {
 public:
  GuardedState() = default;
  GuardedState(const GuardedState&) = delete;
  GuardedState& operator=(const GuardedState&) = delete;

  // The tensor's description; its bytes and place are filled in.
  void add(TensorView tensor);
  // As the manifest has them, up to a sum of bytes; a name only once.
  static std::unique_ptr<GuardedState> like(const Manifest& manifest, uint64_t max_bytes);

  StateView& view() { return view_; }
  // Every byte of every tensor.
  void fill(std::byte value);
  void fill_from(uint64_t seed);
  // All bytes in order; aliases once.
  std::vector<std::byte> content() const;
  // Throws FuzzFinding when a guard byte has changed.
  void check_guards() const;

 private:
  std::vector<std::vector<std::byte>> storage_;  // guard, tensor, guard
  StateView view_;
};

}  // namespace ckptbench
