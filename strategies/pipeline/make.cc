#include "strategies/pipeline/make.h"

#include <fmt/format.h>

#include "harness/platform/comm.h"
#include "strategies/capture/blocking.h"
#include "strategies/capture/staged.h"
#include "strategies/encode/container.h"
#include "strategies/encode/raw.h"
#include "strategies/pipeline/pipeline.h"
#include "strategies/place/rank0.h"
#include "strategies/store/dir_store.h"

namespace ckptbench {
namespace {

std::unique_ptr<Capture> make_capture(const Spec& spec, const PipelineOptions& options,
                                      const StrategyContext& context) {
  if (spec.capture == "blocking") return std::make_unique<BlockingCapture>();
  return std::make_unique<StagedCapture>(context.device, context.trace, options.copy_threads);
}

std::unique_ptr<Encoder> make_encoder(const Spec& spec, const PipelineOptions& options,
                                      const StrategyContext& context, ThreadTeam& team,
                                      const DedupIndex* index) {
  const uint64_t rank = context.comm.rank();
  if (spec.raw()) {
    return std::make_unique<RawEncoder>(context.device, context.trace, team, rank,
                                        options.chunk_bytes);
  }
  const ContainerOptions container{
      .rank = rank,
      .chunk_bytes = options.chunk_bytes,
      .zstd_level = spec.planes_zstd ? std::optional(options.zstd_level) : std::nullopt};
  return std::make_unique<ContainerEncoder>(context.device, context.trace, team, index, container);
}

}  // namespace

Result<std::unique_ptr<Strategy>> make_pipeline(const Spec& spec, const PipelineOptions& options,
                                                const StrategyContext& context) {
  const Status placed = check_rank0(context.comm);
  if (!placed) return placed.error();
  Result<std::unique_ptr<DirStore>> store = DirStore::open({.directory = context.directory,
                                                            .run_id = context.run_id,
                                                            .fsync = options.fsync,
                                                            .direct = options.direct});
  if (!store) return store.error();
  PipelineParts parts;
  if (spec.dedup) parts.index = std::make_unique<DedupIndex>(options.full_every);
  Result<std::unique_ptr<Directory>> directory =
      Directory::open(std::move(store).value(), parts.index.get());
  if (!directory) return directory.error();
  parts.directory = std::move(directory).value();
  parts.team = std::make_unique<ThreadTeam>(options.writers);
  parts.capture = make_capture(spec, options, context);
  parts.encoder = make_encoder(spec, options, context, *parts.team, parts.index.get());
  parts.skip_when_busy = options.skip_when_busy;
  return std::unique_ptr<Strategy>(new Pipeline(context, std::move(parts)));
}

}  // namespace ckptbench
