// How many threads train. Process-wide, as torch keeps it.
#pragma once

namespace ckptbench {

// Threads of forward, backward and update from now on; the default is one per core. REQUIRES: at
// least 1. With 1 before the first step no second thread is ever started.
void set_training_threads(int threads);

}  // namespace ckptbench
