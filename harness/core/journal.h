// The journal: what the training process says of its saves, kept outside the fault's reach. JSON
// Lines; every event is one write(2) to an O_APPEND descriptor, so it survives SIGKILL whole, and
// appends from a forked writer interleave by line. A torn last line is left out and named.
//   {"event":"requested","rank":0,"step":12,"t_ns":123,"pid":7}
// t_ns is CLOCK_MONOTONIC, comparable between processes of one machine since its boot.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/digest.h"
#include "harness/core/error.h"

namespace ckptbench {

enum class Event {
  kStart,      // the process begins: role in `detail`
  kStep,       // step finished; digests where the oracle wants them; loss
  kRequested,  // written before Strategy::save is called
  kCaptured,   // the state is taken: training may change it
  kDurable,    // committed; `survives` says against what
  kFailed,     // this save failed; reason in `detail`
  kSkipped,    // the strategy declined this save; reason in `detail`
  kRetired,    // retention is about to delete it
  kRestored,   // state restored: step, seq
  kEnd,        // the process finished its job in order
  kRetain,     // written before Strategy::retain is called: what must stay, what may go
  kChanged,    // the directory changed after save() of `step` had returned; `detail` names the file
  kAwaited,    // training is over: a wait that blocks is about to ask for what is undecided
};

struct JournalEntry {
  Event event = Event::kStart;
  uint64_t rank = 0;
  uint64_t step = 0;
  uint64_t seq = 0;  // 0 where the strategy has none
  int64_t t_ns = 0;
  int64_t pid = 0;
  std::string survives;  // kDurable: comma-separated subset of process,power,host,media
  std::string contents;  // kRequested, kDurable: "full" | "weights"
  std::string detail;
  std::string by;               // who says so: "observer" | "wait" | "save" | "durable"
  std::vector<uint64_t> keeps;  // kRetain: seqs that must stay
  std::vector<uint64_t> drops;  // kRetain: seqs that the caller knows and does not keep
  // kRequested: an earlier save was undecided when the strategy was last asked before; absent:
  // unknown.
  std::optional<bool> in_flight;
  std::optional<double> loss;
  ComponentDigests digests;
};

std::string_view event_name(Event event);
// One line with its newline.
std::string format_entry(const JournalEntry& entry);
Result<JournalEntry> parse_entry(const std::string& line);

// Appends entries. Owns its descriptor; one per process; usable from any thread and after fork.
class JournalWriter {
 public:
  static Result<JournalWriter> open(const std::string& path, uint64_t rank);
  JournalWriter(JournalWriter&& other) noexcept;
  JournalWriter& operator=(JournalWriter&&) = delete;
  ~JournalWriter();

  // Fills rank, t_ns and pid. Throws ExitError(kHarness) when the journal cannot be written: then
  // nothing that the process writes afterwards is reliable.
  void append(JournalEntry entry);

 private:
  JournalWriter(int fd, uint64_t rank) : fd_(fd), rank_(rank) {}
  int fd_;
  uint64_t rank_;
};

struct JournalContents {
  std::vector<JournalEntry> entries;
  std::string torn_tail;  // not empty: the unfinished last line that was skipped
};
// A file that does not exist is an error; a damaged line that is not the last is one too.
Result<JournalContents> read_journal(const std::string& path);

}  // namespace ckptbench
