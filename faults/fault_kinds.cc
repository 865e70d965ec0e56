#include "faults/fault_kinds.h"

#include <algorithm>

#include "faults/file_op/file_op_kind.h"
#include "faults/moment/moment_kind.h"
#include "faults/none/none_kind.h"
#include "faults/phase/phase_kind.h"
#include "harness/core/near_names.h"

namespace ckptbench {

// The list. A row comes before those whose evidence is less definite: phases are named by the
// strategy, operations by their paths, moments by a clock.
const FaultKinds& fault_kinds() {
  static const FaultKinds kinds({none_kind(), phase_kind(), file_op_kind(), moment_kind()});
  return kinds;
}

const FaultKind* FaultKinds::find(std::string_view name) const {
  const auto found = std::find_if(rows_.begin(), rows_.end(),
                                  [&](const FaultKind& row) { return row.name == name; });
  return found == rows_.end() ? nullptr : &*found;
}

Result<FaultKinds::Read> FaultKinds::read(const Fault& fault) const {
  const FaultKind* kind = find(fault.kind);
  if (kind == nullptr) {
    std::vector<std::string> names;
    for (const FaultKind& row : rows_) names.push_back(row.name);
    return Error{unknown_name("kind of fault", fault.kind, names)};
  }
  auto params = Params::make("fault " + fault.kind, kind->params, fault.params);
  if (!params) return params.error();
  return Read{kind, std::move(params).value()};
}

FaultKinds::Read FaultKinds::need(const Fault& fault) const {
  auto found = read(fault);
  if (!found) throw ExitError(ExitCode::kUsage, found.error().message);
  return std::move(found).value();
}

std::optional<Unmet> FaultKinds::applies(const Fault& fault, bool opaque) const {
  const Read found = need(fault);
  return found.kind->applies == nullptr ? std::nullopt : found.kind->applies(found.params, opaque);
}

JobRole FaultKinds::armed_in(const Fault& fault) const {
  const Read found = need(fault);
  return found.kind->armed_in == nullptr ? JobRole::kTrain : found.kind->armed_in(found.params);
}

std::optional<Fault> FaultKinds::before_recovery(const Fault& fault,
                                                 const UndisturbedFacts& undisturbed) const {
  const Read found = need(fault);
  if (found.kind->before_recovery == nullptr) return std::nullopt;
  return found.kind->before_recovery(found.params, undisturbed);
}

std::optional<Unmet> FaultKinds::resolve(Fault& fault, const UndisturbedFacts& undisturbed) const {
  const Read found = need(fault);
  if (found.kind->resolve == nullptr) return std::nullopt;
  return found.kind->resolve(fault, found.params, undisturbed);
}

std::optional<Fault> FaultKinds::nearest(const Fault& fault, const UndisturbedFacts& undisturbed,
                                         const std::vector<FileOperation>& missed) const {
  const Read found = need(fault);
  if (found.kind->nearest == nullptr) return std::nullopt;
  return found.kind->nearest(found.params, undisturbed, missed);
}

std::vector<Fault> FaultKinds::points(const Fault& fault,
                                      const UndisturbedFacts& undisturbed) const {
  const Read found = need(fault);
  return found.kind->points == nullptr ? std::vector<Fault>{}
                                       : found.kind->points(found.params, undisturbed);
}

std::unique_ptr<ArmedFault> FaultKinds::arm(const Fault& fault, const ArmSite& site) const {
  const Read found = need(fault);
  return found.kind->arm(found.params, site);
}

std::string describe(const Fault& fault, const FaultKinds& kinds) {
  const auto found = kinds.read(fault);
  return found ? found.value().kind->describe(found.value().params) : fault.kind;
}

FaultClass fault_class_of(const Fault& fault, const FaultKinds& kinds) {
  const FaultKind* kind = kinds.find(fault.kind);
  return kind == nullptr ? FaultClass::kKill : kind->fault_class;
}

}  // namespace ckptbench
