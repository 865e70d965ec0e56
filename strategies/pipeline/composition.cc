#include "strategies/pipeline/composition.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/platform/machine.h"
#include "strategies/encode/container.h"
#include "strategies/pipeline/pipeline.h"
#include "strategies/store/store.h"

namespace ckptbench {
namespace {

constexpr double kLargestChunk = 256.0 * 1024 * 1024;

void append(std::vector<ParamInfo>& params, const std::vector<ParamInfo>& more) {
  params.insert(params.end(), more.begin(), more.end());
}

Survives both(Survives a, Survives b) {
  return {.process = a.process && b.process,
          .power = a.power && b.power,
          .host = a.host && b.host,
          .media = a.media && b.media};
}

uint64_t chunk_bytes_of(const Params& params) {
  return static_cast<uint64_t>(params.integer("chunk_bytes"));
}

// The one row among the encoders that makes a Made; null: there is none.
template <class Make>
const Make* maker(const Spec& spec) {
  for (const StageRow* const row : spec.rows) {
    if (const Make* const make = std::get_if<Make>(&row->make)) return make;
  }
  return nullptr;
}

std::unique_ptr<CheckpointWriter> make_writer(const Spec& spec, const Params& params,
                                              const WriterContext& context,
                                              const ChunkIndex* index) {
  if (const MakeWriter* const make = maker<MakeWriter>(spec)) return (*make)(context, params);
  const auto make_chain = [rows = spec.rows, params] {
    return std::make_unique<ChunkEncoder>(rows, params);
  };
  return std::make_unique<ContainerWriter>(context, make_chain, index);
}

}  // namespace

const std::vector<ParamInfo>& common_params() {
  static const std::vector<ParamInfo> params{
      whole_param("chunk_bytes", "1048576", "bytes per chunk, a multiple of 4096", kStoreAlignment,
                  kLargestChunk),
      whole_param("writers", "0",
                  "threads that checksum, encode and write; 0: as many as there are cores that do "
                  "not train meanwhile, and for a restore all (1 at least, 16 at most)",
                  0, 64)};
  return params;
}

const std::vector<ParamInfo>& detached_params() {
  static const std::vector<ParamInfo> params{
      {.name = "busy",
       .type = ParamType::kChoice,
       .default_value = "wait",
       .help = "what becomes of a save while the previous one is still being written",
       .choices = {"wait", "skip"}}};
  return params;
}

std::vector<ParamInfo> composed_params(const Spec& spec) {
  std::vector<ParamInfo> params = common_params();
  if (spec.the(StageKind::kCapture).detaches) append(params, detached_params());
  for (const StageRow* const row : spec.rows) append(params, row->params);
  for (const StageRow* const row : spec.rows) {
    for (ParamInfo& param : params) {
      const auto wanted = row->wants.find(param.name);
      if (wanted != row->wants.end()) param.default_value = wanted->second;
    }
  }
  return params;
}

Status check_composed(const Params& params) {
  const uint64_t bytes = chunk_bytes_of(params);
  if (bytes % kStoreAlignment == 0) return {};
  return Error{
      fmt::format("chunk_bytes = '{}', expected a multiple of {}", bytes, kStoreAlignment)};
}

Survives composed_survives(const Spec& spec, const Params& params) {
  Survives survives{.process = true, .power = true, .host = true, .media = true};
  for (const StageRow* const row : spec.rows) {
    if (row->survives) survives = both(survives, row->survives(params));
  }
  return survives;
}

bool composed_may_skip(const Spec& spec, const Params& params) {
  return spec.the(StageKind::kCapture).detaches && params.text("busy") == "skip";
}

uint64_t writers_of(const Spec& spec, const Params& params, uint64_t training_threads) {
  const uint64_t cores = usable_cores();
  const uint64_t training =
      spec.the(StageKind::kCapture).detaches ? std::min(cores, training_threads) : 0;
  return threads_of(params, "writers", cores - training);
}

uint64_t readers_of(const Params& params) {
  return threads_of(params, "writers", usable_cores());
}

ParamText composed_used_params(const Spec& spec, const Params& params, uint64_t training_threads) {
  ParamText used = params.values();
  used["writers"] = std::to_string(writers_of(spec, params, training_threads));
  for (const StageRow* const row : spec.rows) {
    if (!row->threads) continue;
    for (const auto& [name, threads] : row->threads(params)) used[name] = threads;
  }
  return used;
}

Result<std::unique_ptr<Strategy>> make_composed(const Spec& spec, const Params& params,
                                                const StrategyContext& context) {
  if (const Status status = check_composed(params); !status) return status.error();
  const Status placed = std::get<CheckPlace>(spec.the(StageKind::kPlace).make)(context.comm);
  if (!placed) return placed.error();
  const auto open_store = std::get<MakeStore>(spec.the(StageKind::kStore).make);
  Result<std::unique_ptr<Store>> store = open_store(context, params);
  if (!store) return store.error();
  PipelineParts parts;
  if (const MakeChunkIndex* const make = maker<MakeChunkIndex>(spec)) parts.index = (*make)(params);
  Result<std::unique_ptr<Directory>> directory =
      Directory::open(std::move(store).value(), parts.index.get(),
                      context.read_only ? Directory::Access::kReader : Directory::Access::kWriter);
  if (!directory) return directory.error();
  parts.directory = std::move(directory).value();
  parts.team = std::make_unique<ThreadTeam>(writers_of(spec, params, context.training_threads));
  parts.readers = readers_of(params);
  const StageRow& capture = spec.the(StageKind::kCapture);
  parts.capture = std::get<MakeCapture>(capture.make)(context, params);
  parts.detaches = capture.detaches;
  parts.skip_when_busy = composed_may_skip(spec, params);
  const WriterContext writer{context, *parts.team, chunk_bytes_of(params)};
  parts.writer = make_writer(spec, params, writer, parts.index.get());
  parts.survives = composed_survives(spec, params);
  parts.stages = spec.known;
  return std::unique_ptr<Strategy>(new Pipeline(context, std::move(parts)));
}

}  // namespace ckptbench
