#include "strategies/encode/container.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/platform/comm.h"
#include "harness/platform/trace.h"

namespace ckptbench {
namespace {

constexpr uint64_t kBlockBytes = 4ULL << 20;

uint64_t block_bytes_for(const Layout& layout) {
  return std::max(kStoreAlignment, std::min(kBlockBytes, align_up(layout.bytes)));
}

}  // namespace

ContainerWriter::ContainerWriter(const WriterContext& context, MakeChain make_chain,
                                 const ChunkIndex* index)
    : device_(context.strategy.device),
      trace_(context.strategy.trace),
      team_(context.team),
      make_chain_(std::move(make_chain)),
      index_(index),
      chunk_bytes_(context.chunk_bytes),
      file_(fmt::format("r{:04}.chunks", context.strategy.comm.rank())),
      output_(device_, trace_),
      bounce_(device_) {}

Result<Layout> ContainerWriter::plan(const std::vector<TensorView>& tensors) const {
  return plan_container(tensors, chunk_bytes_);
}

Status ContainerWriter::prepare(const Captured& captured, const Layout& layout) {
  const Status reserved = reserve(captured, layout);
  if (!reserved) return reserved;
  team_.start(layout.chunks.size());
  if (layout.chunks.empty()) return {};
  // One chunk through each chain: codecs allocate with the first that they see.
  const std::vector<std::byte> chunk(std::min(chunk_bytes_, layout.bytes));
  for (const auto& chain : chains_) chain->encode(DType::kU8, chunk);
  return {};
}

Status ContainerWriter::reserve(const Captured& captured, const Layout& layout) {
  const Status reserved = output_.reserve(team_.size() + 1, block_bytes_for(layout));
  if (!reserved) return reserved;
  while (chains_.size() < team_.size()) chains_.push_back(make_chain_());
  if (!captured.has_cuda()) return {};
  while (streams_.size() < team_.size()) streams_.push_back(device_.make_stream());
  return bounce_.reserve(team_.size(), chunk_bytes_);
}

Status ContainerWriter::write(const Captured& captured, const Layout& layout, WriteSet& set,
                              Manifest& manifest) {
  const Status reserved = reserve(captured, layout);
  if (!reserved) return reserved;
  for (const auto& stream : streams_) stream->wait_for_training();
  const Status started = output_.start(set, file_, team_.size() + 1, block_bytes_for(layout));
  if (!started) return started;
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

std::span<const std::byte> ContainerWriter::on_host(const TensorView& tensor,
                                                    const LayoutChunk& chunk, uint64_t member) {
  const std::byte* const source = tensor.data + chunk.begin;
  if (tensor.memory != MemoryKind::kCuda) return {source, chunk.bytes};
  const std::span<std::byte> bounce = bounce_.at(member).first(chunk.bytes);
  streams_[member]->to_host(bounce.data(), source, chunk.bytes);
  streams_[member]->wait();
  return bounce;
}

Status ContainerWriter::write_chunk(const TensorView& tensor, const LayoutChunk& chunk,
                                    uint64_t seq, ManifestChunk& record, uint64_t member) {
  ChunkEncoder::Encoded stored;
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
    stored = chains_[member]->encode(tensor.dtype, raw);
  }
  const Result<uint64_t> offset = output_.append(stored.bytes);
  if (!offset) return offset.error();
  record.owner_seq = seq;
  record.file = file_;
  record.offset = offset.value();
  record.stored_bytes = stored.bytes.size();
  record.encoding = std::move(stored.encoding);
  return {};
}

}  // namespace ckptbench
