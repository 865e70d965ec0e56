#include "harness/core/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "harness/core/digest_json.h"
#include "harness/core/json_fields.h"
#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

constexpr std::array<std::string_view, 10> kEvents{"start",    "step",   "requested", "captured",
                                                   "durable",  "failed", "skipped",   "retired",
                                                   "restored", "end"};

int64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

JournalEntry entry_from_json(const nlohmann::json& in) {
  JournalEntry entry;
  JsonFields fields(in, "journal entry");
  fields.get_enum("event", entry.event, kEvents);
  fields.get("rank", entry.rank);
  fields.get("step", entry.step);
  fields.get("seq", entry.seq);
  fields.get("t_ns", entry.t_ns);
  fields.get("pid", entry.pid);
  fields.get("survives", entry.survives);
  fields.get("contents", entry.contents);
  fields.get("detail", entry.detail);
  nlohmann::json loss;
  fields.get("loss", loss);
  if (loss.is_number()) entry.loss = loss.get<double>();
  nlohmann::json digests;
  fields.get("digests", digests);
  if (digests.is_object()) entry.digests = digests_from_json(digests);
  fields.done();
  return entry;
}

}  // namespace

std::string_view event_name(Event event) {
  return kEvents.at(static_cast<size_t>(event));
}

std::string format_entry(const JournalEntry& entry) {
  nlohmann::ordered_json out;
  out["event"] = event_name(entry.event);
  out["rank"] = entry.rank;
  out["step"] = entry.step;
  out["seq"] = entry.seq;
  out["t_ns"] = entry.t_ns;
  out["pid"] = entry.pid;
  if (!entry.survives.empty()) out["survives"] = entry.survives;
  if (!entry.contents.empty()) out["contents"] = entry.contents;
  if (!entry.detail.empty()) out["detail"] = entry.detail;
  if (entry.loss) out["loss"] = *entry.loss;
  if (!entry.digests.empty()) out["digests"] = digests_to_json(entry.digests);
  return json_text(out) + "\n";
}

Result<JournalEntry> parse_entry(const std::string& line) {
  try {
    return entry_from_json(parse_json(line));
  } catch (const std::exception& error) {
    return Error{error.what()};
  }
}

Result<JournalWriter> JournalWriter::open(const std::string& path, uint64_t rank) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return Error{fmt::format("journal {}: {}", path, std::strerror(errno))};
  return JournalWriter(fd, rank);
}

JournalWriter::JournalWriter(JournalWriter&& other) noexcept : fd_(other.fd_), rank_(other.rank_) {
  other.fd_ = -1;
}

JournalWriter::~JournalWriter() {
  if (fd_ >= 0) ::close(fd_);
}

void JournalWriter::append(JournalEntry entry) {
  entry.rank = rank_;
  entry.t_ns = monotonic_ns();
  entry.pid = ::getpid();
  const std::string line = format_entry(entry);
  const ssize_t written = ::write(fd_, line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size())) {
    throw ExitError(ExitCode::kHarness,
                    fmt::format("the journal could not be appended to: {}", std::strerror(errno)));
  }
}

Result<JournalContents> read_journal(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{fmt::format("journal {}: cannot be opened", path)};
  JournalContents contents;
  std::string line;
  while (std::getline(file, line)) {
    if (file.eof()) {  // no newline: the process died inside its last append
      contents.torn_tail = line;
      break;
    }
    auto entry = parse_entry(line);
    if (!entry) {
      return Error{fmt::format("journal {}, line {}: {}", path, contents.entries.size() + 1,
                               entry.error().message)};
    }
    contents.entries.push_back(std::move(entry).value());
  }
  return contents;
}

}  // namespace ckptbench
