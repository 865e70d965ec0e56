#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "harness/measure/in_parallel.h"
#include "harness/measure/probe.h"
#include "harness/platform/aligned_bytes.h"
#include "harness/platform/alignment.h"
#include "harness/platform/clock.h"
#include "harness/platform/file.h"

namespace ckptbench {
namespace {

struct ReadBlock {
  size_t file = 0;
  uint64_t offset = 0;
  uint64_t bytes = 0;
};

std::vector<ReadBlock> cut(const std::vector<ReadRange>& ranges, uint64_t block_bytes) {
  std::vector<ReadBlock> blocks;
  for (size_t file = 0; file < ranges.size(); ++file) {
    for (uint64_t at = 0; at < ranges[file].bytes; at += block_bytes) {
      blocks.push_back({file, at, std::min(block_bytes, ranges[file].bytes - at)});
    }
  }
  return blocks;
}

// Whole aligned blocks, of which the last may lie beyond the end of the file.
Status read_block(const File& file, const ReadBlock& block, std::byte* to) {
  const uint64_t whole = align_up(block.bytes);
  const Result<uint64_t> got = file.read_some_at(block.offset, {to, whole});
  if (!got) return got.error();
  if (got.value() >= block.bytes) return {};
  return Error{fmt::format("{}: ends at byte {}, expected {} bytes at {}", file.path(),
                           block.offset + got.value(), block.bytes, block.offset)};
}

Status read_all(const std::vector<ReadRange>& ranges, const ProbeOptions& options,
                std::byte* buffer) {
  std::vector<File> files;
  for (const ReadRange& range : ranges) {
    Result<File> file = File::open_direct(range.path, O_RDONLY, options.direct);
    if (!file) return file.error();
    files.push_back(std::move(file).value());
  }
  const std::vector<ReadBlock> blocks = cut(ranges, options.block_bytes);
  return in_parallel(options.threads, blocks.size(), [&](uint64_t thread, uint64_t index) {
    const ReadBlock& block = blocks[index];
    return read_block(files[block.file], block, buffer + thread * options.block_bytes);
  });
}

}  // namespace

Result<int64_t> probe_reads(const std::vector<ReadRange>& ranges, const ProbeOptions& options) {
  const uint64_t bytes = options.threads * options.block_bytes;
  const AlignedBytes buffer = allocate_aligned(bytes);
  if (!buffer) return errno_error("allocate", "read probe", ENOMEM);
  std::memset(buffer.get(), 1, bytes);
  const int64_t begin = now_ns();
  const Status status = read_all(ranges, options, buffer.get());
  const int64_t end = now_ns();
  if (!status) return status.error();
  return end - begin;
}

}  // namespace ckptbench
