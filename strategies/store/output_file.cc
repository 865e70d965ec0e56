#include "strategies/store/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "harness/platform/aligned_bytes.h"
#include "strategies/store/store.h"

namespace ckptbench {
namespace {

constexpr uint64_t kAllocationStep = 256ULL << 20;
// Larger requests were slower: docs/format.md has the figures.
constexpr uint64_t kBlockBytes = 1ULL << 20;

bool is_aligned(const std::byte* address) {
  return reinterpret_cast<uintptr_t>(address) % kStoreAlignment == 0;
}

}  // namespace

IoResult<File> OutputFile::create(const std::string& path, const OutputOptions& options) {
  return File::open_direct(path, O_WRONLY | O_CREAT | O_EXCL, options.direct);
}

OutputFile::OutputFile(File file, OutputOptions options)
    : file_(std::move(file)), options_(options) {}

IoStatus OutputFile::write(uint64_t offset, std::span<const std::byte> bytes) {
  if (offset % kStoreAlignment != 0) {
    return environment_error({fmt::format("{}: write at offset {}, expected a multiple of {}",
                                          file_.path(), offset, kStoreAlignment)});
  }
  if (bytes.empty()) return {};
  const IoStatus reserved = reserve(offset + bytes.size());
  if (!reserved) return reserved;
  const uint64_t whole = align_down(bytes.size());
  const auto head = bytes.first(whole);
  const IoStatus written = is_aligned(bytes.data()) ? put(offset, head) : put_copied(offset, head);
  if (!written || whole == bytes.size()) return written;
  return put_copied(offset + whole, bytes.subspan(whole));
}

IoStatus OutputFile::reserve(uint64_t end) {
  const std::lock_guard lock(mutex_);
  bytes_ = std::max(bytes_, end);
  if (!preallocated_ || align_up(end) <= allocated_) return {};
  return preallocate(align_up(end));
}

// REQUIRES: mutex_ held.
IoStatus OutputFile::preallocate(uint64_t end) {
  const uint64_t expected = align_up(options_.expected_bytes);
  const uint64_t ahead = std::min(expected, allocated_ + kAllocationStep);
  const uint64_t target = std::max(end, ahead);
  int error = 0;
  do {
    error = ::fallocate(file_.descriptor(), 0, static_cast<off_t>(allocated_),
                        static_cast<off_t>(target - allocated_)) == 0
                ? 0
                : errno;
  } while (error == EINTR);
  if (error == EOPNOTSUPP || error == ENOSYS) {
    preallocated_ = false;
    return {};
  }
  if (error != 0) return errno_error("fallocate", file_.path(), error);
  allocated_ = target;
  return {};
}

IoStatus OutputFile::put(uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const uint64_t count = std::min<uint64_t>(bytes.size(), kBlockBytes);
    const IoStatus status = file_.write_at(offset, bytes.first(count));
    if (!status) return status;
    offset += count;
    bytes = bytes.subspan(count);
  }
  return {};
}

// Through an aligned buffer; the last block is padded with zeros, which finish() cuts off.
IoStatus OutputFile::put_copied(uint64_t offset, std::span<const std::byte> bytes) {
  if (bytes.empty()) return {};
  const uint64_t room = std::min<uint64_t>(align_up(bytes.size()), kBlockBytes);
  const AlignedBytes buffer = allocate_aligned(room);
  if (!buffer) return errno_error("allocate", file_.path(), ENOMEM);
  while (!bytes.empty()) {
    const uint64_t count = std::min<uint64_t>(bytes.size(), room);
    const uint64_t padded = align_up(count);
    std::memcpy(buffer.get(), bytes.data(), count);
    std::memset(buffer.get() + count, 0, padded - count);
    const IoStatus status = file_.write_at(offset, {buffer.get(), padded});
    if (!status) return status;
    offset += padded;
    bytes = bytes.subspan(count);
  }
  return {};
}

IoStatus OutputFile::finish() {
  const IoResult<uint64_t> size = file_.size();
  if (!size) return size.error();
  IoStatus status;
  if (size.value() != bytes_) status = file_.truncate(bytes_);
  if (status && options_.durable) status = file_.sync();
  return status ? file_.close() : status;
}

}  // namespace ckptbench
