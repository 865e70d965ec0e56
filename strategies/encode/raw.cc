// The bytes as they are: one safetensors file per rank, written in blocks at offsets planned
// beforehand, so that several threads checksum and write at once and hashing hides behind the disk.
// A block comes straight from the staging area where there is one, else through a reused buffer.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "harness/platform/buffers.h"
#include "harness/platform/comm.h"
#include "harness/platform/device.h"
#include "harness/platform/thread_team.h"
#include "harness/platform/trace.h"
#include "strategies/api/stage.h"
#include "strategies/capture/copy.h"
#include "strategies/encode/checkpoint_writer.h"

namespace ckptbench {
namespace {

// One block of the file while it is filled.
struct RawBlock {
  const Captured& captured;
  const Layout& layout;
  Manifest& manifest;
  std::span<std::byte> bytes;
  uint64_t begin;  // bytes into the file
  std::span<const LayoutChunk> chunks;

  std::span<std::byte> place_of(const LayoutChunk& chunk) const {
    return bytes.subspan(chunk.at - begin, chunk.bytes);
  }
  Digest& digest_slot(const LayoutChunk& chunk) const {
    return manifest.tensors[chunk.tensor].chunks[chunk.index].digest;
  }
  void copy_head() const {
    if (begin >= layout.head.size()) return;
    const uint64_t count = std::min<uint64_t>(bytes.size(), layout.head.size() - begin);
    std::memcpy(bytes.data(), layout.head.data() + begin, count);
  }
};

// All of a chunk's record but its digest is known before the first byte is read.
void describe_chunks(const Layout& layout, const std::string& file, Manifest& manifest) {
  for (const LayoutChunk& chunk : layout.chunks) {
    manifest.tensors[chunk.tensor].chunks.push_back({.begin = chunk.begin,
                                                     .raw_bytes = chunk.bytes,
                                                     .owner_seq = manifest.seq,
                                                     .file = file,
                                                     .offset = chunk.at,
                                                     .stored_bytes = chunk.bytes,
                                                     .encoding = "raw",
                                                     .digest = {}});
  }
}

uint64_t blocks_of(const Layout& layout) {
  return layout.block_chunks.size() - 1;
}

class RawWriter : public CheckpointWriter {
 public:
  explicit RawWriter(const WriterContext& context)
      : device_(context.strategy.device),
        trace_(context.strategy.trace),
        team_(context.team),
        file_(fmt::format("r{:04}.safetensors", context.strategy.comm.rank())),
        block_bytes_(context.chunk_bytes),
        buffers_(context.strategy.device) {}

  Result<Layout> plan(const std::vector<TensorView>& tensors) const override {
    return plan_raw(tensors, block_bytes_);
  }
  Status prepare(const Captured& captured, const Layout& layout) override;
  uint64_t expected_bytes(const Layout& layout) const override { return layout.bytes; }
  Status write(const Captured& captured, const Layout& layout, WriteSet& set,
               Manifest& manifest) override;

 private:
  Status reserve(const Captured& captured, const Layout& layout);
  Status write_block(uint64_t index, uint64_t member, const Captured& captured,
                     const Layout& layout, WriteSet& set, Manifest& manifest);
  void fill_from_image(const RawBlock& block);
  void fill_buffer(const RawBlock& block, uint64_t member);

  Device& device_;
  Trace& trace_;
  ThreadTeam& team_;
  const std::string file_;
  const uint64_t block_bytes_;
  Buffers buffers_;                                   // one per team member
  std::vector<std::unique_ptr<CopyStream>> streams_;  // the same; only where a tensor is on CUDA
};

Status RawWriter::prepare(const Captured& captured, const Layout& layout) {
  team_.start(blocks_of(layout));
  return reserve(captured, layout);
}

Status RawWriter::reserve(const Captured& captured, const Layout& layout) {
  if (captured.image) return {};
  const Status reserved = buffers_.reserve(std::min(team_.size(), blocks_of(layout)),
                                           std::min(block_bytes_, layout.bytes));
  if (!reserved || !captured.has_cuda()) return reserved;
  while (streams_.size() < team_.size()) streams_.push_back(device_.make_stream());
  return {};
}

Status RawWriter::write(const Captured& captured, const Layout& layout, WriteSet& set,
                        Manifest& manifest) {
  const Status reserved = reserve(captured, layout);
  if (!reserved) return reserved;
  for (const auto& stream : streams_) stream->wait_for_training();
  describe_chunks(layout, file_, manifest);
  return team_.run(blocks_of(layout), [&](uint64_t index, uint64_t member) {
    return write_block(index, member, captured, layout, set, manifest);
  });
}

Status RawWriter::write_block(uint64_t index, uint64_t member, const Captured& captured,
                              const Layout& layout, WriteSet& set, Manifest& manifest) {
  const uint64_t begin = index * block_bytes_;
  const uint64_t bytes = std::min(block_bytes_, layout.bytes - begin);
  const size_t first = layout.block_chunks[index];
  const size_t count = layout.block_chunks[index + 1] - first;
  std::byte* const memory = captured.image ? captured.image + begin : buffers_.at(member).data();
  const RawBlock block{.captured = captured,
                       .layout = layout,
                       .manifest = manifest,
                       .bytes = {memory, bytes},
                       .begin = begin,
                       .chunks = std::span(layout.chunks).subspan(first, count)};
  {
    const PhaseScope encode(trace_, Phase::kEncode);
    block.copy_head();
    if (captured.image) {
      fill_from_image(block);
    } else {
      fill_buffer(block, member);
    }
  }
  const PhaseScope write(trace_, Phase::kWrite);
  return set.write(file_, begin, block.bytes);
}

// The bytes are in place already.
void RawWriter::fill_from_image(const RawBlock& block) {
  for (const LayoutChunk& chunk : block.chunks) {
    block.digest_slot(chunk) = digest_of(block.place_of(chunk));
  }
}

void RawWriter::fill_buffer(const RawBlock& block, uint64_t member) {
  CopyStream* const stream = streams_.empty() ? nullptr : streams_[member].get();
  const auto on_cuda = [&](const LayoutChunk& chunk) {
    return block.captured.tensors[chunk.tensor].memory == MemoryKind::kCuda;
  };
  for (const LayoutChunk& chunk : block.chunks) {
    const std::byte* const source = block.captured.tensors[chunk.tensor].data + chunk.begin;
    if (on_cuda(chunk)) {
      stream->to_host(block.place_of(chunk).data(), source, chunk.bytes);
    } else {
      block.digest_slot(chunk) = copy_digest(block.place_of(chunk).data(), {source, chunk.bytes});
    }
  }
  if (!stream) return;
  stream->wait();
  for (const LayoutChunk& chunk : block.chunks) {
    if (on_cuda(chunk)) block.digest_slot(chunk) = digest_of(block.place_of(chunk));
  }
}

}  // namespace

StageRow raw_stage() {
  return {
      .name = "raw",
      .summary = "the bytes as they are, as one safetensors file per rank",
      // A chunk is one write here, where it is the unit of compression and comparison elsewhere.
      .wants = {{"chunk_bytes", "8388608"}},
      .is_default = true,
      .make = MakeWriter([](const WriterContext& context, const Params&) {
        return std::unique_ptr<CheckpointWriter>(new RawWriter(context));
      })};
}

}  // namespace ckptbench
