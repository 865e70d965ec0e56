// parse_suite, parse_known_failures and the plan of cells: hostile TOML. An error names the file
// and one of its lines; what is accepted has values within their limits and can be planned.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "fuzz/fuzz_target.h"
#include "fuzz/seed_files.h"
#include "harness/suite/cell_plan.h"
#include "harness/suite/suite.h"

namespace ckptbench {
namespace {

constexpr std::string_view kSource = "hostile.toml";

void check_error(std::string_view message, std::string_view text) {
  must_be_one_line(message);
  const std::string lead = fmt::format("{}:", kSource);
  must_hold(message.starts_with(lead), "an error that does not name the file");
  const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
  long line = 0;
  const auto [end, error] =
      std::from_chars(message.data() + lead.size(), message.data() + message.size(), line);
  must_hold(error == std::errc{} && *end == ':', "an error that does not name its line");
  must_hold(line >= 1 && line <= lines, "an error in a line that the file does not have");
}

void check_selections(const std::vector<Selection>& selections) {
  must_hold(!selections.empty(), "a group without workloads or strategies");
  for (const Selection& selection : selections) {
    must_hold(!selection.name.empty(), "a selection without a name");
  }
}

void check_group(const SuiteGroup& group) {
  check_selections(group.workloads);
  check_selections(group.strategies);
  const Cell& cell = group.cell;
  must_hold(cell.steps >= 1 && group.repeat >= 1, "no steps or no repetition");
  must_hold(cell.deadline_s >= 0.1 && cell.deadline_s <= 1e6, "the deadline");
  must_hold(cell.kind == CellKind::kMeasure || cell.more_steps >= 1, "no further steps");
  for (const uint64_t threads : group.threads) must_hold(threads >= 1, "no thread");
  for (const auto& [kind, faults] : group.faults) {
    if (kind != "moment") continue;
    for (const double at : faults.reals("at")) {
      must_hold(at >= 0 && at <= 1, "a moment outside [0, 1]");
    }
  }
}

void check_suite(const std::string& text) {
  const Result<Suite> suite = parse_suite(text, std::string(kSource));
  if (!suite) return check_error(suite.error().message, text);
  must_hold(!suite.value().name.empty() && !suite.value().groups.empty(), "an empty suite");
  for (const SuiteGroup& group : suite.value().groups) check_group(group);
  const Result<std::vector<Cell>> cells = make_plan(suite.value());
  if (!cells) return must_be_one_line(cells.error().message);
  must_hold(cells.value().size() <= kMaxCells, "more cells than a suite may have");
  std::set<std::string> ids;
  for (const Cell& cell : cells.value()) {
    must_hold(ids.insert(cell.id).second, "two cells of one id");
    must_hold(cell.id.find('/') == std::string::npos && cell.id.size() <= 255,
              "an id that is no file name");
  }
}

void run(std::string_view input) {
  const std::string text(input);
  check_suite(text);
  const auto known = parse_known_failures(text, std::string(kSource));
  if (!known) return check_error(known.error().message, text);
  for (const KnownFailure& failure : known.value()) {
    must_hold(failure.source.starts_with("https://"), "a known failure without a source");
  }
}

constexpr std::array<std::string_view, 24> kValues{
    "0",           "-1",         "1e308",   "nan",       "inf",   "9223372036854775807",
    "1000000000",  "0.5",        "true",    "\"\"",      "[]",    "{}",
    "[[]]",        "1979-05-27", "\"..\"",  "\"sync\"",  "[1,1]", "\"a:b=1\"",
    "\"\\u0007\"", "\"x\" # y",  "\"a:b\"", "[\"a\",1]", "1",     "[{name=\"a\"}]"};

// A line doubled, left out, moved, or given another value.
std::string mutate(std::string_view input, Prng& random, const BlindMutation& blind) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < input.size();) {
    const size_t end = std::min(input.find('\n', begin), input.size());
    lines.emplace_back(input.substr(begin, end - begin));
    begin = end + 1;
  }
  if (lines.empty()) return {};
  std::string& line = lines[random.below(lines.size())];
  const std::string& other = lines[random.below(lines.size())];
  const auto place = lines.begin() + (&line - lines.data());
  const size_t equals = line.find('=');
  switch (random.below(6)) {
    case 0:
      lines.insert(place, std::string(other));
      break;
    case 1:
      lines.erase(place);
      break;
    case 2:
      line = blind(line);
      break;
    case 3:
      line = other;
      break;
    default:
      if (equals == std::string::npos) return {};
      line = line.substr(0, equals + 1).append(kValues[random.below(kValues.size())]);
  }
  return fmt::format("{}\n", fmt::join(lines, "\n"));
}

std::vector<std::string> seeds() {
  std::vector<std::string> texts;
  for (const auto& [name, content] : shipped_suites()) texts.push_back(content);
  texts.emplace_back(R"(name = "all"
seed = 3
[[trial]]
workloads = [{name = "shapes", mb = 2}]
strategies = ["sync:fsync=false", "async"]
policy = {every_steps = 2, keep_last = 2, monitor = "loss", best_only = true}
seeds = [1, 2]
threads = [1, 2]
steps = 9
more_steps = 4
phases = {names = ["write"], edges = ["after"], occurrences = [2], sample = 1}
file_ops = [{operations = ["fsync"], when = ["partial"], path = "*.tmp", count = 2}]
moments = {at = [0.5, 1.0]}
[[known_failures]]
strategy = "torch-save"
verdict = "LEAK"
reason = "why"
source = "https://example.org"
)");
  return texts;
}

}  // namespace

FuzzTarget suite_fuzz() {
  return {.name = "suite", .run = run, .mutate = mutate, .seeds = seeds};
}

}  // namespace ckptbench
