#include <fmt/format.h>

#include "harness/judge/judge.h"
#include "harness/judge/reference_match.h"

namespace ckptbench {
namespace {

Result<Reference> steps_of(const JournalContents& journal) {
  Reference reference;
  for (const JournalEntry& entry : journal.entries) {
    if (entry.event != Event::kStep) continue;
    if (entry.step != reference.steps.size()) {
      return Error{fmt::format("reference run: expected step {}, found step {}",
                               reference.steps.size(), entry.step)};
    }
    if (entry.digests.empty()) {
      return Error{fmt::format("reference run: step {} carries no digests", entry.step)};
    }
    reference.steps.push_back({entry.step, entry.digests});
    reference.step_ns.push_back(static_cast<double>(entry.t_ns));
  }
  if (reference.steps.empty()) return Error{"reference run: no steps"};
  return reference;
}

}  // namespace

Result<Reference> make_reference(const JournalContents& first, const JournalContents& second) {
  auto reference = steps_of(first);
  if (!reference) return reference;
  const auto other = steps_of(second);
  if (!other) return other;
  const auto& steps = reference.value().steps;
  const auto& others = other.value().steps;
  if (steps.size() != others.size()) {
    return Error{fmt::format("two reference runs differ: one ends at step {}, the other at step {}",
                             steps.size() - 1, others.size() - 1)};
  }
  for (size_t i = 0; i < steps.size(); ++i) {
    if (const auto role = first_difference(steps[i].digests, others[i].digests)) {
      return Error{fmt::format("two reference runs differ: at step {} in {}", i, role_name(*role))};
    }
  }
  return reference;
}

}  // namespace ckptbench
