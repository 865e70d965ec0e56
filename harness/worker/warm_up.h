// Pays once, before the first fork, for what every trial would pay again: libtorch's operators,
// the data set, the allocator. Leaves the process with one thread.
#pragma once

namespace ckptbench {

// Throws ExitError(kHarness) when something has started a thread: children would then be forked
// from a process with locks in unknown states.
void warm_up();

}  // namespace ckptbench
