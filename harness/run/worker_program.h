// The ckpt-worker executable and the preload library beside it, and the questions that are answered
// at once. Plain values; any thread.
#pragma once

#include <string>
#include <vector>

#include "harness/core/cell.h"
#include "harness/core/known_failure.h"
#include "harness/run/description.h"

namespace ckptbench {

// Thrown where a wait ends because of an interrupt (SIGINT, SIGTERM). Caught once, by the
// supervisor, after everything on the way up has removed its processes and files.
struct Interrupted {};

struct WorkerProgram {
  std::string executable;
  std::string preload;    // libckptfault.so
  int interrupt_fd = -1;  // ends every wait for it (harness/platform/interrupt.h)
  // Sources of users' Python files that are absent here (stored_sources.h); empty: none.
  std::string stored_sources = {};
};

// `given`: a path, or empty for the one beside this executable. Throws ExitError(kEnvironment) when
// there is none.
WorkerProgram find_worker(const std::string& given, int interrupt_fd);
// The one for cells with device = "cuda": ckpt-worker-cuda beside it.
WorkerProgram cuda_worker(const WorkerProgram& worker);

// Environment of every worker.
std::vector<std::string> worker_environment(const WorkerProgram& worker);
// That, and what one that may be faulted needs.
std::vector<std::string> preload_environment(const WorkerProgram& worker);
// That, and what makes bytes in use exact: without malloc's caches of threads, which count as used.
std::vector<std::string> trial_environment(const WorkerProgram& worker);

// Throws ExitError(kEnvironment) when a cell needs what is not there: a GPU, the Python bridge.
void check_environment(const WorkerProgram& worker, const Description& description,
                       const std::vector<Cell>& cells);

// Throw ExitError: kEnvironment when it cannot be run, kUsage for an unknown name.
Description describe_worker(const WorkerProgram& worker);
// The strategies of the cells, by selection_text, after every name and parameter was found good.
struct CheckedNames {
  std::vector<std::pair<std::string, NamedInfo>> strategies;
  std::string stored_sources = {};  // of the worker that was asked
  const NamedInfo& strategy(const Selection& selection) const;
};
CheckedNames check_names(const WorkerProgram& worker, const std::vector<Cell>& cells);
// Throws ExitError(kUsage) where an entry names a strategy that is nowhere: it could never be met.
void check_known_names(const WorkerProgram& worker, const std::vector<KnownFailure>& known);

}  // namespace ckptbench
