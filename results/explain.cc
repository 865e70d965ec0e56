#include "results/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/count_text.h"
#include "results/figure_text.h"
#include "results/least_shares.h"
#include "results/measurement_text.h"
#include "results/metrics.h"
#include "results/middle_pairs.h"
#include "results/process_spread.h"
#include "results/row_marks.h"
#include "results/text_table.h"

namespace ckptbench {
namespace {

constexpr double kRounding = 1e-6;  // of a sum of parts: less is none of the stall

struct MeasuredPart {
  const Metric* metric;
  Estimate estimate;
  double shown_ns;  // of the middle pairs; the median where they are unknown
};

// Those that were measured, the largest first.
std::vector<MeasuredPart> parts_of(const ResultRow& row, const MiddlePairs& middle) {
  std::vector<MeasuredPart> parts;
  for (const Metric* metric : stall_parts()) {
    const Estimate estimate = row.metric(metric->key);
    if (!estimate.known()) continue;
    const auto found = middle.parts_ns.find(std::string(metric->key));
    parts.push_back(
        {metric, estimate, found == middle.parts_ns.end() ? estimate.value : found->second});
  }
  std::stable_sort(parts.begin(), parts.end(), [](const MeasuredPart& a, const MeasuredPart& b) {
    return a.shown_ns > b.shown_ns;
  });
  return parts;
}

class RowExplainer {
 public:
  RowExplainer(const ResultRow& row, size_t number, size_t width)
      : row_(row),
        number_(number),
        width_(width),
        stall_(row.metric("stall_ns")),
        middle_(middle_pairs(row)) {}

  std::string run() {
    add_line(fmt::format("{}  {} on {}: stall {} ms per save, of {} pairs; a plain step takes {}",
                         number_, row_.name, label(row_.workload),
                         figure_text(metric_of("stall_ns"), stall_), stall_.count,
                         format_ms(row_.metric("step_ns").value)));
    if (const std::string processes = processes_text(metric_of("stall_ns"), stall_);
        !processes.empty()) {
      add_line(fmt::format("medians of the stall in {} ms", processes));
    }
    for (const std::string& line : measurement_lines(row_)) add_line(line);
    const std::vector<MeasuredPart> parts = parts_of(row_, middle_);
    table(parts);
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

  // Of a stall that may be 0, a share is a quotient with noise.
  bool has_shares() const { return stall_.has_interval() && stall_.low > 0; }

  std::string no_shares_text() const {
    if (has_shares() || !stall_.known()) return "";
    if (!stall_.has_interval()) {
      return fmt::format(
          "the stall of {} has no interval, so it is not told apart from 0: no shares",
          count_text(stall_.count, "pair"));
    }
    return stall_.high < 0 ? "the stall lies below 0: no shares"
                           : "the stall is not told apart from 0: no shares";
  }

  std::string share(double value) const {
    if (!has_shares()) return "–";
    return format_number(100 * value / stall_.value, 2) + " %";
  }

  using Cells = std::vector<TableCell>;

  // The columns that add up, then what each part is by itself. Medians alone stand once.
  Cells cells_of(std::string_view name, double shown_ns, const Metric& metric,
                 const Estimate& median) const {
    const std::string shown = value_text(metric, {.value = shown_ns, .count = stall_.count});
    Cells cells{{std::string(name)}, {shown}, {share(shown_ns)}};
    if (middle_.known()) cells.push_back({value_text(metric, median)});
    cells.push_back({interval_text(metric, median)});
    return cells;
  }

  std::vector<TextColumn> columns() const {
    const char* shown = middle_.pairs == 1 ? "middle pair ms" : "middle pairs ms";
    std::vector<TextColumn> columns{
        {.title = "part"},
        {.title = middle_.known() ? shown : "median ms", .align = Align::kRight},
        {.title = "of the stall", .align = Align::kRight}};
    if (middle_.known()) columns.push_back({.title = "median ms", .align = Align::kRight});
    columns.push_back({.title = "interval", .may_drop = true});
    return columns;
  }

  // Of the stall, what is in no part; 0 where it is the rounding of a sum.
  double rest_ns(const std::vector<MeasuredPart>& parts) const {
    double rest = stall_.value;
    double size = std::abs(stall_.value);
    for (const MeasuredPart& part : parts) {
      rest -= part.shown_ns;
      size += std::abs(part.shown_ns);
    }
    return std::abs(rest) > kRounding * size ? rest : 0;
  }

  void table(const std::vector<MeasuredPart>& parts) {
    const Metric& stall = metric_of("stall_ns");
    std::vector<Cells> cells;
    for (const MeasuredPart& part : parts) {
      cells.push_back(cells_of(part.metric->name(), part.shown_ns, *part.metric, part.estimate));
    }
    const double rest = rest_ns(parts);
    if (rest != 0) {
      cells.push_back(cells_of("not in the parts", rest, stall, {}));
      if (middle_.known()) cells.back()[3].text.clear();
    }
    cells.push_back(cells_of(stall.name(), stall_.value, stall, stall_));
    const RenderedTable table = render_table(columns(), cells, width_, false);
    out_ += table.text;
    if (!table.left_out.empty()) add_line(left_out_text(table, width_));
    add_line(sums_text(rest != 0));
    add_line(no_shares_text());
  }

  // Which column adds up, and of what it is. Empty: there is nothing to add.
  std::string sums_text(bool has_rest) const {
    const bool one = middle_.pairs == 1;
    if (middle_.known()) {
      return fmt::format("middle pair{}: {}; {} parts{} add up, medians need not", one ? "" : "s",
                         middle_pairs_text(middle_, row_), one ? "its" : "their",
                         has_rest ? " and what is not in them" : "");
    }
    return has_rest ? "medians, which need not add up: not every pair has every part" : "";
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
    if (!any) {
      add_line(fmt::format("nothing to lower: no part is {}",
                           has_shares() ? "a tenth of the stall" : "5 % of a plain step"));
    }
  }

  // Causes are told of these alone: those of a part that takes no time are none.
  bool is_worth_lowering(const MeasuredPart& part) const {
    const double least_ns =
        has_shares() ? kLeastOfStall * stall_.value : kLeastOfStep * row_.metric("step_ns").value;
    return std::max(part.shown_ns, part.estimate.value) >= least_ns;
  }

  bool writes_nothing() const {
    return row_.claim.empty() && !(row_.metric("written_bytes").value > 0);
  }

  const ResultRow& row_;
  size_t number_;
  size_t width_;
  Estimate stall_;
  MiddlePairs middle_;
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
