#include "strategies/store/dir_write_set.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <new>

#include "strategies/format/names.h"

namespace ckptbench {

DirWriteSet::DirWriteSet(DirStore& store, uint64_t seq, uint64_t expected_bytes)
    : store_(store), seq_(seq), expected_bytes_(expected_bytes) {}

DirWriteSet::~DirWriteSet() {
  if (state_ == State::kCommitted) return;
  files_.clear();
  // No caller waits for the outcome; what cannot be removed now is removed by the next writer.
  try {
    static_cast<void>(store_.drop(seq_, {}));
  } catch (const std::bad_alloc&) {
  }
}

std::string DirWriteSet::temporary_path(std::string_view file) const {
  return store_.path_of(seq_, file) + std::string(kTemporarySuffix);
}

Status DirWriteSet::write(const std::string& file, uint64_t offset,
                          std::span<const std::byte> bytes) {
  const Result<OutputFile*> output = file_for(file);
  if (!output) return output.error();
  const IoStatus written = output.value()->write(offset, bytes);
  if (!written) return noted(written.error());
  return {};
}

Error DirWriteSet::noted(const IoError& error) {
  if (error.code == ENOSPC || error.code == EDQUOT) lacked_room_ = true;
  return error;
}

Result<OutputFile*> DirWriteSet::file_for(const std::string& file) {
  const std::lock_guard lock(mutex_);
  if (state_ != State::kWriting) {
    return Error{fmt::format("{}: write after sync", store_.path_of(seq_, file))};
  }
  const auto found = files_.find(file);
  if (found != files_.end()) return found->second.get();
  if (!is_data_file_name(file)) {
    return Error{fmt::format("'{}' cannot name a data file of a checkpoint", file)};
  }
  const OutputOptions options{.direct = store_.options_.direct,
                              .durable = store_.options_.fsync,
                              .expected_bytes = files_.empty() ? expected_bytes_ : 0};
  IoResult<File> created = OutputFile::create(temporary_path(file), options);
  if (!created) return noted(created.error());
  auto output = std::make_unique<OutputFile>(std::move(created).value(), options);
  return files_.emplace(file, std::move(output)).first->second.get();
}

Status DirWriteSet::sync() {
  const std::lock_guard lock(mutex_);
  if (state_ != State::kWriting) {
    return Error{fmt::format("checkpoint {}: sync called twice", seq_)};
  }
  state_ = State::kFailed;
  const Status status = make_durable();
  if (status) state_ = State::kSynced;
  return status;
}

Status DirWriteSet::make_durable() {
  for (const auto& [name, file] : files_) {
    const Status status = file->finish();
    if (!status) return status;
  }
  for (const auto& [name, file] : files_) {
    const Status status = rename_file(temporary_path(name), store_.path_of(seq_, name));
    if (!status) return status;
  }
  return store_.sync_directory();
}

Status DirWriteSet::commit(std::span<const std::byte> manifest) {
  const std::lock_guard lock(mutex_);
  if (state_ != State::kSynced) {
    return Error{fmt::format("checkpoint {}: commit without a sync that succeeded", seq_)};
  }
  state_ = State::kFailed;
  const Status status = publish(manifest);
  if (status) state_ = State::kCommitted;
  return status;
}

Status DirWriteSet::publish(std::span<const std::byte> manifest) {
  const std::string temporary = temporary_path(kManifestSuffix);
  IoResult<File> file = File::open(temporary, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file) return noted(file.error());
  const IoStatus written = file.value().write_at(0, manifest);
  if (!written) return noted(written.error());
  Status status;
  if (store_.options_.fsync) status = file.value().sync();
  if (status) status = file.value().close();
  if (status) status = rename_file(temporary, store_.path_of(seq_, kManifestSuffix));
  if (!status) return status;
  return store_.sync_directory();
}

}  // namespace ckptbench
