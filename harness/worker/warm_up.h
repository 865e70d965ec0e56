// Pays once, before the first fork, for what every trial would pay again: libtorch's operators,
// the data set, the allocator. Leaves the process with one thread.
#pragma once

namespace ckptbench {

// kPython: an interpreter with torch, too. Python strategies then begin in milliseconds, but every
// fork copies more: native ones are better off without.
enum class Warm { kNative, kPython };

// Throws ExitError: kEnvironment when Python or torch cannot be loaded; kHarness when something has
// started a thread: children would then be forked from a process with locks in unknown states.
void warm_up(Warm warm);

}  // namespace ckptbench
