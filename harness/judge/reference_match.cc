#include "harness/judge/reference_match.h"

#include <tuple>

namespace ckptbench {
namespace {

const Digest* find(const ComponentDigests& digests, Role role) {
  const auto found = digests.find(role);
  return found == digests.end() ? nullptr : &found->second;
}

}  // namespace

std::optional<Role> first_difference(const ComponentDigests& a, const ComponentDigests& b) {
  for (int i = 0; i < kRoleCount; ++i) {
    const Role role = static_cast<Role>(i);
    const Digest* left = find(a, role);
    const Digest* right = find(b, role);
    if ((left == nullptr) != (right == nullptr)) return role;
    if (left != nullptr && *left != *right) return role;
  }
  return std::nullopt;
}

Match match_state(const Reference& reference, const ComponentDigests& state,
                  const std::set<uint64_t>& candidates, uint64_t claimed) {
  // Rank of a candidate: how late it departs, then whether it is the claimed one, then its age.
  std::optional<std::tuple<int, bool, uint64_t>> best;
  for (uint64_t step : candidates) {
    const auto differs = first_difference(state, reference.steps.at(step).digests);
    if (differs == Role::kParameter) continue;
    const int depth = differs ? static_cast<int>(*differs) : kRoleCount;
    const std::tuple<int, bool, uint64_t> rank{depth, step == claimed, step};
    if (!best || rank > *best) best = rank;
  }
  if (best && std::get<0>(*best) == kRoleCount) {
    return {Match::Kind::kEqual, std::get<2>(*best), std::nullopt};
  }
  for (const StepDigests& step : reference.steps) {
    if (!first_difference(state, step.digests)) {
      return {Match::Kind::kUnrequested, step.step, std::nullopt};
    }
  }
  if (!best) return {Match::Kind::kNone, claimed, Role::kParameter};
  return {Match::Kind::kParameters, std::get<2>(*best), static_cast<Role>(std::get<0>(*best))};
}

}  // namespace ckptbench
