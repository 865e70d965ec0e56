#include "harness/measure/plain_files.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>

#include "harness/core/prng.h"
#include "harness/measure/in_parallel.h"
#include "harness/platform/alignment.h"

namespace ckptbench {
namespace {

AlignedBytes incompressible(const ProbeOptions& options) {
  const uint64_t bytes = options.threads * options.block_bytes;
  AlignedBytes buffer = allocate_aligned(bytes);
  if (!buffer) return buffer;
  Prng prng(1);
  for (uint64_t i = 0; i + 8 <= bytes; i += 8) {
    const uint64_t value = prng.next();
    std::memcpy(buffer.get() + i, &value, 8);
  }
  return buffer;
}

}  // namespace

PlainFiles::PlainFiles(std::string directory, std::string_view prefix, std::vector<uint64_t> sizes,
                       ProbeOptions options)
    : directory_(std::move(directory)),
      prefix_(prefix),
      sizes_(std::move(sizes)),
      options_(options),
      buffer_(incompressible(options)) {}

PlainFiles::~PlainFiles() {
  for (uint64_t i = 0; i < sizes_.size(); ++i) {
    static_cast<void>(remove_file(temporary_of(i)));
    static_cast<void>(remove_file(path_of(i)));
  }
}

uint64_t PlainFiles::bytes() const {
  return std::accumulate(sizes_.begin(), sizes_.end(), uint64_t{0});
}

std::string PlainFiles::path_of(uint64_t index) const {
  return fmt::format("{}/{}-{}", directory_, prefix_, index);
}

Status PlainFiles::publish() {
  if (options_.in_place) return write_all(O_CREAT | O_TRUNC);
  const uint64_t count = sizes_.size();
  if (count < 2) return publish_range(0, count);
  const Status status = publish_range(0, count - 1);
  return status ? publish_range(count - 1, count) : status;
}

Status PlainFiles::publish_range(uint64_t begin, uint64_t end) {
  for (uint64_t i = begin; i < end; ++i) {
    const Status status = write_one(i, temporary_of(i), O_CREAT | O_TRUNC);
    if (!status) return status;
  }
  for (uint64_t i = begin; i < end; ++i) {
    const Status status = rename_file(temporary_of(i), path_of(i));
    if (!status) return status;
  }
  return options_.fsync ? sync_directory() : Status();
}

Status PlainFiles::overwrite() {
  return write_all(0);
}

Status PlainFiles::write_all(int flags) {
  for (uint64_t i = 0; i < sizes_.size(); ++i) {
    const Status status = write_one(i, path_of(i), flags);
    if (!status) return status;
  }
  return {};
}

Status PlainFiles::sync_directory() const {
  Result<File> directory = File::open(directory_, O_RDONLY | O_DIRECTORY);
  return directory ? directory.value().sync() : Status(directory.error());
}

// A commit record is small and goes through the page cache, as that of the stores does.
Status PlainFiles::write_one(uint64_t index, const std::string& path, int flags) {
  if (!buffer_) return errno_error("allocate", directory_, ENOMEM);
  const bool direct = options_.direct && !is_record(index);
  Result<File> file = File::open_direct(path, O_WRONLY | flags, direct);
  if (!file) return file.error();
  const bool fresh = (flags & O_CREAT) != 0;
  Status status = fill(file.value(), index, fresh && options_.preallocate && !is_record(index));
  if (status && options_.fsync) status = file.value().sync();
  return status ? file.value().close() : status;
}

Status PlainFiles::fill(File& file, uint64_t index, bool reserve) {
  const uint64_t bytes = sizes_[index];
  const uint64_t whole = align_up(bytes);
  // A file system that cannot preallocate is measured without it.
  if (reserve && whole > 0 &&
      ::fallocate(file.descriptor(), 0, 0, static_cast<off_t>(whole)) != 0 && errno != EOPNOTSUPP) {
    return errno_error("fallocate", file.path(), errno);
  }
  const uint64_t block = options_.block_bytes;
  const uint64_t blocks = (whole + block - 1) / block;
  const Status status =
      in_parallel(std::min(options_.threads, blocks), blocks, [&](uint64_t thread, uint64_t i) {
        return file.write_at(i * block, {block_of(thread), std::min(block, whole - i * block)});
      });
  return status && whole != bytes ? file.truncate(bytes) : status;
}

}  // namespace ckptbench
