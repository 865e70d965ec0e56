// One measured cell: a process that watches what a save does with its files, paired windows in a
// process of its own, then two processes of cold and two of
// warm restores, several in each; all samples in one Record. Nothing else may run on the machine
// meanwhile.
#pragma once

#include "harness/core/record.h"
#include "harness/run/job_runner.h"

namespace ckptbench {

// `runner` starts workers anew, without the preload library, `watcher` with it. `folder` is the
// cell's own, on the disk to be measured; removed unless the cell failed. Throws Interrupted and
// ExitError. A strategy that claims to survive nothing (`null`) has nothing to restore.
Record run_measured_cell(const Cell& cell, const std::string& folder, const NamedInfo& strategy,
                         JobRunner& runner, JobRunner& watcher);

}  // namespace ckptbench
