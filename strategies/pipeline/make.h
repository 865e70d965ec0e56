// Puts the stages of a spec together. Free function; the training thread.
#pragma once

#include <memory>

#include "strategies/pipeline/params.h"
#include "strategies/spec.h"
#include "strategies/strategy.h"

namespace ckptbench {

// Errors: more than one rank, the directory is leased by another writer or cannot be used.
Result<std::unique_ptr<Strategy>> make_pipeline(const Spec& spec, const PipelineOptions& options,
                                                const StrategyContext& context);

}  // namespace ckptbench
