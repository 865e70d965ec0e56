#include "results/explain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "results/figure_text.h"
#include "results/interference.h"
#include "results/row_marks.h"
#include "results/text_table.h"

namespace ckptbench {
namespace {

constexpr double kWorthLowering = 0.10;  // share of the stall
constexpr size_t kLags = 8;              // steps after a save that are shown

const Metric& row_of(std::string_view key) {
  return *find_metric(key);
}

struct StallPart {
  std::string_view key;
  Estimate estimate;
};

// Those that were measured, the largest first.
std::vector<StallPart> parts_of(const ResultRow& row) {
  std::vector<StallPart> parts;
  for (const Metric& metric : all_metrics()) {
    if ((metric.shown & kStallPart) == 0 || !row.metric(metric.key).known()) continue;
    parts.push_back({metric.key, row.metric(metric.key)});
  }
  std::stable_sort(parts.begin(), parts.end(), [](const StallPart& a, const StallPart& b) {
    return a.estimate.value > b.estimate.value;
  });
  return parts;
}

// Keys of the row that match the pattern of a metric, with their words: "write" of phase_write_ns.
std::vector<std::pair<std::string, Estimate>> words_of(const ResultRow& row,
                                                       std::string_view pattern) {
  std::vector<std::pair<std::string, Estimate>> words;
  for (const auto& [key, estimate] : row.metrics) {
    const Metric* metric = find_metric(key);
    if (metric == nullptr || metric->key != pattern || !estimate.known()) continue;
    words.emplace_back(metric_word(*metric, key), estimate);
  }
  return words;
}

std::string phases_text(const ResultRow& row) {
  auto phases = words_of(row, "phase_*_ns");
  std::erase_if(phases, [](const auto& phase) { return phase.first == "restore"; });
  std::stable_sort(phases.begin(), phases.end(),
                   [](const auto& a, const auto& b) { return a.second.value > b.second.value; });
  std::string out;
  for (const auto& [name, estimate] : phases) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name, format_ms(estimate.value));
  }
  return out.empty() ? "" : "phases of a save, on whichever thread: " + out;
}

std::string lags_text(const ResultRow& row) {
  auto lags = words_of(row, "step_lag_*_ns");
  std::stable_sort(lags.begin(), lags.end(), [](const auto& a, const auto& b) {
    return std::atoi(a.first.c_str()) < std::atoi(b.first.c_str());
  });
  std::string out;
  for (size_t i = 0; i < std::min(kLags, lags.size()); ++i) {
    out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", lags[i].first,
                       figure_text(row_of("step_lag_*_ns"), lags[i].second));
  }
  return out.empty() ? "" : "steps after a save against plain ones, ms: " + out;
}

std::string within_text(const ResultRow& row) {
  const Estimate within = row.metric("after_save_ns");
  if (!within.known()) return "";
  return fmt::format(
      "; the step after a save against the later ones of its block, which leaves out "
      "the speeds of the machine: {}",
      figure_text(row_of("after_save_ns"), within));
}

std::string excess_text(const Interference& seen) {
  const Metric& metric = row_of("interference_ns");
  switch (seen.kind) {
    case InterferenceKind::kAbove:
    case InterferenceKind::kLittleAbove:
      return "above its floor by " + figure_text(metric, seen.excess);
    case InterferenceKind::kAsFloor:
      return "as its floor: the difference is " + figure_text(metric, seen.excess);
    case InterferenceKind::kBelow:
      return "below its floor by " + figure_text(metric, seen.excess);
    case InterferenceKind::kUndetermined:
      return "undetermined: the interval of the difference is too wide, " +
             figure_text(metric, seen.excess);
    case InterferenceKind::kUnknown:
    case InterferenceKind::kLargeAlone:
    case InterferenceKind::kSmallAlone:
      break;
  }
  return "";
}

std::string floor_text(const ResultRow& row) {
  const Estimate floor = row.metric("interference_floor_ns");
  if (!floor.known()) return "its floor was not measured";
  return fmt::format("its floor, the same bytes written plainly beside training: {}; {}",
                     figure_text(row_of("interference_floor_ns"), floor),
                     excess_text(interference_of(row)));
}

