// The encodings that the fuzz targets try, made of the rows of the stages: a codec that is added is
// fuzzed without a line here. Plain functions; any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "strategies/api/stage.h"

namespace ckptbench {

using CodecChain = std::vector<const StageRow*>;

// All codecs in their order, then each alone. `rows` outlives the result.
std::vector<CodecChain> codec_chains(std::span<const StageRow> rows);

// What a hostile manifest may name: what the chains above write, each two codecs in each order and
// twice, encoders that are no codec, and words that are none.
std::vector<std::string> tried_encodings(std::span<const StageRow> rows);

}  // namespace ckptbench
