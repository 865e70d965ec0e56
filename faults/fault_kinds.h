// The list of fault kinds, and what is asked of a fault through its row. To add a kind: a folder
// with its row, and a line in fault_kinds.cc. Free functions over plain values; any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "faults/api/fault_kind.h"

namespace ckptbench {

class FaultKinds {
 public:
  // In the order in which a group's faults are planned and shown; the first is the kind without a
  // fault.
  explicit FaultKinds(std::vector<FaultKind> rows) : rows_(std::move(rows)) {}
  const std::vector<FaultKind>& rows() const { return rows_; }
  const FaultKind* find(std::string_view name) const;  // null: there is none

  // The row and the checked parameters. Errors name the kind or parameter, with near names.
  struct Read {
    const FaultKind* kind;
    Params params;
  };
  Result<Read> read(const Fault& fault) const;

  // All that follow throw ExitError(kUsage) for a fault that cannot be read.
  std::optional<Unmet> applies(const Fault& fault, bool opaque) const;
  JobRole armed_in(const Fault& fault) const;
  std::optional<Fault> before_recovery(const Fault& fault,
                                       const UndisturbedFacts& undisturbed) const;
  std::optional<Unmet> resolve(Fault& fault, const UndisturbedFacts& undisturbed) const;
  std::optional<Fault> nearest(const Fault& fault, const UndisturbedFacts& undisturbed,
                               const std::vector<FileOperation>& missed) const;
  std::vector<Fault> points(const Fault& fault, const UndisturbedFacts& undisturbed) const;
  std::unique_ptr<ArmedFault> arm(const Fault& fault, const ArmSite& site) const;

 private:
  Read need(const Fault& fault) const;

  std::vector<FaultKind> rows_;
};

// The shipped ones.
const FaultKinds& fault_kinds();

// In words, for tables; a fault that cannot be read is shown as its kind.
std::string describe(const Fault& fault, const FaultKinds& kinds = fault_kinds());
FaultClass fault_class_of(const Fault& fault, const FaultKinds& kinds = fault_kinds());

}  // namespace ckptbench
