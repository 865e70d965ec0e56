// What a strategy sees of a training state: named, dense, row-major byte regions. No torch here.
// A TensorView borrows its bytes from the workload, which keeps them alive and at the same address
// from init() on. Views are plain values; who may touch the bytes when is the strategy contract
// (strategies/api/strategy.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ckptbench {

enum class DType : uint8_t { kF64, kF32, kF16, kBF16, kI64, kI32, kI16, kI8, kU8, kBool };

// The component of the training state that a tensor belongs to; verdicts name these.
enum class Role : uint8_t {
  kParameter,
  kBuffer,         // batch-norm statistics and the like
  kMasterWeight,   // fp32 copy of a low-precision parameter
  kMoment1,        // optimizer, first moment
  kMoment2,        // optimizer, second moment
  kOptimizerStep,  // optimizer, per-tensor step counters
  kLearningRate,   // learning rate and scheduler position
  kLossScaler,
  kGradient,  // accumulated gradients, and the flag that says whether one is present
  kRng,
  kLoader,   // data order and position
  kPolicy,   // best metric so far
  kCounter,  // global step and the like
};

enum class MemoryKind : uint8_t { kHost, kPinned, kCuda };

// When the training loop changes the bytes of a tensor.
enum class Mutates : uint8_t {
  kAtUpdate,  // only inside the optimizer update, announced by Strategy::before_update
  kAnyTime,   // also during forward and backward: a lazy capture copies these inside save()
};

// A box of the global tensor and the local bytes that hold it. One rank: one piece, all of it.
struct Piece {
  std::vector<int64_t> offset;  // elements, one per dimension of the global tensor
  std::vector<int64_t> extent;  // elements
  uint64_t local_begin = 0;     // bytes into TensorView::data
  uint64_t local_bytes = 0;

  friend bool operator==(const Piece&, const Piece&) = default;
};

struct TensorView {
  std::string name;  // unique within a StateView
  Role role = Role::kParameter;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;  // of the global tensor, elements
  MemoryKind memory = MemoryKind::kHost;
  std::byte* data = nullptr;
  uint64_t bytes = 0;  // local bytes
  Mutates mutates = Mutates::kAtUpdate;
  std::vector<Piece> pieces;            // empty: this rank holds the whole tensor
  std::optional<std::string> alias_of;  // same storage as that tensor; never stored twice
};

struct StateView {
  std::vector<TensorView> tensors;

  // Sum of bytes of all tensors that are not aliases.
  uint64_t logical_bytes() const;
  // nullptr when there is none.
  const TensorView* find(std::string_view name) const;
};

uint64_t dtype_bytes(DType dtype);
// safetensors names: "F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL".
std::string_view dtype_name(DType dtype);
std::optional<DType> parse_dtype(std::string_view name);

// Stable words used in reports, journals and manifests: "parameter", "moment1", …
std::string_view role_name(Role role);
std::optional<Role> parse_role(std::string_view name);
// True for what a weights-only checkpoint holds: parameters and buffers.
bool is_weight(Role role);
inline constexpr int kRoleCount = static_cast<int>(Role::kCounter) + 1;

}  // namespace ckptbench
