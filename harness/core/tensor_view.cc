#include "harness/core/tensor_view.h"

#include <algorithm>
#include <array>

namespace ckptbench {
namespace {

struct DTypeRow {
  std::string_view name;
  uint64_t bytes;
};
constexpr std::array<DTypeRow, 10> kDTypes{{{"F64", 8},
                                            {"F32", 4},
                                            {"F16", 2},
                                            {"BF16", 2},
                                            {"I64", 8},
                                            {"I32", 4},
                                            {"I16", 2},
                                            {"I8", 1},
                                            {"U8", 1},
                                            {"BOOL", 1}}};

constexpr std::array<std::string_view, kRoleCount> kTensorRoles{
    "parameter",      "buffer",        "master_weight", "moment1",  "moment2",
    "optimizer_step", "learning_rate", "loss_scaler",   "gradient", "rng",
    "loader",         "policy",        "counter"};

}  // namespace

uint64_t StateView::logical_bytes() const {
  uint64_t total = 0;
  for (const TensorView& tensor : tensors) total += tensor.alias_of ? 0 : tensor.bytes;
  return total;
}

const TensorView* StateView::find(std::string_view name) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const TensorView& tensor) { return tensor.name == name; });
  return found == tensors.end() ? nullptr : &*found;
}

uint64_t dtype_bytes(DType dtype) {
  return kDTypes.at(static_cast<size_t>(dtype)).bytes;
}
std::string_view dtype_name(DType dtype) {
  return kDTypes.at(static_cast<size_t>(dtype)).name;
}

std::optional<DType> parse_dtype(std::string_view name) {
  for (size_t i = 0; i < kDTypes.size(); ++i) {
    if (kDTypes[i].name == name) return static_cast<DType>(i);
  }
  return std::nullopt;
}

std::string_view role_name(Role role) {
  return kTensorRoles.at(static_cast<size_t>(role));
}

std::optional<Role> parse_role(std::string_view name) {
  for (size_t i = 0; i < kTensorRoles.size(); ++i) {
    if (kTensorRoles[i] == name) return static_cast<Role>(i);
  }
  return std::nullopt;
}

bool is_weight(Role role) {
  return role == Role::kParameter || role == Role::kBuffer;
}

}  // namespace ckptbench
