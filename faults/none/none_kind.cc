#include "faults/none/none_kind.h"

#include "faults/api/preload_library.h"

namespace ckptbench {

FaultKind none_kind() {
  FaultKind kind;
  kind.name = "none";
  kind.summary = "nothing disturbs the run; file operations are counted where a log is given";
  kind.column = "no fault";
  kind.fault_class = FaultClass::kNone;
  kind.describe = [](const Params&) { return std::string("none"); };
  kind.arm = [](const Params&, const ArmSite& site) {
    arm_preload_library(site, "");
    return std::unique_ptr<ArmedFault>();
  };
  return kind;
}

}  // namespace ckptbench
