// A kill at a moment: a share of the time that an undisturbed run takes from its first requested
// save to its end.
//
// The kill is the work of a thread of the job's own, started at the first save: it sleeps, writes
// its line of evidence, and kills the job. A timer of the kernel would kill on time even under
// load, but it cannot write: its line would have to stand there from the start, and every death by
// SIGKILL after that, by the kernel's out-of-memory killer or by another process, would pass for
// the fault's. A thread is late by what the scheduler makes it wait, which the moment, drawn at
// random, does not mind; the line says the true time. Should the line fail to be written, nothing
// is killed.
#pragma once

#include "faults/api/fault_kind.h"

namespace ckptbench {

FaultKind moment_kind();

}  // namespace ckptbench
