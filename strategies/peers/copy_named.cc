#include "strategies/peers/copy_named.h"

#include <optional>

#include "strategies/peers/blob.h"

namespace ckptbench {
namespace {

std::string shape_text(c10::IntArrayRef shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

std::optional<std::string> mismatch(const TensorView& view, const at::Tensor& tensor) {
  if (!tensor.defined()) return "'" + view.name + "' holds no tensor";
  if (tensor.scalar_type() == scalar_type(view.dtype) && tensor.sizes() == view.shape) {
    return std::nullopt;
  }
  return "'" + view.name + "' is " + c10::toString(tensor.scalar_type()) + " " +
         shape_text(tensor.sizes()) + ", expected " + c10::toString(scalar_type(view.dtype)) + " " +
         shape_text(view.shape);
}

std::string listed(const std::vector<std::string>& names) {
  constexpr size_t kShown = 5;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kShown); ++i) {
    text += (i ? ", '" : "'") + names[i] + "'";
  }
  if (names.size() > kShown) text += " and " + std::to_string(names.size() - kShown) + " more";
  return text.empty() ? "none" : text;
}

void compare_names(const std::map<std::string, at::Tensor>& loaded, const StateView& state,
                   Restored& restored) {
  for (const TensorView& view : state.tensors) {
    if (loaded.contains(view.name)) continue;
    if (view.alias_of && loaded.contains(*view.alias_of)) continue;
    restored.missing.push_back(view.name);
  }
  for (const auto& [name, tensor] : loaded) {
    if (state.find(name) == nullptr) restored.unexpected.push_back(name);
  }
}

}  // namespace

RestoreOutcome copy_named(const std::map<std::string, at::Tensor>& loaded, StateView& state,
                          bool partial, uint64_t step) {
  Restored restored;
  restored.step = step;
  compare_names(loaded, state, restored);
  if (!partial && !(restored.missing.empty() && restored.unexpected.empty())) {
    return Refused{"missing in the checkpoint: " + listed(restored.missing) +
                   "; unexpected: " + listed(restored.unexpected)};
  }
  for (const TensorView& view : state.tensors) {
    const auto found = loaded.find(view.name);
    if (found == loaded.end()) continue;
    if (const auto wrong = mismatch(view, found->second)) return Refused{*wrong};
  }
  for (const TensorView& view : state.tensors) {
    const auto found = loaded.find(view.name);
    if (found != loaded.end()) blob_of(view).copy_(found->second);
  }
  return restored;
}

}  // namespace ckptbench
