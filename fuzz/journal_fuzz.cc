// read_journal: hostile lines. What is accepted says exactly what the lines say, and a journal cut
// anywhere, as a crash does it, is read up to the cut.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>

#include "fuzz/fuzz_target.h"
#include "fuzz/json_mutation.h"
#include "fuzz/seed_files.h"
#include "harness/core/journal.h"
#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

// A file of this content for a reader that wants a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view content) : fd_(::memfd_create("journal", MFD_CLOEXEC)) {
    while (fd_ >= 0 && !content.empty()) {
      const ssize_t count = ::write(fd_, content.data(), content.size());
      if (count <= 0) throw std::runtime_error("a memory file cannot be written");
      content.remove_prefix(static_cast<size_t>(count));
    }
    if (fd_ < 0) throw std::runtime_error("no memory file");
  }
  ~MemoryFile() { ::close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return fmt::format("/proc/self/fd/{}", fd_); }

 private:
  int fd_;
};

Result<JournalContents> read(std::string_view text) {
  return read_journal(MemoryFile(text).path());
}

std::string written(const JournalContents& contents) {
  std::string text;
  for (const JournalEntry& entry : contents.entries) text += format_entry(entry);
  return text + contents.torn_tail;
}

// A field that has its default may be left out.
bool is_default(const nlohmann::json& value) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    return text.empty() || text == "start";
  }
  return value == 0 || (value.is_structured() && value.empty());
}

// A digest may be written in capitals.
bool is_same(const std::string& key, const nlohmann::json& said, const nlohmann::json& understood) {
  if (key != "digests") return said == understood;
  std::string text = json_text(said);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text == json_text(understood);
}

// Every field of the line, unchanged, and nothing that the line does not say.
void check_line(const std::string& line, const JournalEntry& entry) {
  const nlohmann::json said = parse_json(line);
  const nlohmann::json understood = parse_json(format_entry(entry));
  for (auto it = said.begin(); it != said.end(); ++it) {
    const bool same = understood.contains(it.key())
                          ? is_same(it.key(), it.value(), understood[it.key()])
                          : is_default(it.value());
    must_hold(same, fmt::format("{}: understood otherwise than written", it.key()));
  }
  for (auto it = understood.begin(); it != understood.end(); ++it) {
    const bool same = said.contains(it.key()) || is_default(it.value());
    must_hold(same, fmt::format("{}: not in the line", it.key()));
  }
}

void check_cut(std::string_view text, const JournalContents& whole) {
  const size_t at = text.size() * 2 / 3;
  const Result<JournalContents> part = read(text.substr(0, at));
  must_hold(part.ok(), "a journal that was cut is refused");
  const auto lines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  must_hold(part.value().entries.size() == static_cast<size_t>(lines), "entries before the cut");
  must_hold(part.value().entries.size() <= whole.entries.size(), "more entries than the whole has");
}

void run(std::string_view input) {
  const Result<JournalContents> first = read(input);
  if (!first) return must_be_one_line(first.error().message);
  std::string_view rest = input;
  for (const JournalEntry& entry : first.value().entries) {
    const size_t end = rest.find('\n');
    must_hold(end != std::string_view::npos, "more entries than lines");
    check_line(std::string(rest.substr(0, end)), entry);
    rest.remove_prefix(end + 1);
  }
  must_hold(rest == first.value().torn_tail, "the rest is not the torn tail");
  const std::string text = written(first.value());
  const Result<JournalContents> second = read(text);
  must_hold(second.ok(), "what was accepted is refused after it was written again");
  must_hold(written(second.value()) == text, "written in two ways");
  check_cut(input, first.value());
}

// One line as JSON, doubled, left out or moved.
std::string mutate(std::string_view input, Prng& random, const BlindMutation& blind) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < input.size();) {
    const size_t end = std::min(input.find('\n', begin), input.size());
    lines.emplace_back(input.substr(begin, end - begin));
    begin = end + 1;
  }
  if (lines.empty()) return {};
  const size_t at = random.below(lines.size());
  const auto place = lines.begin() + static_cast<std::ptrdiff_t>(at);
  switch (random.below(6)) {
    case 0:
      lines.insert(place, std::string(lines[random.below(lines.size())]));
      break;
    case 1:
      lines.erase(place);
      break;
    default:
      lines[at] = mutate_json(lines[at], random, blind);
  }
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  if (random.below(4) == 0 && !text.empty())
    text.resize(text.size() - 1 - random.below(text.size()));
  return text;
}

std::vector<std::string> seeds() {
  JournalEntry entry;
  std::string all;
  for (int event = 0; event <= static_cast<int>(Event::kAwaited); ++event) {
    entry.event = static_cast<Event>(event);
    entry.step = 7;
    entry.seq = 2;
    entry.t_ns = 123456789;
    entry.pid = 41;
    if (entry.event == Event::kStep) {
      entry.loss = 0.25;
      entry.digests[Role::kParameter] = {};
      entry.digests[Role::kRng] = {};
    }
    entry.in_flight.reset();
    if (entry.event == Event::kRequested) entry.in_flight = false;
    if (entry.event == Event::kDurable) entry.survives = "process,power";
    if (entry.event == Event::kDurable) entry.by = "wait";
    if (entry.event == Event::kFailed) entry.detail = "Größe: no space";
    if (entry.event == Event::kRetain) entry.keeps = {1, 2};
    if (entry.event == Event::kRetain) entry.drops = {3};
    all += format_entry(entry);
  }
  return {all, all.substr(0, all.size() / 2), format_entry({})};
}

}  // namespace

FuzzTarget journal_fuzz() {
  return {.name = "journal", .run = run, .mutate = mutate, .seeds = seeds};
}

}  // namespace ckptbench
