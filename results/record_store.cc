#include "results/record_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>

#include "faults/fault_kinds.h"
#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

Error system_error(const std::string& path, std::string_view what) {
  return Error{fmt::format("{}: {}: {}", path, what, std::strerror(errno))};
}

Status write_all(int fd, const std::string& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error(path, "cannot append");
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

// Offset just behind the last newline: where the next whole line belongs.
Result<off_t> end_of_last_line(int fd, const std::string& path, off_t size) {
  char byte = 0;
  for (off_t at = size; at > 0; --at) {
    if (::pread(fd, &byte, 1, at - 1) != 1) return system_error(path, "cannot read");
    if (byte == '\n') return at;
  }
  return off_t{0};
}

// Records that replace one another: the runs of one cell, or of one number of a sweep. The words of
// a point are no identity: neither the end of a sweep nor a run that failed before its point has
// any.
std::pair<std::string, std::string> identity(const Record& record) {
  const bool sweep = record.cell.kind == CellKind::kSweep;
  return {record.cell.id, sweep ? json_text(record.cell.fault) : ""};
}

// With a finding it is a verdict, which no other run may take back.
bool is_failed(const Record& record) {
  const bool harness = record.verdict && !is_sound(*record.verdict) &&
                       record.verdict->outcome == HarnessOutcome::kHarnessError;
  return harness || !record.error.empty();
}

}  // namespace

Result<RecordStore> RecordStore::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return system_error(path, "cannot be opened");
  RecordStore store(fd, path);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return Error{path + ": another run is writing to it"};
    return system_error(path, "cannot be locked");
  }
  Status cut = store.cut_torn_tail();
  if (!cut) return cut.error();
  return store;
}

RecordStore::RecordStore(RecordStore&& other) noexcept
    : fd_(other.fd_), path_(std::move(other.path_)), warning_(std::move(other.warning_)) {
  other.fd_ = -1;
}

RecordStore::~RecordStore() {
  if (fd_ >= 0) ::close(fd_);
}

Status RecordStore::cut_torn_tail() {
  struct stat info {};
  if (::fstat(fd_, &info) != 0) return system_error(path_, "cannot stat");
  const auto end = end_of_last_line(fd_, path_, info.st_size);
  if (!end) return end.error();
  if (end.value() == info.st_size) return {};
  warning_ = fmt::format("{}: cut off an unfinished last line of {} bytes", path_,
                         info.st_size - end.value());
  if (::ftruncate(fd_, end.value()) != 0) return system_error(path_, "cannot cut the torn line");
  return {};
}

Status RecordStore::append(const Record& record) {
  const nlohmann::json line = record;
  const std::string text = json_text(line) + "\n";
  Status written = write_all(fd_, path_, text);
  if (!written) return written;
  if (::fsync(fd_) != 0) return system_error(path_, "cannot fsync");
  return {};
}

Result<StoredRecords> read_records(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{path + ": cannot be opened"};
  StoredRecords stored;
  std::string line;
  for (size_t number = 1; std::getline(file, line); ++number) {
    if (file.eof()) {  // no newline: the run died inside its append
      stored.warning = fmt::format("{}: skipped line {}, which is unfinished ({} bytes)", path,
                                   number, line.size());
      break;
    }
    const auto json = try_parse_json(line);
    if (json.is_discarded()) {
      return Error{fmt::format("{}, line {}: expected a record as one line of JSON", path, number)};
    }
    try {
      stored.records.push_back(json.get<Record>());
      const auto fault = fault_kinds().read(stored.records.back().cell.fault);
      if (!fault) throw std::runtime_error(fault.error().message);
    } catch (const std::exception& error) {
      return Error{fmt::format("{}, line {}: {}", path, number, error.what())};
    }
  }
  return stored;
}

std::vector<Record> latest_records(const std::vector<Record>& records) {
  std::map<std::pair<std::string, std::string>, size_t> last;
  for (size_t i = 0; i < records.size(); ++i) last[identity(records[i])] = i;
  std::vector<Record> latest;
  for (size_t i = 0; i < records.size(); ++i) {
    if (last[identity(records[i])] == i) latest.push_back(records[i]);
  }
  return latest;
}

std::set<std::string> failed_cells(const std::vector<Record>& records) {
  std::set<std::string> failed;
  for (const Record& record : latest_records(records)) {
    if (is_failed(record)) failed.insert(record.cell.id);
  }
  return failed;
}

std::set<std::string> finished_cells(const std::vector<Record>& records) {
  std::set<std::string> finished;
  for (const Record& record : latest_records(records)) {
    if (is_failed(record)) continue;
    const auto outcome = record.verdict ? record.verdict->outcome : std::nullopt;
    const bool ends =
        outcome == HarnessOutcome::kSweepEnd || outcome == HarnessOutcome::kNotApplicable;
    if (record.cell.kind != CellKind::kSweep || ends) finished.insert(record.cell.id);
  }
  return finished;
}

}  // namespace ckptbench
