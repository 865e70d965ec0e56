#include "harness/measure/probe.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "harness/core/prng.h"
#include "harness/measure/in_parallel.h"
#include "harness/platform/clock.h"
#include "strategies/store/file.h"
#include "strategies/store/store.h"

namespace ckptbench {
namespace {

uint64_t align_up(uint64_t bytes) {
  return (bytes + kStoreAlignment - 1) / kStoreAlignment * kStoreAlignment;
}

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

class ProbeFiles {
 public:
  ProbeFiles(std::string directory, uint64_t bytes, uint64_t file_count, ProbeOptions options)
      : directory_(std::move(directory)),
        file_bytes_(align_up((bytes + file_count - 1) / file_count)),
        file_count_(file_count),
        options_(options),
        buffer_(incompressible(options)) {}
  ~ProbeFiles() {
    for (uint64_t i = 0; i < file_count_; ++i) {
      static_cast<void>(remove_file(temporary_of(i)));
      static_cast<void>(remove_file(path_of(i)));
    }
  }
  ProbeFiles(const ProbeFiles&) = delete;
  ProbeFiles& operator=(const ProbeFiles&) = delete;

  Result<int64_t> timed(Status (ProbeFiles::*pass)()) {
    if (!buffer_) return errno_error("aligned_alloc", directory_, ENOMEM);
    const int64_t begin = now_ns();
    const Status status = (this->*pass)();
    const int64_t end = now_ns();
    if (!status) return status.error();
    return end - begin;
  }

  Status create() {
    for (uint64_t i = 0; i < file_count_; ++i) {
      const Status status = write_one(temporary_of(i), O_CREAT | O_TRUNC, options_.preallocate);
      if (!status) return status;
    }
    for (uint64_t i = 0; i < file_count_; ++i) {
      const Status status = rename_file(temporary_of(i), path_of(i));
      if (!status) return status;
    }
    if (!options_.fsync) return {};
    Result<File> directory = File::open(directory_, O_RDONLY | O_DIRECTORY);
    return directory ? directory.value().sync() : Status(directory.error());
  }

  Status overwrite() {
    for (uint64_t i = 0; i < file_count_; ++i) {
      const Status status = write_one(path_of(i), 0, false);
      if (!status) return status;
    }
    return {};
  }

 private:
  std::string path_of(uint64_t index) const {
    return fmt::format("{}/probe-{}", directory_, index);
  }
  std::string temporary_of(uint64_t index) const { return path_of(index) + ".tmp"; }
  std::byte* block_of(uint64_t thread) { return buffer_.get() + thread * options_.block_bytes; }

  template <class Transfer>
  Status each_block(Transfer transfer) {
    const uint64_t size = options_.block_bytes;
    return in_parallel(options_.threads, (file_bytes_ + size - 1) / size,
                       [&](uint64_t thread, uint64_t block) {
                         const uint64_t offset = block * size;
                         return transfer(thread, offset, std::min(size, file_bytes_ - offset));
                       });
  }

  Status write_one(const std::string& path, int flags, bool preallocate) {
    Result<File> file = File::open_direct(path, O_WRONLY | flags, options_.direct);
    if (!file) return file.error();
    // A file system that cannot preallocate is measured without it.
    if (preallocate &&
        ::fallocate(file.value().descriptor(), 0, 0, static_cast<off_t>(file_bytes_)) != 0 &&
        errno != EOPNOTSUPP) {
      return errno_error("fallocate", path, errno);
    }
    Status status = each_block([&](uint64_t thread, uint64_t offset, uint64_t bytes) {
      return file.value().write_at(offset, {block_of(thread), bytes});
    });
    if (status && options_.fsync) status = file.value().sync();
    return status ? file.value().close() : status;
  }

  const std::string directory_;
  const uint64_t file_bytes_;
  const uint64_t file_count_;
  const ProbeOptions options_;
  AlignedBytes buffer_;
};

}  // namespace

Result<int64_t> probe_new_file(const std::string& directory, uint64_t bytes, uint64_t file_count,
                               const ProbeOptions& options) {
  return ProbeFiles(directory, bytes, file_count, options).timed(&ProbeFiles::create);
}

Result<WriteTimes> probe_writes(const std::string& directory, uint64_t bytes, uint64_t file_count,
                                const ProbeOptions& options) {
  ProbeFiles files(directory, bytes, file_count, options);
  const Result<int64_t> created = files.timed(&ProbeFiles::create);
  if (!created) return created.error();
  const Result<int64_t> overwritten = files.timed(&ProbeFiles::overwrite);
  if (!overwritten) return overwritten.error();
  return WriteTimes{.new_file_ns = created.value(), .overwrite_ns = overwritten.value()};
}

Result<int64_t> probe_memcpy(uint64_t bytes) {
  const AlignedBytes from = allocate_aligned(bytes);
  const AlignedBytes to = allocate_aligned(bytes);
  if (!from || !to) return Error{fmt::format("memcpy probe: no memory for 2 x {} bytes", bytes)};
  std::memset(from.get(), 1, bytes);
  std::memset(to.get(), 2, bytes);
  const int64_t begin = now_ns();
  std::memcpy(to.get(), from.get(), bytes);
  // The copy is needed from here on, so it cannot be left out.
  asm volatile("" : : "r"(to.get()) : "memory");
  return now_ns() - begin;
}

}  // namespace ckptbench
