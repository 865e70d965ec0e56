#include "strategies/encode/container.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/platform/trace.h"

namespace ckptbench {
namespace {

constexpr uint64_t kBlockBytes = 4ULL << 20;

uint64_t align_up(uint64_t bytes) {
  return (bytes + kStoreAlignment - 1) / kStoreAlignment * kStoreAlignment;
}

bool has_cuda(const std::vector<TensorView>& tensors) {
  return std::any_of(tensors.begin(), tensors.end(),
                     [](const TensorView& tensor) { return tensor.memory == MemoryKind::kCuda; });
}

}  // namespace

ContainerEncoder::ContainerEncoder(Device& device, Trace& trace, ThreadTeam& team,
                                   const DedupIndex* index, ContainerOptions options)
    : device_(device),
      trace_(trace),
      team_(team),
      index_(index),
      options_(options),
      file_(fmt::format("r{:04}.chunks", options.rank)),
      output_(device, trace),
      bounce_(device) {}

Result<Layout> ContainerEncoder::plan(const std::vector<TensorView>& tensors) const {
  return plan_container(tensors, options_.chunk_bytes);
}

// With deduplication mostly far less is written; the file then grows as it goes.
uint64_t ContainerEncoder::expected_bytes(const Layout& layout) const {
  return index_ ? 0 : layout.bytes;
}

Status ContainerEncoder::prepare(const Captured& captured, const Layout& layout, WriteSet& set) {
  const uint64_t block_bytes =
      std::max(kStoreAlignment, std::min(kBlockBytes, align_up(layout.bytes)));
  const Status started = output_.start(set, file_, team_.size() + 1, block_bytes);
  if (!started) return started;
  while (options_.zstd_level && codecs_.size() < team_.size()) {
    codecs_.push_back(std::make_unique<PlanesZstdEncoder>(*options_.zstd_level));
  }
  if (!has_cuda(captured.tensors)) return {};
  while (streams_.size() < team_.size()) streams_.push_back(device_.make_stream());
  for (const auto& stream : streams_) stream->wait_for_training();
  return bounce_.reserve(team_.size(), options_.chunk_bytes);
}

Status ContainerEncoder::write(const Captured& captured, const Layout& layout, WriteSet& set,
                               Manifest& manifest) {
  const Status prepared = prepare(captured, layout, set);
  if (!prepared) return prepared;
  for (const LayoutChunk& chunk : layout.chunks) {
    manifest.tensors[chunk.tensor].chunks.push_back(
        {.begin = chunk.begin, .raw_bytes = chunk.bytes, .file = "", .digest = {}});
  }
  const Status written = team_.run(layout.chunks.size(), [&](uint64_t item, uint64_t member) {
    const LayoutChunk& chunk = layout.chunks[item];
    return write_chunk(captured.tensors[chunk.tensor], chunk, manifest.seq,
                       manifest.tensors[chunk.tensor].chunks[chunk.index], member);
  });
  if (!written) return written;
  return output_.finish();
}

std::span<const std::byte> ContainerEncoder::on_host(const TensorView& tensor,
                                                     const LayoutChunk& chunk, uint64_t member) {
  const std::byte* const source = tensor.data + chunk.begin;
  if (tensor.memory != MemoryKind::kCuda) return {source, chunk.bytes};
  const std::span<std::byte> bounce = bounce_.at(member).first(chunk.bytes);
  streams_[member]->to_host(bounce.data(), source, chunk.bytes);
  streams_[member]->wait();
  return bounce;
}

Status ContainerEncoder::write_chunk(const TensorView& tensor, const LayoutChunk& chunk,
                                     uint64_t seq, ManifestChunk& record, uint64_t member) {
  std::span<const std::byte> stored;
  {
    const PhaseScope encode(trace_, Phase::kEncode);
    const std::span<const std::byte> raw = on_host(tensor, chunk, member);
    record.digest = digest_of(raw);
    const ManifestChunk* const older =
        index_ ? index_->find(tensor, chunk.begin, chunk.bytes, record.digest) : nullptr;
    if (older) {
      record = *older;
      return {};
    }
    stored = raw;
    record.encoding = kRawEncoding;
    if (options_.zstd_level) {
      const auto encoded = codecs_[member]->encode(tensor.dtype, raw);
      if (encoded) stored = *encoded;
      if (encoded) record.encoding = kPlanesZstdEncoding;
    }
  }
  const Result<uint64_t> offset = output_.append(stored);
  if (!offset) return offset.error();
  record.owner_seq = seq;
  record.file = file_;
  record.offset = offset.value();
  record.stored_bytes = stored.size();
  return {};
}

}  // namespace ckptbench
