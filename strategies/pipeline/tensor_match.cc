#include "strategies/pipeline/tensor_match.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace ckptbench {
namespace {

constexpr size_t kShownNames = 12;

using ByName = std::unordered_map<std::string_view, const ManifestTensor*>;
// A search through the tensors for each alias would take hours for a hostile manifest.
using ByNameAndRank = std::map<std::pair<std::string_view, uint64_t>, const ManifestTensor*>;

std::string describe(DType dtype, const std::vector<int64_t>& shape) {
  return fmt::format("{} [{}]", dtype_name(dtype), fmt::join(shape, ", "));
}

// The aliases of a tensor of the state that the checkpoint lacks: the first that it holds stands
// for the tensor, whose bytes it fills.
class StandIns {
 public:
  StandIns(const ByName& stored, const StateView& state) {
    for (const TensorView& to : state.tensors) {
      const bool stands = to.alias_of && !stored.contains(*to.alias_of) && stored.contains(to.name);
      if (stands) first_.emplace(*to.alias_of, to.name);
    }
  }
  bool stands_in(const TensorView& to) const { return to.alias_of && of(*to.alias_of) == to.name; }
  // Whether another name brings these bytes too.
  bool fills(std::string_view name) const { return first_.contains(name); }
  // The name in the checkpoint that holds the bytes of the state's `target`.
  std::string_view of(std::string_view target) const {
    const auto found = first_.find(target);
    return found == first_.end() ? target : found->second;
  }

 private:
  std::map<std::string_view, std::string_view> first_;  // by the target's name
};

// Nothing, or why the checkpoint's tensor cannot fill the state's.
std::string conflict(const ManifestTensor& from, const TensorView& to, const StandIns& stand_ins) {
  if (from.dtype != to.dtype || from.shape != to.shape) {
    return fmt::format("{}: {} in the checkpoint, {} in the state", to.name,
                       describe(from.dtype, from.shape), describe(to.dtype, to.shape));
  }
  if (from.bytes != to.bytes || from.pieces != to.pieces) {
    return fmt::format("{}: cut into other pieces in the checkpoint than in the state", to.name);
  }
  if (!to.alias_of) return {};
  const bool agree =
      stand_ins.stands_in(to) ? !from.alias_of : from.alias_of == stand_ins.of(*to.alias_of);
  if (!agree) {
    return fmt::format("{}: {} in the checkpoint, shares the bytes of {} in the state", to.name,
                       from.alias_of ? "shares those of " + *from.alias_of : "stored by itself",
                       *to.alias_of);
  }
  return {};
}

// The tensor that holds the bytes: an alias has none of its own. nullptr: there is none, or it is
// not one that could fill the same memory.
const ManifestTensor* resolve(const ByNameAndRank& tensors, const ManifestTensor& tensor) {
  if (!tensor.alias_of) return &tensor;
  const auto found = tensors.find({*tensor.alias_of, tensor.rank});
  if (found == tensors.end()) return nullptr;
  const ManifestTensor& target = *found->second;
  const bool same = !target.alias_of && target.dtype == tensor.dtype &&
                    target.shape == tensor.shape && target.bytes == tensor.bytes &&
                    target.pieces == tensor.pieces;
  return same ? &target : nullptr;
}

}  // namespace

std::string join_some(const std::vector<std::string>& names) {
  if (names.size() <= kShownNames) return fmt::format("{}", fmt::join(names, ", "));
  return fmt::format("{} and {} more", fmt::join(names.begin(), names.begin() + kShownNames, ", "),
                     names.size() - kShownNames);
}

StateMatch match(const Manifest& manifest, const StateView& state) {
  ByName stored;
  ByNameAndRank ranked;
  for (const ManifestTensor& tensor : manifest.tensors) {
    stored.emplace(tensor.name, &tensor);
    ranked.emplace(std::pair(std::string_view(tensor.name), tensor.rank), &tensor);
  }
  const StandIns stand_ins(stored, state);
  StateMatch result;
  std::set<std::string_view> wanted;
  for (const TensorView& to : state.tensors) {
    wanted.insert(to.name);
    const auto found = stored.find(to.name);
    if (found == stored.end()) {
      if (!stand_ins.fills(to.name)) result.missing.push_back(to.name);
      continue;
    }
    const ManifestTensor* const from = resolve(ranked, *found->second);
    std::string problem = conflict(*found->second, to, stand_ins);
    if (problem.empty() && !from) {
      problem = fmt::format("{}: no stored tensor of this type and size holds its bytes", to.name);
    }
    if (!problem.empty()) {
      result.conflicts.push_back(std::move(problem));
    } else if (!to.alias_of || stand_ins.stands_in(to)) {
      result.fills.push_back({from, &to});
    }
  }
  for (const ManifestTensor& tensor : manifest.tensors) {
    if (!wanted.contains(tensor.name)) result.unexpected.push_back(tensor.name);
  }
  return result;
}

}  // namespace ckptbench
