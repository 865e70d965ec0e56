// What to avoid: what lost or refused a checkpoint, failed a save, or stalls far longer than
// others.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "harness/core/count_text.h"
#include "results/answer_parts.h"
#include "results/figure_text.h"

namespace ckptbench {
namespace {

constexpr double kFarLonger = 2;  // a stall that is worth avoiding, against the best one

// How many times as long as the other a stall is at least, by the near ends of both intervals. NaN:
// the intervals do not show it.
double surely_times(const Estimate& stall, const Estimate& other) {
  const bool shown = stall.has_interval() && other.has_interval() && other.high > 0;
  return shown ? stall.low / other.high : std::numeric_limits<double>::quiet_NaN();
}

// What speaks against a strategy, whatever the workload, and how heavily: larger is worse.
struct Objection {
  std::string text;
  int weight = 0;
};

// A loss in a measured cell is never allowed.
int weight_of_loss(const VerdictTally& trials, bool measured) {
  const int data = trials.worst && trials.worst->data ? static_cast<int>(*trials.worst->data) : 0;
  return (measured || trials.not_allowed > 0 ? 200 : 100) - data;
}

// The worst first, each strategy once: it may have rows of several workloads.
std::string losses(const AnswerBasis& basis) {
  std::vector<Objection> all;
  for (const ResultRow& row : basis.results.rows) {
    const std::string lost = row.broken() ? "" : basis.loss_of(row);
    const std::string text = fmt::format("{} ({})", row.name, lost);
    const bool known = std::any_of(all.begin(), all.end(),
                                   [&](const Objection& other) { return other.text == text; });
    if (lost.empty() || known) continue;
    const bool measured = !basis.results.measured_loss_of(row.strategy).empty();
    all.push_back({text, weight_of_loss(basis.trials_of(row), measured)});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Objection& a, const Objection& b) { return a.weight > b.weight; });
  std::vector<std::string> texts;
  for (const Objection& own : all) texts.push_back(own.text);
  return joined(texts, ", ");
}

std::vector<std::string> failures_on(const AnswerBasis& basis, const std::string& place) {
  std::vector<std::string> failed;
  for (const ResultRow& row : basis.results.rows) {
    if (row.place() != place || !row.failed() || row.broken() || basis.lost(row)) continue;
    const double saves = row.metric("failed_saves").value;
    const std::string reason = row.first_failure();
    if (saves > 0) {
      failed.push_back(fmt::format("{} (failed saves: {}{}{})", row.name, saves,
                                   reason.empty() ? "" : ", the first: ", reason));
    } else {
      failed.push_back(fmt::format("{} (did not delete old checkpoints: {})", row.name,
                                   row.retention_failure()));
    }
  }
  return failed;
}

// "async, incremental and sync"; of more than three: "async, incremental, sync and 2 others".
std::string first_names(const std::vector<const ResultRow*>& rows) {
  constexpr size_t kNamed = 3;
  std::vector<std::string> parts;
  for (const ResultRow* row : rows) {
    if (parts.size() < kNamed) parts.push_back(row->name);
  }
  if (rows.size() > kNamed) parts.push_back(count_text(rows.size() - kNamed, "other"));
  const std::string last = parts.back();
  parts.pop_back();
  return fmt::format("{} and {}", joined(parts, ", "), last);
}

// All rows that the line of what to use names: which of them is the surest is luck. The least of
// their stalls, whosever it is, is at most the surest one's upper end.
std::string least_stall_of(const BestRows& best) {
  if (best.sole()) return "the stall of " + best.rows.front()->name;
  return fmt::format("the least stall of {}, which are not told apart", first_names(best.rows));
}

// Rows of the section that surely stall far longer than its best ones: "at least this many times
// the stall of async: sync 2.9, compressed 3.4".
std::string slow_against(const AnswerBasis& basis, const BestRows& best) {
  const ResultRow* surest = best.surest();
  if (surest == nullptr) return "";
  std::vector<std::string> rows;
  for (const ResultRow* row : best.section->rows) {
    const double times = surely_times(row->metric("stall_ns"), surest->metric("stall_ns"));
    const bool told = row->broken() || basis.lost(*row) || row->failed();
    if (told || !(times > kFarLonger)) continue;
    rows.push_back(fmt::format("{} {}", row->name, format_number_below(times, 2)));
  }
  if (rows.empty()) return "";
  return fmt::format("at least this many times {}: {}", least_stall_of(best), joined(rows, ", "));
}

std::string nothing_to_avoid(const AnswerBasis& basis) {
  if (!basis.results.unmet.empty()) return "nothing among what a fault met";
  return basis.anything_tried() ? "nothing: no strategy here lost or refused a checkpoint"
                                : std::string(kUntried);
}

}  // namespace

std::vector<AnswerLine> avoid_lines(const AnswerBasis& basis) {
  std::vector<AnswerLine> lines;
  const std::string lost = losses(basis);
  if (!lost.empty()) lines.push_back({"avoid", lost});
  std::vector<std::string> places;
  for (const ResultRow& row : basis.results.rows) add_once(places, row.place());
  for (const std::string& place : places) {
    std::vector<std::string> parts = failures_on(basis, place);
    for (const BestRows& best : basis.best) {
      if (best.rows.front()->place() != place) continue;
      const std::string slow = slow_against(basis, best);
      if (!slow.empty()) parts.push_back(slow);
    }
    if (!parts.empty()) lines.push_back({"avoid on " + place, joined(parts, "; ")});
  }
  if (lines.empty()) lines.push_back({"avoid", nothing_to_avoid(basis)});
  return lines;
}

}  // namespace ckptbench
