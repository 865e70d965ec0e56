#include "harness/measure/seen_sequence.h"

#include <algorithm>
#include <map>
#include <string>

namespace ckptbench {
namespace {

// A file keeps its number through all its names.
using FileNumber = size_t;

struct FileEvent {
  FileStep what = FileStep::kWrite;
  FileNumber file = 0;  // none of kSyncFolder
  uint64_t bytes = 0;
};

struct SeenFile {
  uint64_t bytes = 0;
  uint64_t direct_bytes = 0;
  bool preallocated = false;
  size_t last_event = 0;
  std::optional<uint64_t> index;  // in the sequence; nothing: not left in the folder
  bool begun = false;             // its first write is in the sequence
};

// Names to numbers, and what is done with each.
class FollowedFiles {
 public:
  void add(const FileOperation& operation);
  const std::vector<FileEvent>& events() const { return events_; }
  std::vector<SeenFile>& files() { return files_; }
  // Gives the files of `written` their places, in the order in which they were finished, with their
  // sizes and kinds. False: one of them was never seen.
  bool place(const Written& written, SaveSequence& sequence);

 private:
  FileNumber number_of(const std::string& path);
  void note(FileStep what, FileNumber file, uint64_t bytes = 0);
  void write(const FileOperation& operation);
  void sync(const std::string& path);
  void rename(const FileOperation& operation);
  void rename_folder(const std::string& from, const std::string& to);

  std::map<std::string, FileNumber> names_;
  std::vector<SeenFile> files_;
  std::vector<FileEvent> events_;
};

void FollowedFiles::add(const FileOperation& operation) {
  if (operation.op == "write" || operation.op == "open" || operation.op == "truncate") {
    write(operation);
  } else if (operation.op == "fsync") {
    sync(operation.path);
  } else if (operation.op == "rename" || operation.op == "link") {
    rename(operation);
  } else if (operation.op == "unlink") {
    names_.erase(operation.path);
  }
}

FileNumber FollowedFiles::number_of(const std::string& path) {
  const auto [found, added] = names_.try_emplace(path, files_.size());
  if (added) files_.emplace_back();
  return found->second;
}

void FollowedFiles::note(FileStep what, FileNumber file, uint64_t bytes) {
  files_[file].bytes += bytes;
  files_[file].last_event = events_.size();
  events_.push_back({what, file, bytes});
}

void FollowedFiles::write(const FileOperation& operation) {
  const FileNumber number = number_of(operation.path);
  note(FileStep::kWrite, number, operation.bytes);
  if (operation.direct) files_[number].direct_bytes += operation.bytes;
  files_[number].preallocated |= operation.reserves;
}

// What was never opened to be written is a folder.
void FollowedFiles::sync(const std::string& path) {
  const auto found = names_.find(path);
  if (found != names_.end()) {
    note(FileStep::kSync, found->second);
  } else {
    events_.push_back({FileStep::kSyncFolder});
  }
}

void FollowedFiles::rename(const FileOperation& operation) {
  const auto found = names_.find(operation.path);
  if (found == names_.end()) return rename_folder(operation.path, operation.to);
  const FileNumber file = found->second;
  if (operation.op == "rename") names_.erase(found);
  if (operation.to.empty()) return;
  names_[operation.to] = file;
  note(FileStep::kRename, file);
}

void FollowedFiles::rename_folder(const std::string& from, const std::string& to) {
  std::map<std::string, FileNumber> moved;
  std::optional<FileNumber> last;
  for (const auto& [name, file] : names_) {
    const bool inside = name.starts_with(from + "/");
    moved[inside ? to + name.substr(from.size()) : name] = file;
    if (inside && (!last || files_[file].last_event > files_[*last].last_event)) last = file;
  }
  names_ = std::move(moved);
  if (last) note(FileStep::kRename, *last);
}

WriteKind kind_of(const SeenFile& file) {
  return {.direct = file.direct_bytes > file.bytes / 2, .preallocated = file.preallocated};
}

bool FollowedFiles::place(const Written& written, SaveSequence& sequence) {
  std::vector<std::pair<FileNumber, uint64_t>> left;
  for (size_t i = 0; i < written.names.size(); ++i) {
    const auto found = names_.find(written.names[i]);
    const auto is_write = [&](const FileEvent& event) {
      return event.what == FileStep::kWrite && event.file == found->second;
    };
    if (found == names_.end() || std::ranges::none_of(events_, is_write)) return false;
    left.emplace_back(found->second, written.sizes[i]);
  }
  std::ranges::sort(left, {}, [&](const auto& each) { return files_[each.first].last_event; });
  for (const auto& [file, bytes] : left) {
    files_[file].index = sequence.sizes.size();
    sequence.sizes.push_back(bytes);
    sequence.kinds.push_back(kind_of(files_[file]));
  }
  return true;
}

// Of each event its bytes, with those of the writes before it that count as one with it; nothing:
// it is no last one.
std::vector<std::optional<uint64_t>> joined_writes(const std::vector<FileEvent>& events,
                                                   size_t files) {
  std::vector<std::optional<uint64_t>> joined(events.size());
  std::vector<std::optional<size_t>> open(files);  // the last write before the next sync or rename
  for (size_t i = events.size(); i-- > 0;) {
    const FileEvent& event = events[i];
    if (event.what == FileStep::kSyncFolder) continue;
    std::optional<size_t>& at = open[event.file];
    if (event.what != FileStep::kWrite) {
      at.reset();
    } else if (at) {
      *joined[*at] += event.bytes;
    } else {
      at = i;
      joined[i] = event.bytes;
    }
  }
  return joined;
}

std::optional<SaveStep> step_of(const FileEvent& event, std::optional<uint64_t> joined,
                                SeenFile& file) {
  if (!file.index) return std::nullopt;
  SaveStep step{event.what, *file.index};
  if (event.what != FileStep::kWrite) return file.begun ? std::optional(step) : std::nullopt;
  if (!joined) return std::nullopt;
  // Without a byte that was seen, as in a file that is mapped, the first touch stands for all.
  if (file.bytes == 0 ? file.begun : *joined == 0) return std::nullopt;
  if (file.bytes > 0) step.share = static_cast<double>(*joined) / static_cast<double>(file.bytes);
  file.begun = true;
  return step;
}

}  // namespace

std::optional<SaveSequence> seen_sequence(const std::vector<FileOperation>& operations,
                                          const Written& written) {
  FollowedFiles followed;
  for (const FileOperation& operation : operations) followed.add(operation);
  SaveSequence sequence;
  if (!followed.place(written, sequence)) return std::nullopt;
  const std::vector<FileEvent>& events = followed.events();
  const auto joined = joined_writes(events, followed.files().size());
  for (size_t i = 0; i < events.size(); ++i) {
    if (events[i].what == FileStep::kSyncFolder) {
      sequence.steps.push_back({FileStep::kSyncFolder});
      continue;
    }
    const auto step = step_of(events[i], joined[i], followed.files()[events[i].file]);
    if (step) sequence.steps.push_back(*step);
  }
  return sequence;
}

}  // namespace ckptbench
