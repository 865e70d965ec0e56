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
  store_.end_scan();
  if (state_ == State::kCommitted) return;
  try {
    take_back();
  } catch (const std::bad_alloc&) {
  }
}

// Not by name: where the lease is lost, the names may be another writer's. What cannot be removed
// is left to a retention or the next writer.
void DirWriteSet::take_back() {
  if (!take_back_record()) return;
  for (const auto& [name, created] : files_) {
    created.file.remove_at(temporary_path(name));
    created.file.remove_at(store_.path_of(seq_, name));
  }
}

// False: it may still be visible, so that its files must stay.
bool DirWriteSet::take_back_record() {
  if (!record_) return true;
  record_->remove_at(temporary_path(kManifestSuffix));
  const IoResult<FileId> there = id_at(store_.path_of(seq_, kManifestSuffix));
  if (!there) return there.error().fault == IoFault::kNotThere;
  // Another's is there, so ours is not visible.
  if (!record_->is_at(there)) return true;
  return store_.remove_record(seq_).ok();
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
  if (found != files_.end() && found->second.output) return found->second.output.get();
  if (!is_data_file_name(file)) {
    return Error{fmt::format("'{}' cannot name a data file of a checkpoint", file)};
  }
  return create(file);
}

// REQUIRES: mutex_ held.
Result<OutputFile*> DirWriteSet::create(const std::string& file) {
  const OutputOptions options{.direct = store_.options_.direct,
                              .durable = store_.options_.fsync,
                              .expected_bytes = files_.empty() ? expected_bytes_ : 0};
  Created& created = files_[file];
  IoResult<File> opened = OutputFile::create(temporary_path(file), options);
  IoResult<OwnFile> own = opened ? OwnFile::of(opened.value()) : IoResult<OwnFile>(opened.error());
  if (!own) {
    files_.erase(file);
    return noted(own.error());
  }
  created.file = std::move(own).value();
  created.output = std::make_unique<OutputFile>(std::move(opened).value(), options);
  return created.output.get();
}

Status DirWriteSet::sync() {
  const std::lock_guard lock(mutex_);
  if (state_ != State::kWriting) {
    return Error{fmt::format("checkpoint {}: sync called twice", seq_)};
  }
  state_ = State::kFailed;
  const IoStatus status = make_durable();
  store_.end_scan();
  if (!status) return noted(status.error());
  state_ = State::kSynced;
  return {};
}

IoStatus DirWriteSet::make_durable() {
  for (const auto& [name, created] : files_) {
    const IoStatus status = created.output->finish();
    if (!status) return status;
  }
  if (const IoStatus held = store_.lease_->check(); !held) return held;
  for (const auto& [name, created] : files_) {
    const IoStatus status = rename_new(temporary_path(name), store_.path_of(seq_, name));
    if (!status) return status;
  }
  return store_.sync_directory(store_.directory_.for_commits);
}

Status DirWriteSet::commit(std::span<const std::byte> manifest) {
  const std::lock_guard lock(mutex_);
  if (state_ != State::kSynced) {
    return Error{fmt::format("checkpoint {}: commit without a sync that succeeded", seq_)};
  }
  state_ = State::kFailed;
  const IoStatus status = publish(manifest);
  if (!status) return noted(status.error());
  state_ = State::kCommitted;
  return {};
}

IoStatus DirWriteSet::publish(std::span<const std::byte> manifest) {
  const std::string temporary = temporary_path(kManifestSuffix);
  const IoStatus written = write_record(temporary, manifest);
  if (!written) return written;
  if (const IoStatus held = store_.lease_->check(); !held) return held;
  const IoStatus named = rename_new(temporary, store_.path_of(seq_, kManifestSuffix));
  if (!named) return named;
  return store_.sync_directory(store_.directory_.for_commits);
}

IoStatus DirWriteSet::write_record(const std::string& path, std::span<const std::byte> manifest) {
  IoResult<File> file = File::open(path, O_WRONLY | O_CREAT | O_EXCL);
  if (!file) return file.error();
  IoResult<OwnFile> own = OwnFile::of(file.value());
  if (!own) return own.error();
  record_ = std::move(own).value();
  IoStatus status = file.value().write_at(0, manifest);
  if (status && store_.options_.fsync) status = file.value().sync();
  return status ? file.value().close() : status;
}

}  // namespace ckptbench
