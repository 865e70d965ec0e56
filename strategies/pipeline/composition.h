// What the chosen rows of a spec amount to: one list of parameters, one claim, one strategy.
// Free functions; any thread, make_composed on the training thread.
#pragma once

#include <memory>
#include <vector>

#include "harness/core/observer.h"
#include "harness/core/params.h"
#include "strategies/api/strategy.h"
#include "strategies/pipeline/spec.h"

namespace ckptbench {

// The parameters that do not belong to one stage: those of every composition, and those of every
// one whose capture detaches.
const std::vector<ParamInfo>& common_params();
const std::vector<ParamInfo>& detached_params();

// All parameters of the composition, with the defaults that its rows want. Where two rows want
// different ones, the later row's holds.
std::vector<ParamInfo> composed_params(const Spec& spec);

// What the rows of the parameters cannot say. REQUIRES: params of a composition. Error: chunk_bytes
// is not a multiple of kStoreAlignment.
Status check_composed(const Params& params);

// What a durable checkpoint of the composition survives: what no row takes away. The one source of
// this claim, for lists as for what a save reports. REQUIRES: params of composed_params(spec).
Survives composed_survives(const Spec& spec, const Params& params);

// Whether it may decline a save while an earlier one is in flight. The one source of this, for
// lists, for the judge and for the pipeline. REQUIRES: as above.
bool composed_may_skip(const Spec& spec, const Params& params);

// Threads that write, where training keeps so many cores busy. REQUIRES: as above.
uint64_t writers_of(const Spec& spec, const Params& params, uint64_t training_threads);
// Threads of a restore, during which nothing trains. REQUIRES: as above.
uint64_t readers_of(const Params& params);

// All parameters as make_composed uses them: in place of a number of threads that is 0, the number
// that stands for it here. REQUIRES: as above.
ParamText composed_used_params(const Spec& spec, const Params& params, uint64_t training_threads);

// REQUIRES: params of composed_params(spec); spec.known outlives the strategy.
// Errors: those of check_composed; the placement cannot serve these ranks; the store cannot be
// opened.
Result<std::unique_ptr<Strategy>> make_composed(const Spec& spec, const Params& params,
                                                const StrategyContext& context);

}  // namespace ckptbench
