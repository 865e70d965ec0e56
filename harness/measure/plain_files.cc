#include "harness/measure/plain_files.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>
#include <utility>

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

PlainFiles::PlainFiles(std::string directory, std::string_view prefix, PlainSave save,
                       ProbeOptions options)
    : directory_(std::move(directory)),
      prefix_(prefix),
      save_(std::move(save)),
      options_(options),
      buffer_(incompressible(options)),
      uses_(uses_of(save_.sequence)),
      progress_(save_.sequence.sizes.size()) {}

std::vector<PlainFiles::Uses> PlainFiles::uses_of(const SaveSequence& sequence) {
  std::vector<Uses> uses(sequence.sizes.size());
  for (size_t step = 0; step < sequence.steps.size(); ++step) {
    const SaveStep& taken = sequence.steps[step];
    if (taken.what == FileStep::kSyncFolder) continue;
    Uses& file = uses.at(taken.file);
    if (taken.what == FileStep::kWrite) file.last_write = step;
    if (taken.what != FileStep::kRename) file.last = step;
    file.synced |= taken.what == FileStep::kSync;
    file.renamed |= taken.what == FileStep::kRename;
  }
  return uses;
}

PlainFiles::~PlainFiles() {
  for (uint64_t i = 0; i < progress_.size(); ++i) {
    static_cast<void>(remove_file(temporary_of(i)));
    static_cast<void>(remove_file(path_of(i)));
  }
}

uint64_t PlainFiles::bytes() const {
  const FileSizes& sizes = save_.sequence.sizes;
  return std::accumulate(sizes.begin(), sizes.end(), uint64_t{0});
}

std::string PlainFiles::path_of(uint64_t index) const {
  return fmt::format("{}/{}-{}", directory_, prefix_, index);
}

Status PlainFiles::publish() {
  for (size_t step = 0; step < save_.sequence.steps.size(); ++step) {
    if (const Status status = take(step); !status) return status;
  }
  return {};
}

Status PlainFiles::take(size_t step) {
  const SaveStep& taken = save_.sequence.steps[step];
  if (taken.what == FileStep::kSyncFolder) return sync_directory();
  if (taken.what == FileStep::kRename) return rename(taken.file);
  std::optional<File>& file = progress_[taken.file].file;
  Status status = taken.what == FileStep::kWrite ? write(step) : Status(file->sync());
  if (!status || step < uses_[taken.file].last) return status;
  status = file->close();
  file.reset();
  return status;
}

Status PlainFiles::write(size_t step) {
  const SaveStep& taken = save_.sequence.steps[step];
  Progress& progress = progress_[taken.file];
  if (!progress.file) {
    if (const Status status = open_new(taken.file); !status) return status;
  }
  const uint64_t bytes = size_of(taken.file);
  const uint64_t whole = align_up(bytes);
  if (step < uses_[taken.file].last_write) {
    const auto part = static_cast<uint64_t>(taken.share * static_cast<double>(bytes));
    return write_up_to(taken.file, std::min(whole, align_up(progress.written + part)));
  }
  const Status status = write_up_to(taken.file, whole);
  return status && whole != bytes ? Status(progress.file->truncate(bytes)) : status;
}

WriteKind PlainFiles::kind_of(uint64_t index) const {
  const SaveSequence& sequence = save_.sequence;
  const auto seen = options_.as_saved ? sequence.kind_of(index) : std::nullopt;
  if (seen) return *seen;
  const bool is_record = sequence.sizes.size() > 1 && index + 1 == sequence.sizes.size();
  return {.direct = options_.direct && !is_record,
          .preallocated = options_.preallocate && !is_record};
}

Status PlainFiles::open_new(uint64_t index) {
  const std::string path = uses_[index].renamed ? temporary_of(index) : path_of(index);
  const bool there_before = progress_[index].path == path;
  if (there_before && !save_.in_place) {
    if (const Status status = remove_file(path); !status) return status;
  }
  if (const Status status = open(index, path, O_CREAT | O_TRUNC); !status) return status;
  return kind_of(index).preallocated ? reserve(*progress_[index].file, align_up(size_of(index)))
                                     : Status();
}

Status PlainFiles::open(uint64_t index, const std::string& path, int flags) {
  if (!buffer_) return errno_error("allocate", directory_, ENOMEM);
  auto opened = File::open_direct(path, O_WRONLY | flags, kind_of(index).direct);
  if (!opened) return opened.error();
  progress_[index] = {.file = std::move(opened).value(), .path = path};
  return {};
}

// A file system that cannot preallocate is measured without it.
Status PlainFiles::reserve(const File& file, uint64_t bytes) const {
  if (bytes == 0 || ::fallocate(file.descriptor(), 0, 0, static_cast<off_t>(bytes)) == 0 ||
      errno == EOPNOTSUPP) {
    return {};
  }
  return errno_error("fallocate", file.path(), errno);
}

Status PlainFiles::write_up_to(uint64_t index, uint64_t end) {
  Progress& progress = progress_[index];
  const uint64_t begin = progress.written;
  const uint64_t block = options_.block_bytes;
  const uint64_t blocks = (end - begin + block - 1) / block;
  progress.written = end;
  return in_parallel(std::min(options_.threads, blocks), blocks, [&](uint64_t thread, uint64_t i) {
    const uint64_t at = begin + i * block;
    return progress.file->write_at(at, {block_of(thread), std::min(block, end - at)});
  });
}

Status PlainFiles::rename(uint64_t index) {
  const std::string from = std::exchange(progress_[index].path, path_of(index));
  return rename_file(from, path_of(index));
}

Status PlainFiles::overwrite() {
  for (uint64_t i = 0; i < progress_.size(); ++i) {
    if (const Status status = overwrite_one(i); !status) return status;
  }
  return {};
}

Status PlainFiles::overwrite_one(uint64_t index) {
  Status status = open(index, path_of(index), 0);
  if (!status) return status;
  File& file = *progress_[index].file;
  const uint64_t bytes = size_of(index);
  const uint64_t whole = align_up(bytes);
  status = write_up_to(index, whole);
  if (status && whole != bytes) status = file.truncate(bytes);
  if (status && uses_[index].synced) status = file.sync();
  if (status) status = file.close();
  progress_[index].file.reset();
  return status;
}

Status PlainFiles::sync_directory() const {
  Result<File> directory = File::open(directory_, O_RDONLY | O_DIRECTORY);
  return directory ? directory.value().sync() : Status(directory.error());
}

}  // namespace ckptbench
