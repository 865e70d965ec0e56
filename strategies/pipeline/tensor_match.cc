#include "strategies/pipeline/tensor_match.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>
#include <string_view>
#include <unordered_map>

namespace ckptbench {
namespace {

constexpr size_t kShownNames = 12;

using ByName = std::unordered_map<std::string_view, const ManifestTensor*>;

std::string describe(DType dtype, const std::vector<int64_t>& shape) {
  return fmt::format("{} [{}]", dtype_name(dtype), fmt::join(shape, ", "));
}

bool same_pieces(const std::vector<Piece>& a, const std::vector<Piece>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].offset != b[i].offset || a[i].extent != b[i].extent ||
        a[i].local_begin != b[i].local_begin || a[i].local_bytes != b[i].local_bytes) {
      return false;
    }
  }
  return true;
}

// Nothing, or why the checkpoint's tensor cannot fill the state's.
std::string conflict(const ManifestTensor& from, const TensorView& to) {
  if (from.dtype != to.dtype || from.shape != to.shape) {
    return fmt::format("{}: {} in the checkpoint, {} in the state", to.name,
                       describe(from.dtype, from.shape), describe(to.dtype, to.shape));
  }
  if (from.bytes != to.bytes || !same_pieces(from.pieces, to.pieces)) {
    return fmt::format("{}: cut into other pieces in the checkpoint than in the state", to.name);
  }
  if (to.alias_of && from.alias_of != to.alias_of) {
    return fmt::format(
        "{}: stored by itself in the checkpoint, shares the bytes of {} in the state", to.name,
        *to.alias_of);
  }
  return {};
}

// The tensor that holds the bytes: an alias has none of its own.
const ManifestTensor* resolve(const ByName& stored, const ManifestTensor* tensor) {
  if (!tensor->alias_of) return tensor;
  const auto target = stored.find(*tensor->alias_of);
  return target == stored.end() || target->second->alias_of ? nullptr : target->second;
}

}  // namespace

std::string join_some(const std::vector<std::string>& names) {
  if (names.size() <= kShownNames) return fmt::format("{}", fmt::join(names, ", "));
  return fmt::format("{} and {} more", fmt::join(names.begin(), names.begin() + kShownNames, ", "),
                     names.size() - kShownNames);
}

StateMatch match(const Manifest& manifest, const StateView& state) {
  ByName stored;
  for (const ManifestTensor& tensor : manifest.tensors) stored.emplace(tensor.name, &tensor);
  StateMatch result;
  std::set<std::string_view> wanted;
  for (const TensorView& to : state.tensors) {
    wanted.insert(to.name);
    const auto found = stored.find(to.name);
    if (found == stored.end()) {
      result.missing.push_back(to.name);
      continue;
    }
    const ManifestTensor* const from = resolve(stored, found->second);
    std::string problem = conflict(*found->second, to);
    if (problem.empty() && !from) problem = fmt::format("{}: its bytes are not stored", to.name);
    if (!problem.empty()) {
      result.conflicts.push_back(std::move(problem));
    } else if (!to.alias_of) {
      result.fills.push_back({from, &to});
    }
  }
  for (const ManifestTensor& tensor : manifest.tensors) {
    if (!wanted.contains(tensor.name)) result.unexpected.push_back(tensor.name);
  }
  return result;
}

}  // namespace ckptbench
