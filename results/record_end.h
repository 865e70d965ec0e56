// How a record ends: the exit code of a run, JUnit and the head of the page follow from it. A sound
// verdict that is not allowed counts even beside an outcome such as VACUOUS. Pure functions.
#pragma once

#include <string>

#include "harness/core/record.h"

namespace ckptbench {

enum class RecordEnd {
  kFine,          // allowed: known failures, cases that do not apply and ends of sweeps included
  kNotAllowed,    // a verdict, or a measured strategy that failed or of which a save did
  kInconclusive,  // VACUOUS, ORACLE-INVALID, HARNESS-ERROR, or a cell that could not be run
};
RecordEnd record_end(const Record& record);
// A measured cell that ended with an error of the strategy's own: a restore that failed or brought
// back another state, a crash, a hang.
bool is_strategys_failure(const Record& record);
// Record::error, and what the first save that failed said: a full disk is not the strategy's. Empty
// where there is no error.
std::string error_text(const Record& record);
// Of a measured cell: "2 of 30 saves failed, the first: no space; old checkpoints were not deleted:
// no permission". Empty: neither.
std::string measured_failure_text(const Record& record);

}  // namespace ckptbench
