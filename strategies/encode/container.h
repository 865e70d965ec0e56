// Chunks that are compressed, or left out because an older checkpoint holds the same, in one
// appended file per rank (docs/format.md, "Encoded container"). A chunk that would not shrink is
// stored raw.
// Threads: as encoder.h.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/platform/buffers.h"
#include "harness/platform/device.h"
#include "harness/platform/thread_team.h"
#include "strategies/encode/append_file.h"
#include "strategies/encode/codec.h"
#include "strategies/encode/dedup_index.h"
#include "strategies/encode/encoder.h"

namespace ckptbench {

struct ContainerOptions {
  uint64_t rank = 0;
  uint64_t chunk_bytes = 1 << 20;
  std::optional<int> zstd_level;  // absent: chunks are stored raw
};

class ContainerEncoder : public Encoder {
 public:
  // index: null without deduplication.
  ContainerEncoder(Device& device, Trace& trace, ThreadTeam& team, const DedupIndex* index,
                   ContainerOptions options);

  Result<Layout> plan(const std::vector<TensorView>& tensors) const override;
  uint64_t expected_bytes(const Layout& layout) const override;
  Status write(const Captured& captured, const Layout& layout, WriteSet& set,
               Manifest& manifest) override;

 private:
  Status prepare(const Captured& captured, const Layout& layout, WriteSet& set);
  std::span<const std::byte> on_host(const TensorView& tensor, const LayoutChunk& chunk,
                                     uint64_t member);
  Status write_chunk(const TensorView& tensor, const LayoutChunk& chunk, uint64_t seq,
                     ManifestChunk& record, uint64_t member);

  Device& device_;
  Trace& trace_;
  ThreadTeam& team_;
  const DedupIndex* const index_;
  const ContainerOptions options_;
  const std::string file_;
  AppendFile output_;
  std::vector<std::unique_ptr<PlanesZstdEncoder>> codecs_;  // one per team member
  std::vector<std::unique_ptr<CopyStream>> streams_;        // the same, where a tensor is on CUDA
  Buffers bounce_;                                          // the same
};

}  // namespace ckptbench
