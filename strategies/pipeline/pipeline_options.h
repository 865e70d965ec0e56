// The parameters that each stage of the pipeline brings, with their defaults, and their values for
// one strategy. Free functions over constant tables; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/core/params.h"
#include "strategies/pipeline/spec.h"

namespace ckptbench {

// The rows of all stages that the spec names.
std::vector<ParamInfo> pipeline_params(const Spec& spec);

struct PipelineOptions {
  uint64_t chunk_bytes = 0;   // multiple of kStoreAlignment
  uint64_t writers = 1;       // threads that encode and write, the saving one included
  uint64_t copy_threads = 1;  // threads of a staging copy, the training one included
  bool skip_when_busy = false;
  int zstd_level = 1;
  uint64_t full_every = 1;  // dedup: a checkpoint without references at least this often
  bool fsync = true;        // store
  bool direct = true;       // store
};

// REQUIRES: params made from pipeline_params(spec). Errors: chunk_bytes is not a multiple of
// kStoreAlignment.
Result<PipelineOptions> pipeline_options(const Spec& spec, const Params& params);

}  // namespace ckptbench
