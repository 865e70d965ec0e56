// Puts the stages of a spec together. Free function; the training thread.
#pragma once

#include <memory>

#include "strategies/api/strategy.h"
#include "strategies/pipeline/pipeline_options.h"
#include "strategies/pipeline/spec.h"

namespace ckptbench {

// Errors: more than one rank, the directory is leased by another writer or cannot be used.
Result<std::unique_ptr<Strategy>> make_pipeline(const Spec& spec, const PipelineOptions& options,
                                                const StrategyContext& context);

}  // namespace ckptbench