std::string block_text(const ResultRow& row) {
  std::string out;
  const Estimate copies = row.metric("block_per_memcpy");
  if (copies.known()) {
    out = fmt::format("{} times a copy in memory of what is saved",
                      value_text(row_of("block_per_memcpy"), copies));
  }
  const Estimate persist = row.metric("persist_ns");
  if (persist.known() && persist.value > 0) {
    out += fmt::format("{}{} % of persist", out.empty() ? "" : ", ",
                       format_number(100 * row.metric("block_ns").value / persist.value));
  }
  const std::string phases = phases_text(row);
  return out + (out.empty() || phases.empty() ? "" : "; ") + phases;
}

std::string evidence(const ResultRow& row, std::string_view key) {
  if (key == "block_ns") return block_text(row);
  if (key == "retention_ns") return "deleting old checkpoints on the training thread";
  if (key == "gate_ns") return "the update waits until the state has been copied";
  if (key == "asking_ns") return "asking the strategy which saves have been decided";
  const std::string lags = lags_text(row);
  return floor_text(row) + within_text(row) + (lags.empty() ? "" : "; " + lags);
}

// What ended the measurement, and what its probes were.
std::string conditions_text(const ResultRow& row) {
  std::string out;
  const auto add = [&](std::string_view words, std::string_view key) {
    const std::vector<std::string> texts = row.texts_observed(key);
    if (texts.empty()) return;
    out += fmt::format("{}{} {}", out.empty() ? "" : "; ", words, fmt::join(texts, ", "));
  };
  const double pairs = row.most_observed("pairs");
  if (pairs > 0) out = fmt::format("{} pairs in a process", pairs);
  add("pairs ended by", "stopped_by");
  add("write probes:", "probe_shape");
  add("read probes:", "read_probe_shape");
  add("blocks:", "short_blocks");
  add("no warm restore:", "warm_restore_missing");
  return out;
}

std::string block_advice(const ResultRow& row) {
  const double block = row.metric("block_ns").value;
  const Estimate persist = row.metric("persist_ns");
  const Estimate copies = row.metric("block_per_memcpy");
  if (persist.known() && block > 0.7 * persist.value) {
    const std::string why = "the save returns when it is durable: ";
    return why + (row.facts.group == "native"
                      ? "with the stage `staged`, as in `async`, training waits for the copy alone"
                      : "a strategy that writes a copy on a thread of its own holds training for "
                        "the copy alone");
  }
  if (copies.known() && copies.value > 2) {
    return "more than one copy of the state: the save waits for an earlier one, or encodes before "
           "it returns; save less often, or encode on another thread";
  }
  return std::string("about one copy of the state, the least of any strategy here: fewer saves") +
         (row.facts.group == "native" ? ", or more `copy_threads`, lower it" : " lower it");
}

std::string interference_advice(const ResultRow& row) {
  switch (interference_of(row).kind) {
    case InterferenceKind::kAsFloor:
    case InterferenceKind::kBelow:
    case InterferenceKind::kLittleAbove:
      return "any writer of so many bytes slows the steps so much: fewer bytes (incremental, "
             "planes) or fewer saves lower it";
    case InterferenceKind::kUndetermined:
      return "undetermined whether it is the strategy's own or that of any writer of so many "
             "bytes: measure more pairs (`pairs`, `budget_s` of the suite)";
    case InterferenceKind::kUnknown:
    case InterferenceKind::kAbove:
    case InterferenceKind::kLargeAlone:
    case InterferenceKind::kSmallAlone:
      break;
  }
  return "the strategy's own: leave out one thing at a time (threads, encoding, direct I/O, "
         "retention) to find it; fewer writer threads leave cores to training";
}

std::string advice(const ResultRow& row, std::string_view key) {
  if (key == "block_ns") return block_advice(row);
  if (key == "retention_ns") return "keep fewer checkpoints, or delete them in the background";
  if (key == "gate_ns") {
    return "a staged capture copies inside save and has no gate; more copying threads shorten it";
  }
  if (key == "asking_ns") {
    return "an answer that takes no lock: a class in Python waits for its interpreter";
  }
  return interference_advice(row);
}

class RowExplainer {
 public:
  RowExplainer(const ResultRow& row, size_t number, size_t width)
      : row_(row), number_(number), width_(width), stall_(row.metric("stall_ns")) {}

