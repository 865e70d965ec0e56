// What one save does with its files: which it writes, syncs and renames, and when it syncs the
// folder, in its own order. The probes and the interference floor repeat it (plain_files.h). Plain
// values and free functions; any thread.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ckptbench {

using FileSizes = std::vector<uint64_t>;  // of one save, in the order in which it finished them

// kSync: of the file. kRename: to its final name, by whatever call gives it that name.
enum class FileStep { kWrite, kSync, kRename, kSyncFolder };

struct SaveStep {
  FileStep what = FileStep::kWrite;
  uint64_t file = 0;  // index; none of kSyncFolder
  double share = 1;   // kWrite: of the file's bytes; those of one file add up to 1
  friend bool operator==(const SaveStep&, const SaveStep&) = default;
};

// How a file is written. direct: past the page cache. preallocated: into space set aside.
struct WriteKind {
  bool direct = false;
  bool preallocated = false;
  friend bool operator==(const WriteKind&, const WriteKind&) = default;
};

struct SaveSequence {
  FileSizes sizes = {};
  // Each file is written before it is synced or renamed. One that is not renamed is written under
  // its final name.
  std::vector<SaveStep> steps = {};
  std::vector<WriteKind> kinds = {};  // of each file; none: not seen

  bool has(FileStep what) const;
  std::optional<WriteKind> kind_of(uint64_t file) const;
};

// A common sequence: each file but the last is written, and synced; all of them are renamed; the
// folder is synced; then the last one, the commit record, in the same way.
struct CommonSteps {
  bool sync = true;
  bool rename = true;
  bool sync_folder = true;
};
SaveSequence common_sequence(FileSizes sizes, const CommonSteps& steps);

// One save to be repeated: a sequence with the sizes to be written.
struct PlainSave {
  SaveSequence sequence;
  // Files that are not renamed are emptied and written again under the names that are there.
  bool in_place = false;
};
// What a save that claims this does at the least. In place: no other name, no sync of the folder.
PlainSave claimed_save(FileSizes sizes, bool survives_power, bool in_place = false);

// `sequence` with other sizes: the largest file has the largest of them, and so on. Where their
// numbers differ: the common sequence with the kinds of steps that `sequence` has, the files
// written as its largest, the last of several as its last.
SaveSequence with_sizes(const SaveSequence& sequence, FileSizes sizes);

// "write 1, sync 1, rename 1, sync folder"; of many steps the first.
std::string sequence_text(const SaveSequence& sequence);

void to_json(nlohmann::json& out, const SaveStep& value);
void from_json(const nlohmann::json& in, SaveStep& value);
void to_json(nlohmann::json& out, const WriteKind& value);
void from_json(const nlohmann::json& in, WriteKind& value);
void to_json(nlohmann::json& out, const SaveSequence& value);
void from_json(const nlohmann::json& in, SaveSequence& value);

}  // namespace ckptbench
