// The report of a measured cell, from what the rig has seen: samples, losses, and the settings and
// outcomes as observed. Free functions.
#pragma once

#include "harness/core/record.h"
#include "harness/measure/block_sampler.h"
#include "harness/measure/measure_plan.h"
#include "harness/measure/measure_rig.h"

namespace ckptbench {

// Completes `record`. `saved`: of the measured blocks. Adds logical_bytes and
// parameters to the rig's samples.
void fill_report(MeasureRig& rig, const BlockPlan& plan, const SavedBlocks& saved, Record& record);

}  // namespace ckptbench
