#include "harness/core/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>

#include "harness/core/digest_json.h"
#include "harness/core/json_fields.h"
#include "harness/core/json_text.h"
#include "harness/core/one_line.h"

namespace ckptbench {
namespace {

constexpr std::array<std::string_view, 13> kEvents{
    "start",   "step",     "requested", "captured", "durable", "failed", "skipped",
    "retired", "restored", "end",       "retain",   "changed", "awaited"};

int64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

constexpr auto kEntryFields = [](auto& json, auto& entry) {
  const auto as_it_is = [](const std::string& text) { return text; };
  const auto to_text = [](const nlohmann::json& value) { return value.get<std::string>(); };
  json.enumeration("event", entry.event, kEvents);
  json.field("rank", entry.rank);
  json.field("step", entry.step);
  json.field("seq", entry.seq);
  json.field("t_ns", entry.t_ns);
  json.field("pid", entry.pid);
  json.converted("survives", entry.survives, !entry.survives.empty(), as_it_is, to_text);
  json.converted("contents", entry.contents, !entry.contents.empty(), as_it_is, to_text);
  json.converted("detail", entry.detail, !entry.detail.empty(), as_it_is, to_text);
  json.converted("by", entry.by, !entry.by.empty(), as_it_is, to_text);
  const auto seqs = [](const std::vector<uint64_t>& values) { return values; };
  json.converted("keeps", entry.keeps, !entry.keeps.empty(), seqs, whole_numbers);
  json.converted("drops", entry.drops, !entry.drops.empty(), seqs, whole_numbers);
  json.optional("in_flight", entry.in_flight);
  // JSON has no NaN: null says that the loss was no number.
  const auto loss_to_json = [](const std::optional<double>& loss) {
    return std::isfinite(*loss) ? nlohmann::json(*loss) : nlohmann::json(nullptr);
  };
  const auto loss_from_json = [](const nlohmann::json& value) {
    return value.is_null() ? std::nan("") : value.get<double>();
  };
  json.converted("loss", entry.loss, entry.loss.has_value(), loss_to_json, loss_from_json);
  json.converted("digests", entry.digests, !entry.digests.empty(), digests_to_json,
                 digests_from_json);
};

}  // namespace

std::string_view event_name(Event event) {
  return kEvents.at(static_cast<size_t>(event));
}

std::string format_entry(const JournalEntry& entry) {
  nlohmann::json out;
  write_fields(out, entry, kEntryFields);
  return json_text(out) + "\n";
}

Result<JournalEntry> parse_entry(const std::string& line) {
  try {
    JournalEntry entry;
    read_fields(parse_json(line), "journal entry", entry, kEntryFields);
    return entry;
  } catch (const std::exception& error) {
    return Error{one_line(error.what())};
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
      return Error{one_line(fmt::format("journal {}, line {}: {}", path,
                                        contents.entries.size() + 1, entry.error().message))};
    }
    contents.entries.push_back(std::move(entry).value());
  }
  return contents;
}

}  // namespace ckptbench
