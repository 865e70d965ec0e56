// One stage of a composed strategy, described by one row beside its code: how a spec names it, its
// parameters with their defaults, what it needs of the others, and how it is made. The pipeline
// composes rows and knows none by name. Adding a stage touches its own file and the list in
// strategies/stages.cc; docs/design.md, "Adding a stage", says which captures and places need more.
// Plain values; no thread rule.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/core/observer.h"
#include "harness/core/params.h"
#include "strategies/api/strategy.h"

namespace ckptbench {

class Capture;
class CheckpointWriter;
class ChunkIndex;
class Codec;
class Store;
class ThreadTeam;

enum class StageKind { kCapture, kEncode, kPlace, kStore };
std::string_view stage_kind_name(StageKind kind);  // "capture", "encode", "place", "store"

// What a checkpoint writer is built with. Borrowed; outlives the writer.
struct WriterContext {
  const StrategyContext& strategy;
  ThreadTeam& team;  // encodes and writes
  uint64_t chunk_bytes = 0;
};

// The parameters given to each are those of the whole strategy: its own are among them.
using MakeCapture = std::unique_ptr<Capture> (*)(const StrategyContext&, const Params&);
// decode() must not depend on the parameters: a reader makes the codec with its defaults.
using MakeCodec = std::unique_ptr<Codec> (*)(const Params&);
using MakeChunkIndex = std::unique_ptr<ChunkIndex> (*)(const Params&);
// Writes whole files by itself, so no other encoder can be chained to it.
using MakeWriter = std::unique_ptr<CheckpointWriter> (*)(const WriterContext&, const Params&);
// Errors: the placement cannot serve these ranks.
using CheckPlace = Status (*)(const Comm&);
// Errors: another writer holds the place, or it cannot be used.
using MakeStore = Result<std::unique_ptr<Store>> (*)(const StrategyContext&, const Params&);

struct StageRow {
  std::string name;     // a word of a spec; of a codec, also in the manifest's encodings
  std::string summary;  // one line
  // Names are unique within a composition.
  std::vector<ParamInfo> params = {};
  // Other defaults for parameters that every composition has (strategies/pipeline/composition.h).
  ParamText wants = {};
  bool is_default = false;     // chosen by a spec that names none of its kind
  bool detaches = false;       // capture: training goes on after the copy, a thread does the rest
  bool only_prepares = false;  // codec: makes nothing smaller, an encoder after it does
  // Its parameters that count threads, with the numbers that it uses: what a 0 stands for here.
  // Null: it has none.
  ParamText (*threads)(const Params&) = nullptr;
  // What a durable checkpoint survives as far as this stage decides; null: it limits nothing.
  Survives (*survives)(const Params&) = nullptr;
  std::variant<MakeCapture, MakeCodec, MakeChunkIndex, MakeWriter, CheckPlace, MakeStore> make;

  StageKind kind() const;
};

// Rows of parameters, shorter to write.
ParamInfo whole_param(std::string name, std::string value, std::string help, double minimum,
                      double maximum);
ParamInfo yes_no_param(std::string name, std::string value, std::string help);

// The value of a parameter that counts threads; where it is 0, `otherwise`, within [1, 16].
uint64_t threads_of(const Params& params, const std::string& name, uint64_t otherwise);

}  // namespace ckptbench
