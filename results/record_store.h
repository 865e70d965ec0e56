// results.jsonl: one Record per line, appended and fsynced per cell, so that an interrupted run
// resumes where it stopped. A torn last line (the run died inside its append) is skipped with a
// warning when reading and cut off before the next append; a damaged line before the last is an
// error. One writer per file; the reader may run at any time.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/record.h"

namespace ckptbench {

class RecordStore {
 public:
  // Creates the file where needed, cuts off a torn last line (then `warning` says so). Errors: the
  // file cannot be opened, locked (another run is writing it) or cut.
  static Result<RecordStore> open(const std::string& path);
  RecordStore(RecordStore&& other) noexcept;
  RecordStore& operator=(RecordStore&&) = delete;
  ~RecordStore();

  // Durable when it returns ok.
  Status append(const Record& record);
  const std::string& warning() const { return warning_; }  // empty: nothing was cut off

 private:
  RecordStore(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  Status cut_torn_tail();
  int fd_;
  std::string path_;
  std::string warning_;
};

struct StoredRecords {
  std::vector<Record> records;  // in file order
  std::string warning;          // not empty: a torn last line was skipped
};
// Errors: no such file; a damaged line before the last, with its number.
Result<StoredRecords> read_records(const std::string& path);

// The last record of each cell (of each cell and number, in a sweep) in file order: a cell that was
// run again after an error counts once.
std::vector<Record> latest_records(const std::vector<Record>& records);

// Ids of the cells that --resume need not run again: a record without an error, and no
// HARNESS-ERROR without a finding; for a sweep, the record that ends it (SWEEP-END or
// NOT-APPLICABLE).
std::set<std::string> finished_cells(const std::vector<Record>& records);
// Ids of the cells that have been run and could not be: --resume runs them again.
std::set<std::string> failed_cells(const std::vector<Record>& records);

}  // namespace ckptbench
