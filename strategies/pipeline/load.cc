#include "strategies/pipeline/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <new>
#include <optional>
#include <tuple>

namespace ckptbench {
namespace {

constexpr uint64_t kRunBytes = 8ULL << 20;
// Reading a gap this small costs less than a second read.
constexpr uint64_t kGapBytes = 64 * 1024;

// Checked here for every encoder: no chunk reaches beyond its target, and no byte stays as it was.
Status check_covers(const Fill& fill) {
  uint64_t end = 0;
  for (const ManifestChunk& chunk : fill.from->chunks) {
    if (chunk.begin != end || chunk.raw_bytes > fill.to->bytes - end) break;
    end += chunk.raw_bytes;
  }
  if (end == fill.to->bytes && end == fill.from->bytes) return {};
  return Error{fmt::format("tensor {}: {} bytes in the checkpoint, expected {} bytes in the state",
                           fill.to->name, fill.from->bytes, fill.to->bytes)};
}

// What all members of a team share. Any thread.
class FirstError {
 public:
  IoStatus note(IoStatus status) {
    if (status) return status;
    const std::lock_guard lock(mutex_);
    const bool first = !error_;
    const bool comes_before = !first && error_->fault != IoFault::kEnvironment &&
                              status.error().fault == IoFault::kEnvironment;
    if (first || comes_before) error_ = status.error();
    return status;
  }
  // REQUIRES: one was noted; nobody notes another.
  const IoError& error() const { return *error_; }

 private:
  std::mutex mutex_;
  std::optional<IoError> error_;
};

}  // namespace

struct Loader::ChunkLoad {
  const ManifestChunk* chunk;
  const TensorView* to;

  uint64_t end() const { return chunk->offset + chunk->stored_bytes; }
  auto place() const { return std::tie(chunk->owner_seq, chunk->file, chunk->offset); }
};

// Chunks of one file that are read together.
struct Loader::Run {
  uint64_t begin = 0;  // bytes into the file, aligned
  uint64_t end = 0;
  std::vector<ChunkLoad> loads;

  const ManifestChunk& first() const { return *loads.front().chunk; }
  bool takes(const ChunkLoad& load) const {
    return first().owner_seq == load.chunk->owner_seq && first().file == load.chunk->file &&
           load.chunk->offset <= end + kGapBytes && load.end() <= begin + kRunBytes;
  }
};

std::vector<Loader::Run> Loader::plan(const std::vector<Fill>& fills) {
  std::vector<ChunkLoad> loads;
  for (const Fill& fill : fills) {
    for (const ManifestChunk& chunk : fill.from->chunks) loads.push_back({&chunk, fill.to});
  }
  std::sort(loads.begin(), loads.end(),
            [](const ChunkLoad& a, const ChunkLoad& b) { return a.place() < b.place(); });
  std::vector<Run> runs;
  for (const ChunkLoad& load : loads) {
    if (runs.empty() || !runs.back().takes(load)) {
      const uint64_t begin = align_down(load.chunk->offset);
      runs.push_back({.begin = begin, .end = begin, .loads = {}});
    }
    runs.back().loads.push_back(load);
    runs.back().end = std::max(runs.back().end, load.end());
  }
  return runs;
}

IoStatus Loader::load(const std::vector<Fill>& fills) {
  for (const Fill& fill : fills) {
    const Status covered = check_covers(fill);
    if (!covered) return damage_error(covered.error());
  }
  const std::vector<Run> runs = plan(fills);
  uint64_t largest = 0;
  for (const Run& run : runs) largest = std::max(largest, run.end - run.begin);
  const uint64_t members = std::min<uint64_t>(team_.size(), runs.size());
  const Status reserved = buffers_.reserve(members, largest);
  if (!reserved) return environment_error(reserved.error());
  while (decoders_.size() < members) {
    decoders_.push_back(std::make_unique<ChunkDecoder>(stages_));
  }
  while (streams_.size() < members) streams_.push_back(device_.make_stream());
  // Whatever training still has to write into these tensors comes before the copies.
  for (uint64_t member = 0; member < members; ++member) streams_[member]->wait_for_training();
  FirstError first;
  const Status loaded = team_.run(runs.size(), [&](uint64_t index, uint64_t member) {
    return Status(first.note(load_run(runs[index], member)));
  });
  if (loaded) return {};
  return first.error();
}

IoStatus Loader::load_run(const Run& run, uint64_t member) {
  const std::span<std::byte> buffer = buffers_.at(member).first(run.end - run.begin);
  const IoStatus read = store_.read(run.first().owner_seq, run.first().file, run.begin, buffer);
  if (!read) return read;
  // Also behind a bad chunk: a copy in flight reads the buffer, and would write into a tensor that
  // an older checkpoint, or this one anew, is about to fill.
  const IoStatus loaded = load_chunks(run, buffer, member);
  streams_[member]->wait();
  return loaded;
}

IoStatus Loader::load_chunks(const Run& run, std::span<const std::byte> buffer, uint64_t member) {
  try {
    for (const ChunkLoad& load : run.loads) {
      const auto stored = buffer.subspan(load.chunk->offset - run.begin, load.chunk->stored_bytes);
      const Status loaded = load_chunk(load, stored, member);
      if (!loaded) return damage_error(loaded.error());
    }
    return {};
  } catch (const std::bad_alloc&) {
    return environment_error(Error{"no memory"});
  }
}

Status Loader::load_chunk(const ChunkLoad& load, std::span<const std::byte> stored,
                          uint64_t member) {
  const ManifestChunk& chunk = *load.chunk;
  const Result<std::span<const std::byte>> raw =
      decoders_[member]->decode(chunk.encoding, load.to->dtype, stored, chunk.raw_bytes);
  if (!raw || digest_of(raw.value()) != chunk.digest) {
    return Error{fmt::format("tensor {}, bytes [{}, {}) in {} of checkpoint {} at {}: {}",
                             load.to->name, chunk.begin, chunk.begin + chunk.raw_bytes, chunk.file,
                             chunk.owner_seq, chunk.offset,
                             raw ? "digest does not match" : raw.error().message)};
  }
  std::byte* const target = load.to->data + chunk.begin;
  if (load.to->memory == MemoryKind::kCuda) {
    streams_[member]->to_device(target, raw.value().data(), raw.value().size());
    // A decoded chunk lies in a buffer that the next one overwrites.
    if (raw.value().data() != stored.data()) streams_[member]->wait();
  } else {
    std::memcpy(target, raw.value().data(), raw.value().size());
  }
  return {};
}

}  // namespace ckptbench
