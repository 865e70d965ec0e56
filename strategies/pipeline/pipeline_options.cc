#include "strategies/pipeline/pipeline_options.h"

#include <fmt/format.h>

#include "strategies/store/store.h"

namespace ckptbench {
namespace {

ParamInfo whole(std::string name, std::string value, std::string help, double minimum,
                double maximum) {
  return {.name = std::move(name),
          .type = ParamType::kInteger,
          .default_value = std::move(value),
          .help = std::move(help),
          .minimum = minimum,
          .maximum = maximum};
}

ParamInfo yes_no(std::string name, std::string help) {
  return {.name = std::move(name),
          .type = ParamType::kBool,
          .default_value = "true",
          .help = std::move(help)};
}

constexpr double kLargestChunk = 256.0 * 1024 * 1024;

}  // namespace

std::vector<ParamInfo> pipeline_params(const Spec& spec) {
  std::vector<ParamInfo> rows;
  // A raw chunk is one write; an encoded one is the unit of compression and of comparison.
  rows.push_back(whole("chunk_bytes", spec.raw() ? "8388608" : "1048576",
                       "bytes per chunk, a multiple of 4096", kStoreAlignment, kLargestChunk));
  rows.push_back(
      whole("writers", spec.raw() ? "3" : "2", "threads that checksum, encode and write", 1, 64));
  if (spec.capture == "staged") {
    rows.push_back(whole("copy_threads", "2", "threads of the staging copy", 1, 64));
    rows.push_back({.name = "busy",
                    .type = ParamType::kChoice,
                    .default_value = "wait",
                    .help = "a save while the previous one is still being written",
                    .choices = {"wait", "skip"}});
  }
  if (spec.planes_zstd) rows.push_back(whole("zstd_level", "1", "zstd level", 1, 19));
  if (spec.dedup) {
    rows.push_back(
        whole("full_every", "16", "saves from one full checkpoint to the next at most", 1, 1e6));
  }
  rows.push_back(yes_no("fsync", "false: the checkpoint survives the process only"));
  rows.push_back(yes_no("direct", "O_DIRECT where the file system allows it"));
  return rows;
}

Result<PipelineOptions> pipeline_options(const Spec& spec, const Params& params) {
  PipelineOptions options;
  options.chunk_bytes = static_cast<uint64_t>(params.integer("chunk_bytes"));
  if (options.chunk_bytes % kStoreAlignment != 0) {
    return Error{fmt::format("chunk_bytes = {}, expected a multiple of {}", options.chunk_bytes,
                             kStoreAlignment)};
  }
  options.writers = static_cast<uint64_t>(params.integer("writers"));
  options.fsync = params.boolean("fsync");
  options.direct = params.boolean("direct");
  if (spec.capture == "staged") {
    options.copy_threads = static_cast<uint64_t>(params.integer("copy_threads"));
    options.skip_when_busy = params.text("busy") == "skip";
  }
  if (spec.planes_zstd) options.zstd_level = static_cast<int>(params.integer("zstd_level"));
  if (spec.dedup) options.full_every = static_cast<uint64_t>(params.integer("full_every"));
  return options;
}

}  // namespace ckptbench
