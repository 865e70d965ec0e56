#include "results/explain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/core/observed_keys.h"
#include "results/figure_text.h"
#include "results/process_spread.h"
#include "results/row_marks.h"
#include "results/text_table.h"

namespace ckptbench {
namespace {

constexpr double kWorthLowering = 0.10;  // share of the stall

const Metric& row_of(std::string_view key) {
  return *find_metric(key);
}

struct MeasuredPart {
  const Metric* metric;
  Estimate estimate;
};

// Those that were measured, the largest first.
std::vector<MeasuredPart> parts_of(const ResultRow& row) {
  std::vector<MeasuredPart> parts;
  for (const Metric* metric : stall_parts()) {
    const Estimate estimate = row.metric(metric->key);
    if (estimate.known()) parts.push_back({metric, estimate});
  }
  std::stable_sort(parts.begin(), parts.end(), [](const MeasuredPart& a, const MeasuredPart& b) {
    return a.estimate.value > b.estimate.value;
  });
  return parts;
}

// What ended the measurement, and what its probes were.
std::string conditions_text(const ResultRow& row) {
  std::string out;
  const auto add = [&](std::string_view words, std::string_view key) {
    const std::vector<std::string> texts = row.texts_observed(key);
    if (texts.empty()) return;
    out += fmt::format("{}{} {}", out.empty() ? "" : "; ", words, fmt::join(texts, ", "));
  };
  const double pairs = row.most_observed(observed::kPairs);
  if (pairs > 0) out = fmt::format("{} pairs in a process", pairs);
  add("stopped by:", observed::kStoppedBy);
  add("write probes:", observed::kProbeShape);
  add("in the sequence:", observed::kProbeSequence);
  add("read probes:", observed::kReadProbeShape);
  add("windows:", observed::kShortWindows);
  add("memory:", observed::kMemoryMethod);
  add("no warm restore:", observed::kWarmRestoreMissing);
  return out;
}

class RowExplainer {
 public:
  RowExplainer(const ResultRow& row, size_t number, size_t width)
      : row_(row), number_(number), width_(width), stall_(row.metric("stall_ns")) {}

  std::string run() {
    add_line(fmt::format("{}  {} on {}: stall {} ms per save, of {} pairs; a plain step takes {}",
                         number_, row_.name, label(row_.workload),
                         figure_text(row_of("stall_ns"), stall_), stall_.count,
                         format_ms(row_.metric("step_ns").value)));
    if (const std::string processes = processes_text(row_of("stall_ns"), stall_);
        !processes.empty()) {
      add_line(fmt::format("medians of the stall in {} ms", processes));
    }
    add_line(conditions_text(row_));
    const std::vector<MeasuredPart> parts = parts_of(row_);
    out_ += table(parts);
    missing(parts);
    for (const MeasuredPart& part : parts) {
      if (!is_worth_lowering(part)) continue;
      const std::string text = part.metric->part.evidence.for_row(row_);
      if (!text.empty()) add_line(fmt::format("{}: {}", part.metric->name(), text));
    }
    for (const RowMark& mark : row_marks(row_))
      add_line(fmt::format("{}  {}", mark.letter, mark.detail));
    lower(parts);
    return out_ + "\n";
  }

 private:
  void add_line(const std::string& text) {
    if (!text.empty()) out_ += wrap_text(text, width_);
  }

  std::string share(double value) const {
    if (!(stall_.value > 0)) return "–";
    return format_number(100 * value / stall_.value, 2) + " %";
  }

  std::string table(const std::vector<MeasuredPart>& parts) const {
    std::vector<std::vector<TableCell>> cells;
    double sum = 0;
    for (const MeasuredPart& part : parts) {
      sum += part.estimate.value;
      cells.push_back({{std::string(part.metric->name())},
                       {value_text(*part.metric, part.estimate)},
                       {interval_text(*part.metric, part.estimate)},
                       {share(part.estimate.value)}});
    }
    cells.push_back({{"not in the parts"},
                     {value_text(row_of("stall_ns"), Estimate{stall_.value - sum, 0, 0, 1})},
                     {"medians do not add up"},
                     {share(stall_.value - sum)}});
    const RenderedTable table = render_table({{.title = "part"},
                                              {.title = "ms", .align = Align::kRight},
                                              {.title = "interval"},
                                              {.title = "of the stall", .align = Align::kRight}},
                                             cells, width_, false);
    if (table.left_out.empty()) return table.text;
    return table.text + wrap_text(left_out_text(table, width_), width_);
  }

  // A part that was not sampled hides in another one.
  void missing(const std::vector<MeasuredPart>& parts) {
    for (const Metric* metric : stall_parts()) {
      const bool known = std::any_of(parts.begin(), parts.end(), [&](const MeasuredPart& part) {
        return part.metric == metric;
      });
      if (!known)
        add_line(fmt::format("{} was not measured apart: it is in the others", metric->name()));
    }
  }

  void lower(const std::vector<MeasuredPart>& parts) {
    if (writes_nothing()) return add_line("nothing to lower: it writes no checkpoint");
    bool any = false;
    for (const MeasuredPart& part : parts) {
      if (!is_worth_lowering(part)) continue;
      add_line(fmt::format("to lower {}: {}", part.metric->name(),
                           part.metric->part.advice.for_row(row_)));
      any = true;
    }
    if (!any) add_line("nothing to lower: no part is a tenth of a stall above 0");
  }

  // Causes are told of these alone: those of a part that takes no time are none.
  bool is_worth_lowering(const MeasuredPart& part) const {
    return stall_.value > 0 && part.estimate.value >= kWorthLowering * stall_.value;
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
