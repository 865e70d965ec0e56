#include "strategies/pipeline/saved_tensors.h"

#include <string_view>
#include <unordered_map>

namespace ckptbench {
namespace {

using TensorsByName = std::unordered_map<std::string_view, const TensorView*>;

// A state may have as many aliases as tensors: a search through them for each would take long.
TensorsByName by_name(const StateView& state) {
  TensorsByName tensors;
  for (const TensorView& tensor : state.tensors) tensors.emplace(tensor.name, &tensor);
  return tensors;
}

}  // namespace

std::vector<TensorView> saved_tensors(const StateView& state, Contents contents) {
  if (contents == Contents::kFull) return state.tensors;
  std::vector<TensorView> tensors;
  const TensorsByName targets = by_name(state);
  std::unordered_map<std::string_view, std::string_view> stand_ins;  // by the target's name
  for (const TensorView& tensor : state.tensors) {
    if (!is_weight(tensor.role)) continue;
    tensors.push_back(tensor);
    if (!tensor.alias_of) continue;
    const auto target = targets.find(*tensor.alias_of);
    if (target == targets.end() || is_weight(target->second->role)) continue;
    const auto [stand_in, is_first] = stand_ins.emplace(target->first, tensor.name);
    tensors.back().alias_of.reset();
    if (!is_first) tensors.back().alias_of = stand_in->second;
  }
  return tensors;
}

}  // namespace ckptbench