  std::string run() {
    say(fmt::format("{}  {} on {}: stall {} ms per save, of {} pairs; a plain step takes {}",
                    number_, row_.name, label(row_.workload),
                    figure_text(row_of("stall_ns"), stall_), stall_.count,
                    format_ms(row_.metric("step_ns").value)));
    say(conditions_text(row_));
    const std::vector<StallPart> parts = parts_of(row_);
    out_ += table(parts);
    missing(parts);
    for (const StallPart& part : parts) {
      const std::string text = evidence(row_, part.key);
      if (!text.empty()) say(fmt::format("{}: {}", word(part.key), text));
    }
    for (const RowMark& mark : row_marks(row_))
      say(fmt::format("{}  {}", mark.letter, mark.detail));
    lower(parts);
    return out_ + "\n";
  }

 private:
  void say(const std::string& text) {
    if (!text.empty()) out_ += wrap_text(text, width_);
  }

  static std::string word(std::string_view key) {
    return std::string(key.substr(0, key.rfind('_')));
  }

  std::string share(double value) const {
    if (!(stall_.value > 0)) return "–";
    return format_number(100 * value / stall_.value, 2) + " %";
  }

  std::string table(const std::vector<StallPart>& parts) const {
    std::vector<std::vector<TableCell>> cells;
    double sum = 0;
    for (const StallPart& part : parts) {
      sum += part.estimate.value;
      cells.push_back({{word(part.key)},
                       {value_text(row_of(part.key), part.estimate)},
                       {interval_text(row_of(part.key), part.estimate)},
                       {share(part.estimate.value)}});
    }
    cells.push_back({{"not in the parts"},
                     {value_text(row_of("stall_ns"), Estimate{stall_.value - sum, 0, 0, 1})},
                     {"medians do not add up"},
                     {share(stall_.value - sum)}});
    return render_table({{.title = "part"},
                         {.title = "ms", .align = Align::kRight},
                         {.title = "interval"},
                         {.title = "of the stall", .align = Align::kRight}},
                        cells, width_, false)
        .text;
  }

  // A part that was not sampled hides in another one.
  void missing(const std::vector<StallPart>& parts) {
    for (const Metric& metric : all_metrics()) {
      const bool known = std::any_of(parts.begin(), parts.end(),
                                     [&](const StallPart& part) { return part.key == metric.key; });
      if ((metric.shown & kStallPart) == 0 || known) continue;
      say(fmt::format("{} was not measured apart: it is in the others", word(metric.key)));
    }
  }

  void lower(const std::vector<StallPart>& parts) {
    if (writes_nothing()) return say("nothing to lower: it writes no checkpoint");
    bool any = false;
    for (const StallPart& part : parts) {
      if (!(stall_.value > 0) || part.estimate.value < kWorthLowering * stall_.value) continue;
      say(fmt::format("to lower {}: {}", word(part.key), advice(row_, part.key)));
      any = true;
    }
    if (!any) say("nothing to lower: no part is a tenth of a stall above 0");
  }

  bool writes_nothing() const {
    return row_.claim.empty() && !(row_.metric("written_bytes").value > 0);
  }

  const ResultRow& row_;
  size_t number_;
  size_t width_;
  Estimate stall_;
  std::string out_;
};

bool is_selected(const ResultRow& row, size_t number, const std::string& wanted) {
  if (wanted.empty() || wanted == std::to_string(number)) return true;
  const bool digits = wanted.find_first_not_of("0123456789") == std::string::npos;
  const std::string text = row.place() + " " + label(row.strategy);
  return !digits && text.find(wanted) != std::string::npos;
}

}  // namespace

Result<std::string> explain_stall(const ResultRows& results, const std::string& wanted,
                                  size_t width) {
  std::string out;
  std::string rows;
  size_t number = 0;
  for (const ResultRow& row : results.rows) {
    if (!row.measured()) continue;
    ++number;
    rows += fmt::format("\n  {}  {} {}", number, row.place(), row.name);
    if (is_selected(row, number, wanted)) out += RowExplainer(row, number, width).run();
  }
  if (number == 0) return Error{"no row was measured: there is no stall to explain"};
  if (out.empty()) {
    return Error{
        fmt::format("row {}: expected a number, or a part of one of these{}", wanted, rows)};
  }
  return out;
}

}  // namespace ckptbench
