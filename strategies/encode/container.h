// Chunks that went through a chain of codecs, or that are left out because an older checkpoint
// holds the same, in one appended file per rank (docs/format.md, "Encoded container"). Threads: as
// checkpoint_writer.h.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/platform/buffers.h"
#include "harness/platform/device.h"
#include "harness/platform/thread_team.h"
#include "strategies/encode/append_file.h"
#include "strategies/encode/checkpoint_writer.h"
#include "strategies/encode/chunk_index.h"
#include "strategies/encode/codec.h"

namespace ckptbench {

class ContainerWriter : public CheckpointWriter {
 public:
  // A chain for each thread that writes.
  using MakeChain = std::function<std::unique_ptr<ChunkEncoder>()>;

  // index: null where no older checkpoint is referred to.
  ContainerWriter(const WriterContext& context, MakeChain make_chain, const ChunkIndex* index);

  Result<Layout> plan(const std::vector<TensorView>& tensors) const override;
  Status prepare(const Captured& captured, const Layout& layout) override;
  // Fewer than what went in, by how much is not known: the file grows as it is written.
  uint64_t expected_bytes(const Layout& /*layout*/) const override { return 0; }
  Status write(const Captured& captured, const Layout& layout, WriteSet& set,
               Manifest& manifest) override;

 private:
  Status reserve(const Captured& captured, const Layout& layout);
  std::span<const std::byte> on_host(const TensorView& tensor, const LayoutChunk& chunk,
                                     uint64_t member);
  Status write_chunk(const TensorView& tensor, const LayoutChunk& chunk, uint64_t seq,
                     ManifestChunk& record, uint64_t member);

  Device& device_;
  Trace& trace_;
  ThreadTeam& team_;
  const MakeChain make_chain_;
  const ChunkIndex* const index_;
  const uint64_t chunk_bytes_;
  const std::string file_;
  AppendFile output_;
  std::vector<std::unique_ptr<ChunkEncoder>> chains_;  // one per team member
  std::vector<std::unique_ptr<CopyStream>> streams_;   // the same, where a tensor is on CUDA
  Buffers bounce_;                                     // the same
};

}  // namespace ckptbench
