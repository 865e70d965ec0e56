#include "results/measurement_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/core/observed_keys.h"

namespace ckptbench {
namespace {

// "A; B" as A and B.
std::vector<std::string> split(const std::string& text, std::string_view separator) {
  std::vector<std::string> words;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(separator, at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + separator.size();
  }
  return words;
}

struct Shape {
  std::vector<std::string> words;  // "4 threads", "1 MiB", "direct"
  size_t processes = 0;
};

// Each shape once, what most processes kept first. A process names several: "A; B".
std::vector<Shape> shapes_of(const ResultRow& row, std::string_view key) {
  std::map<std::string, size_t> processes;
  for (const nlohmann::json& seen : row.observed) {
    const auto found = seen.find(key);
    if (found == seen.end() || !found->is_string()) continue;
    const std::vector<std::string> names = split(found->get<std::string>(), "; ");
    for (const std::string& name : std::set<std::string>(names.begin(), names.end())) {
      ++processes[name];
    }
  }
  std::vector<Shape> shapes;
  for (const auto& [name, count] : processes) shapes.push_back({split(name, ", "), count});
  std::stable_sort(shapes.begin(), shapes.end(),
                   [](const Shape& a, const Shape& b) { return a.processes > b.processes; });
  return shapes;
}

// How many words all of them end with; each keeps one of its own.
size_t shared_words(const std::vector<Shape>& shapes) {
  if (shapes.size() < 2) return 0;
  const std::vector<std::string>& first = shapes.front().words;
  const auto all_have = [&](size_t from_end) {
    return std::all_of(shapes.begin(), shapes.end(), [&](const Shape& shape) {
      const std::vector<std::string>& words = shape.words;
      return words.size() > from_end &&
             words[words.size() - from_end] == first[first.size() - from_end];
    });
  };
  size_t shared = 0;
  while (all_have(shared + 1)) ++shared;
  return shared;
}

// "4 threads, 1 MiB (7 of 10 processes); 1 thread, 16 MiB (3); all direct". Empty: none was seen.
std::string shapes_text(const ResultRow& row, std::string_view key) {
  const std::vector<Shape> shapes = shapes_of(row, key);
  const auto shared = static_cast<std::ptrdiff_t>(shared_words(shapes));
  std::string out;
  for (const auto& [words, processes] : shapes) {
    const std::string count =
        out.empty() ? fmt::format("{} of {} processes", processes, row.observed.size())
                    : std::to_string(processes);
    out += fmt::format("{}{} ({})", out.empty() ? "" : "; ",
                       fmt::join(words.begin(), words.end() - shared, ", "), count);
  }
  if (shared == 0) return out;
  const std::vector<std::string>& words = shapes.front().words;
  return fmt::format("{}; all {}", out, fmt::join(words.end() - shared, words.end(), ", "));
}

bool stayed_unsteady(const nlohmann::json& seen) {
  const auto steady = seen.find(observed::kWarmUpSteady);
  const auto steps = seen.find(observed::kWarmUpSteps);
  return steady != seen.end() && steady->is_boolean() && !steady->get<bool>() &&
         steps != seen.end() && steps->is_number() && steps->get<double>() > 0;
}

// Empty: they became steady, or there was no time to see it.
std::string unsteady_text(const ResultRow& row) {
  const auto count = std::count_if(row.observed.begin(), row.observed.end(), stayed_unsteady);
  if (count == 0) return "";
  const std::string text = "plain steps did not become steady before the windows";
  if (row.observed.size() > 1)
    return fmt::format("{} in {} of {} processes", text, count, row.observed.size());
  return fmt::format("{} ({} steps)", text, row.most_observed(observed::kWarmUpSteps));
}

class Lines {
 public:
  explicit Lines(const ResultRow& row) : row_(row) {}

  // Into the line that is open.
  void add(const std::string& text) {
    if (!text.empty()) line_ += (line_.empty() ? "" : "; ") + text;
  }
  void add(std::string_view words, std::string_view key) {
    const std::vector<std::string> texts = row_.texts_observed(key);
    if (!texts.empty()) add(fmt::format("{} {}", words, fmt::join(texts, ", ")));
  }
  void add_shapes(std::string_view words, std::string_view key) {
    const std::string text = shapes_text(row_, key);
    if (!text.empty()) add(fmt::format("{} {}", words, text));
  }
  void end_line() {
    if (!line_.empty()) lines_.push_back(std::move(line_));
    line_.clear();
  }
  std::vector<std::string> finish() {
    end_line();
    return std::move(lines_);
  }

 private:
  const ResultRow& row_;
  std::string line_;
  std::vector<std::string> lines_;
};

void add_end(const ResultRow& row, Lines& lines) {
  const double pairs = row.most_observed(observed::kPairs);
  if (pairs > 0) lines.add(fmt::format("{} pairs in a process", pairs));
  lines.add("stopped by:", observed::kStoppedBy);
}

void add_conditions(const ResultRow& row, Lines& lines) {
  lines.add(unsteady_text(row));
  lines.add("windows:", observed::kShortWindows);
  lines.add("memory:", observed::kMemoryMethod);
  lines.add("no warm restore:", observed::kWarmRestoreMissing);
}

std::vector<std::string> lines_of_several(const ResultRow& row) {
  Lines lines(row);
  add_end(row, lines);
  add_conditions(row, lines);
  lines.end_line();
  lines.add_shapes("write probes:", observed::kProbeShape);
  lines.end_line();
  lines.add("in the sequence:", observed::kProbeSequence);
  lines.end_line();
  lines.add_shapes("read probes:", observed::kReadProbeShape);
  return lines.finish();
}

}  // namespace

std::vector<std::string> measurement_lines(const ResultRow& row) {
  if (row.observed.size() > 1) return lines_of_several(row);
  Lines lines(row);
  add_end(row, lines);
  lines.add("write probes:", observed::kProbeShape);
  lines.add("in the sequence:", observed::kProbeSequence);
  lines.add("read probes:", observed::kReadProbeShape);
  add_conditions(row, lines);
  return lines.finish();
}

}  // namespace ckptbench
