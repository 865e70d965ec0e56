// The report of a measured cell, from what the rig has seen: samples, losses, and the settings and
// outcomes as observed. Free functions.
#pragma once

#include "harness/core/record.h"
#include "harness/measure/measure_plan.h"
#include "harness/measure/measure_rig.h"
#include "harness/measure/window_sampler.h"

namespace ckptbench {

// Completes `record`. `saved`: of the measured windows. Adds logical_bytes and
// parameters to the rig's samples.
void fill_report(MeasureRig& rig, const WindowPlan& plan, const SavedWindows& saved,
                 Record& record);

}  // namespace ckptbench
