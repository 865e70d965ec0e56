#include "strategies/pipeline/stages.h"

namespace ckptbench {

const std::vector<StageInfo>& pipeline_stages() {
  static const std::vector<StageInfo> stages{
      {"capture", "blocking", "training waits until the checkpoint is durable"},
      {"capture", "staged", "training waits for a copy in host memory; a thread does the rest"},
      {"encode", "raw", "the bytes as they are, as one safetensors file per rank"},
      {"encode", "planes+zstd", "bytes of equal significance together, then zstd"},
      {"encode", "dedup", "unchanged chunks refer to an older checkpoint"},
      {"place", "rank0", "rank 0 writes everything"},
      {"store", "dir", "files in a directory: temporary, fsync, rename, fsync of the directory"},
  };
  return stages;
}

}  // namespace ckptbench
