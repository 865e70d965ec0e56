#include "faults/file_op/nearest_point.h"

#include <algorithm>

namespace ckptbench {
namespace {

uint64_t matches_in(const std::vector<FileOperation>& operations, const FileRule& rule) {
  return static_cast<uint64_t>(
      std::count_if(operations.begin(), operations.end(),
                    [&](const FileOperation& other) { return rule_matches(rule, other); }));
}

// The greatest occurrence that the rule could name there; 0: none.
uint64_t last_occurrence(const std::vector<FileOperation>& operations, const FileRule& rule) {
  if (!rule.on_its_path) return matches_in(operations, rule);
  uint64_t last = 0;
  for (const FileOperation& operation : operations) {
    if (rule_matches(rule, operation)) last = std::max(last, operation.occurrence);
  }
  return last;
}

// The number of the point among what `kind` matches; a point that is not there lies at the end.
uint64_t number_of(const FileRule& point, const FileRule& kind,
                   const std::vector<FileOperation>& operations) {
  uint64_t number = 0;
  uint64_t matches = 0;
  for (const FileOperation& operation : operations) {
    number += rule_matches(kind, operation);
    if (!rule_matches(point, operation)) continue;
    const uint64_t occurrence = point.on_its_path ? operation.occurrence : ++matches;
    if (occurrence == point.occurrence) return number;
  }
  return number;
}

}  // namespace

std::optional<FileRule> nearest_point(const FileRule& wanted, const std::string& among,
                                      const std::vector<FileOperation>& undisturbed,
                                      const std::vector<FileOperation>& missed) {
  FileRule nearest = wanted;
  nearest.occurrence = std::min(wanted.occurrence, last_occurrence(missed, wanted));
  if (nearest.occurrence > 0) return nearest;
  nearest.path = among;
  nearest.on_its_path = false;
  nearest.occurrence =
      std::min(number_of(wanted, nearest, undisturbed), matches_in(missed, nearest));
  if (nearest.occurrence == 0) return std::nullopt;
  return nearest;
}

}  // namespace ckptbench
