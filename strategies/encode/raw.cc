#include "strategies/encode/raw.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "harness/platform/trace.h"
#include "strategies/encode/copy_digest.h"

namespace ckptbench {

// One block of the file while it is filled.
struct RawEncoder::Block {
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

namespace {

bool has_cuda(const std::vector<TensorView>& tensors) {
  return std::any_of(tensors.begin(), tensors.end(),
                     [](const TensorView& tensor) { return tensor.memory == MemoryKind::kCuda; });
}

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

}  // namespace

RawEncoder::RawEncoder(Device& device, Trace& trace, ThreadTeam& team, uint64_t rank,
                       uint64_t block_bytes)
    : device_(device),
      trace_(trace),
      team_(team),
      file_(fmt::format("r{:04}.safetensors", rank)),
      block_bytes_(block_bytes),
      buffers_(device) {}

Result<Layout> RawEncoder::plan(const std::vector<TensorView>& tensors) const {
  return plan_raw(tensors, block_bytes_);
}

Status RawEncoder::prepare(const Captured& captured, const Layout& layout) {
  if (captured.image) return {};
  const uint64_t blocks = layout.block_chunks.size() - 1;
  const Status reserved =
      buffers_.reserve(std::min(team_.size(), blocks), std::min(block_bytes_, layout.bytes));
  if (!reserved || !has_cuda(captured.tensors)) return reserved;
  while (streams_.size() < team_.size()) streams_.push_back(device_.make_stream());
  for (const auto& stream : streams_) stream->wait_for_training();
  return {};
}

Status RawEncoder::write(const Captured& captured, const Layout& layout, WriteSet& set,
                         Manifest& manifest) {
  const Status prepared = prepare(captured, layout);
  if (!prepared) return prepared;
  describe_chunks(layout, file_, manifest);
  const uint64_t blocks = layout.block_chunks.size() - 1;
  return team_.run(blocks, [&](uint64_t index, uint64_t member) {
    return write_block(index, member, captured, layout, set, manifest);
  });
}

Status RawEncoder::write_block(uint64_t index, uint64_t member, const Captured& captured,
                               const Layout& layout, WriteSet& set, Manifest& manifest) {
  const uint64_t begin = index * block_bytes_;
  const uint64_t bytes = std::min(block_bytes_, layout.bytes - begin);
  const size_t first = layout.block_chunks[index];
  const size_t count = layout.block_chunks[index + 1] - first;
  std::byte* const memory = captured.image ? captured.image + begin : buffers_.at(member).data();
  const Block block{.captured = captured,
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
void RawEncoder::fill_from_image(const Block& block) {
  for (const LayoutChunk& chunk : block.chunks) {
    block.digest_slot(chunk) = digest_of(block.place_of(chunk));
  }
}

void RawEncoder::fill_buffer(const Block& block, uint64_t member) {
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

}  // namespace ckptbench
