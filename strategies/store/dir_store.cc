#include "strategies/store/dir_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <set>

#include "harness/platform/aligned_bytes.h"
#include "strategies/api/stage.h"
#include "strategies/format/manifest.h"
#include "strategies/store/dir_write_set.h"

namespace ckptbench {
namespace {

constexpr size_t kMaxReaders = 64;
constexpr uint64_t kCopyBytes = 1ULL << 20;

// A link may stand for a record that somebody has put elsewhere: it is not followed, but what it
// may need stays, and a restore that passes it over says so. A folder or pipe can be no record.
bool is_record(const StoredName& name, EntryKind kind) {
  return name.file == kManifestSuffix && kind != EntryKind::kOther;
}

// Takes those out of `files` that a manifest needs, or may need because it cannot be read. A
// manifest refers to files of its own number and below: newest first, and none is read from which
// on nothing is in doubt.
void spare_needed(Store& store, const std::set<uint64_t>& manifests,
                  std::vector<StoredName>& files) {
  for (auto seq = manifests.rbegin(); seq != manifests.rend(); ++seq) {
    const auto may_need = [&](const StoredName& file) { return file.seq < *seq; };
    if (std::none_of(files.begin(), files.end(), may_need)) return;
    const IoResult<std::vector<std::byte>> record = store.get(*seq);
    const Result<ManifestHead> head = record ? verified_manifest_head(record.value())
                                             : Result<ManifestHead>(Error(record.error()));
    std::set<std::pair<uint64_t, std::string>> named;
    if (head) named.insert(head.value().files.begin(), head.value().files.end());
    std::erase_if(files, [&](const StoredName& file) {
      return may_need(file) && (!head || named.contains({file.seq, file.file}));
    });
  }
}

// Any offset, size and address, through whole aligned blocks.
IoStatus read_copied(const File& file, uint64_t offset, std::span<std::byte> bytes) {
  const uint64_t span = align_up(offset + bytes.size()) - align_down(offset);
  const AlignedBytes buffer = allocate_aligned(std::min(span, kCopyBytes));
  if (!buffer) return errno_error("allocate", file.path(), ENOMEM);
  while (!bytes.empty()) {
    const uint64_t begin = align_down(offset);
    const uint64_t skip = offset - begin;
    const uint64_t want = std::min(align_up(skip + bytes.size()), kCopyBytes);
    const IoResult<uint64_t> got = file.read_some_at(begin, {buffer.get(), want});
    if (!got) return got.error();
    const uint64_t count = std::min<uint64_t>(bytes.size(), want - skip);
    if (got.value() < skip + count) {
      return damage_error(fmt::format("{}: ends at byte {}, expected {} bytes at {}", file.path(),
                                      begin + got.value(), bytes.size(), offset));
    }
    std::memcpy(bytes.data(), buffer.get() + skip, count);
    offset += count;
    bytes = bytes.subspan(count);
  }
  return {};
}

}  // namespace

DirStore::DirStore(DirStoreOptions options, Descriptors directory, std::optional<Lease> lease)
    : options_(std::move(options)), directory_(std::move(directory)), lease_(std::move(lease)) {}

Result<std::unique_ptr<DirStore>> DirStore::open(DirStoreOptions options) {
  Descriptors directory;
  for (File* const file : {&directory.for_commits, &directory.for_deletions}) {
    Result<File> opened = File::open(options.directory, O_RDONLY | O_DIRECTORY);
    if (!opened) return opened.error();
    *file = std::move(opened).value();
  }
  std::optional<Lease> lease;
  if (options.writer) {
    Result<Lease> acquired = Lease::acquire(options.directory, options.run_id);
    if (!acquired) return acquired.error();
    lease.emplace(std::move(acquired).value());
  }
  std::unique_ptr<DirStore> store(
      new DirStore(std::move(options), std::move(directory), std::move(lease)));
  if (store->options_.writer) {
    const Status cleaned = store->remove_leftovers();
    if (!cleaned) return cleaned.error();
    // The leftovers may have been what filled the disk.
    const Status announced = store->lease_->announce();
    if (!announced) return announced.error();
  }
  return store;
}

std::string DirStore::path_of(uint64_t seq, std::string_view file) const {
  return options_.directory + "/" + stored_name(seq, file);
}

IoStatus DirStore::sync_directory(File& directory) const {
  if (!options_.fsync) return {};
  return directory.sync();
}

// What stays does no harm but by its name: no later checkpoint may take it.
void DirStore::take_number(uint64_t seq) {
  taken_up_to_ = std::max(taken_up_to_, seq);
}

void DirStore::remove_leftover(const StoredName& name) {
  const Status removed = remove_regular_file(path_of(name.seq, name.file));
  if (!removed) take_number(name.seq);
}

Status DirStore::remove_leftovers() {
  const IoResult<std::vector<DirectoryEntry>> entries = typed_directory_entries(options_.directory);
  if (!entries) return entries.error();
  std::set<uint64_t> manifests;
  std::vector<StoredName> data;
  for (const DirectoryEntry& entry : entries.value()) {
    const std::optional<StoredName> name = parse_stored_name(entry.name);
    if (!name) continue;
    if (entry.kind != EntryKind::kFile) take_number(name->seq);
    if (is_record(*name, entry.kind)) {
      manifests.insert(name->seq);
    } else if (entry.kind != EntryKind::kFile) {
      continue;
    } else if (name->temporary) {
      remove_leftover(*name);
    } else {
      data.push_back(*name);
    }
  }
  // A commit record is published after its files and deleted before them. So a file beside the
  // record of its own number is no leftover, and in a directory that was closed in order no record
  // has to be read.
  std::erase_if(data, [&](const StoredName& name) { return manifests.contains(name.seq); });
  spare_needed(*this, manifests, data);
  for (const StoredName& name : data) remove_leftover(name);
  return {};
}

Result<std::unique_ptr<WriteSet>> DirStore::begin(uint64_t seq, uint64_t expected_bytes) {
  if (!options_.writer) return Error{fmt::format("{}: opened for reading", options_.directory)};
  if (seq > kMaxSeq) {
    return Error{
        fmt::format("{}: checkpoint {}: sequence numbers end at {}; remove the checkpoint "
                    "with the highest number",
                    options_.directory, seq, kMaxSeq)};
  }
  if (const IoStatus held = lease_->check(); !held) return held.error();
  const std::string manifest = path_of(seq, kManifestSuffix);
  const IoResult<FileId> there = id_at(manifest);
  if (there) return Error{fmt::format("{}: checkpoint {} exists already", manifest, seq)};
  if (there.error().fault != IoFault::kNotThere) return there.error();
  return std::unique_ptr<WriteSet>(new DirWriteSet(*this, seq, expected_bytes));
}

Result<std::vector<uint64_t>> DirStore::list() {
  const IoResult<std::vector<DirectoryEntry>> entries = typed_directory_entries(options_.directory);
  if (!entries) return entries.error();
  std::vector<uint64_t> seqs;
  for (const DirectoryEntry& entry : entries.value()) {
    const std::optional<StoredName> name = parse_stored_name(entry.name);
    if (name && is_record(*name, entry.kind)) seqs.push_back(name->seq);
  }
  std::sort(seqs.begin(), seqs.end(), std::greater<>());
  forget_readers_but(seqs);
  return seqs;
}

IoResult<std::vector<std::byte>> DirStore::get(uint64_t seq) {
  return read_bytes(path_of(seq, kManifestSuffix), kMaxManifestBytes);
}

IoResult<std::vector<std::byte>> DirStore::get_first(uint64_t seq, uint64_t limit) {
  return read_first_bytes(path_of(seq, kManifestSuffix), limit);
}

IoResult<std::shared_ptr<File>> DirStore::open_for_reading(uint64_t seq, const std::string& file) {
  if (!is_data_file_name(file)) {
    return damage_error(fmt::format("'{}' cannot name a data file of a checkpoint", file));
  }
  const std::lock_guard lock(readers_mutex_);
  const auto key = std::make_pair(seq, file);
  const auto found = readers_.find(key);
  if (found != readers_.end()) return found->second;
  IoResult<File> opened = File::open_direct(path_of(seq, file), O_RDONLY, options_.direct);
  if (!opened) return opened.error();
  if (readers_.size() >= kMaxReaders) readers_.clear();
  auto shared = std::make_shared<File>(std::move(opened).value());
  readers_.emplace(key, shared);
  return shared;
}

IoStatus DirStore::read(uint64_t seq, const std::string& file, uint64_t offset,
                        std::span<std::byte> bytes) {
  const IoResult<std::shared_ptr<File>> reader = open_for_reading(seq, file);
  if (!reader) return reader.error();
  const File& input = *reader.value();
  const bool aligned = offset % kStoreAlignment == 0 &&
                       reinterpret_cast<uintptr_t>(bytes.data()) % kStoreAlignment == 0;
  const uint64_t whole = aligned ? align_down(bytes.size()) : 0;
  IoStatus status = input.read_at(offset, bytes.first(whole));
  if (status) status = read_copied(input, offset + whole, bytes.subspan(whole));
  return status;
}

// A file that is kept open stays on the disk after its deletion.
void DirStore::forget_readers_but(std::span<const uint64_t> newest_first) {
  const std::lock_guard lock(readers_mutex_);
  std::erase_if(readers_, [&](const auto& reader) {
    return !std::binary_search(newest_first.begin(), newest_first.end(), reader.first.first,
                               std::greater<>());
  });
}

void DirStore::forget_readers() {
  const std::lock_guard lock(readers_mutex_);
  readers_.clear();
}

Status DirStore::drop(uint64_t seq, std::span<const std::string> keep_files) {
  if (!options_.writer) return Error{fmt::format("{}: opened for reading", options_.directory)};
  if (const IoStatus held = lease_->check(); !held) return held.error();
  forget_readers();
  const Status removed = remove_record(seq);
  if (!removed) return removed;
  return remove_files(seq, keep_files);
}

// A crash must not bring the manifest back after its files are deleted, also where the sync failed
// the first time.
Status DirStore::remove_record(uint64_t seq) {
  const std::string manifest = path_of(seq, kManifestSuffix);
  const std::lock_guard lock(unsynced_mutex_);
  const IoResult<FileId> there = id_at(manifest);
  if (there) {
    unsynced_.insert(seq);
    const Status removed = remove_regular_file(manifest);
    if (!removed) return removed;
  } else if (there.error().fault != IoFault::kNotThere) {
    return there.error();
  }
  if (!unsynced_.contains(seq)) return {};
  const Status synced = sync_directory(directory_.for_deletions);
  if (synced) unsynced_.erase(seq);
  return synced;
}

Status DirStore::remove_files(uint64_t seq, std::span<const std::string> keep_files) {
  const Result<std::vector<std::string>> files = files_of(seq);
  if (!files) return files.error();
  Status first_failure;
  for (const std::string& file : files.value()) {
    if (std::find(keep_files.begin(), keep_files.end(), file) != keep_files.end()) continue;
    const Status removed = remove_regular_file(path_of(seq, file));
    if (!removed && first_failure) first_failure = removed;
  }
  return first_failure;
}

// One scan for many deletions. The lease keeps other writers out, so only a write set of this
// store makes files that a scan has not seen: it ends the scan, also one that is under way.
Result<std::vector<std::string>> DirStore::files_of(uint64_t seq) {
  std::unique_lock lock(scan_mutex_);
  if (scan_) return (*scan_)[seq];
  const uint64_t saves = saves_;
  lock.unlock();
  const Result<std::vector<std::string>> entries = directory_entries(options_.directory);
  if (!entries) return entries.error();
  FilesBySeq found;
  for (const std::string& entry : entries.value()) {
    const std::optional<StoredName> name = parse_stored_name(entry);
    if (name) found[name->seq].push_back(name->file);
  }
  std::vector<std::string> files = found[seq];
  lock.lock();
  if (saves == saves_) scan_ = std::move(found);
  return files;
}

void DirStore::end_scan() {
  const std::lock_guard lock(scan_mutex_);
  ++saves_;
  scan_.reset();
}

StageRow dir_stage() {
  return {.name = "dir",
          .summary = "files in a directory: temporary, fsync, rename, fsync of the directory",
          .params = {yes_no_param("fsync", "true", "false: survives the process only"),
                     yes_no_param("direct", "true", "O_DIRECT where the file system allows it")},
          .survives =
              [](const Params& params) {
                return Survives{.process = true, .power = params.boolean("fsync")};
              },
          .make = MakeStore([](const StrategyContext& context, const Params& params) {
            auto store = DirStore::open({.directory = context.directory,
                                         .run_id = context.run_id,
                                         .writer = !context.read_only,
                                         .fsync = params.boolean("fsync"),
                                         .direct = params.boolean("direct")});
            if (!store) return Result<std::unique_ptr<Store>>(store.error());
            return Result<std::unique_ptr<Store>>(std::move(store).value());
          })};
}

}  // namespace ckptbench
