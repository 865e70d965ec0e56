// environment.json: what the records of one output directory share, enough to read them elsewhere
// and to run them again. Written when a run starts or is resumed, and again at its end with the
// rate of its trials. Reads files and asks programs; no thread rule.
#pragma once

#include <string>

#include "harness/core/error.h"
#include "harness/core/record.h"
#include "harness/run/run_selection.h"
#include "harness/run/worker_program.h"

namespace ckptbench {

// "build" has the digests of the programs too: two builds of a changed tree have one commit.
// Also asks the Python with torch for its version and packages where a Python strategy is among the
// names: nothing else of a run uses Python.
Environment collect_environment(const RunSelection& selection, uint64_t seed,
                                const Description& description, const CheckedNames& names,
                                const WorkerProgram& worker, const std::string& out);
// Of a run that goes on: `earlier` with one more row in "resumed", of the part that starts `now`.
// The row has its start, and what of machine, versions, variables and Python is no longer as it
// was. What a resumed run may select anew is that of `now`.
Environment resumed_environment(Environment earlier, const Environment& now);
// Where the newest part of a run has its figures: the last row of "resumed", or all fields.
nlohmann::json& newest_part(Environment& environment);
// What the run that wrote `fields` had and this one has not: another build of ckptbench or of what
// runs beside it, another source of a user's strategy. Empty: nothing.
std::string build_difference(const nlohmann::json& fields, const WorkerProgram& worker);
std::string source_difference(const nlohmann::json& fields, const CheckedNames& names);

// "commit 2f3a0de, Release": of this program.
std::string build_text();

Status write_environment(const Environment& environment, const std::string& out);
// Throws ExitError(kEnvironment) when it cannot be read.
Environment read_environment(const std::string& out);

}  // namespace ckptbench
