// The table of metrics: one row for each. Terminal, page, Markdown, CSV, explain and
// docs/metrics.md are made from it. To add a metric with its column everywhere: sample it
// (harness/measure), and add its row in metrics.cc; without a column, in metrics_without_column.cc.
// Plain constants; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ckptbench {

enum class Better { kLower, kHigher, kNeither };

// How figures are shown: raw value × factor, then the name. kBytes chooses kB, MB, … by itself.
enum class MetricUnit { kMs, kSeconds, kPercent, kGbPerS, kBytes, kBytesEach, kCount, kTimes };
double unit_factor(MetricUnit unit);          // ms: 1e-6, of raw nanoseconds
std::string_view unit_name(MetricUnit unit);  // "ms", "GB/s", …

// Where a metric is shown, as bits. CSV and explain have all metrics.
enum Shown : unsigned {
  kNowhere = 0,
  kTerminal = 1U << 0U,
  kMarkdown = 1U << 1U,
  kPage = 1U << 2U,
  kEverywhere = kTerminal | kMarkdown | kPage,
  kFiles = kMarkdown | kPage,
};

struct ResultRow;

// A text that is the same of every row, or one that is made of a row.
struct RowText {
  std::string_view text = "";
  std::string (*of)(const ResultRow&) = nullptr;

  bool empty() const { return text.empty() && of == nullptr; }
  std::string for_row(const ResultRow& row) const { return of ? of(row) : std::string(text); }
};

// What there is to say of a part of the stall.
struct StallPart {
  std::string_view words = "";  // what it is, in a few words
  RowText evidence;             // what a row shows of it
  RowText advice;               // what would lower it
};

inline constexpr double kNsPerS = 1e9;

struct Metric {
  // The unit is the last word. A '*' stands for one word: "phase_*_ns".
  std::string_view key;
  std::string_view title = "";   // in words, without the unit: its name in pictures
  std::string_view column = "";  // head of its column; metrics with equal heads share one
  MetricUnit unit = MetricUnit::kMs;
  int digits = 3;  // significant ones
  Better better = Better::kLower;
  unsigned shown = kNowhere;    // bits of Shown
  bool with_interval = false;   // or with the number of samples where they are too few for one
  bool always = false;          // never left out of a narrow terminal
  bool sum = false;             // counts: a row shows the sum of its samples, not their median
  bool share_of_limit = false;  // a quotient with a limit of the machine: none is above 100 %
  bool writing = false;         // a time of writing: nothing is divided by it where none is
  // Measured metrics: what one sample is of. Derived ones: empty.
  std::string_view sample = "";
  std::string_view doc = "";
  // Derived metrics: factor × numerator / denominator; a time of a probe is that of the fastest
  // one.
  std::string_view numerator = "";
  std::string_view denominator = "";
  double factor = 1;
  std::string_view denominator_on_gpu = "";  // in its place, where it was sampled
  StallPart part = {};  // of metrics that add up to stall_ns; empty: it is none of them

  bool derived() const { return !numerator.empty(); }
  bool is_stall_part() const { return !part.words.empty(); }
  // The key without its unit: "block" of "block_ns".
  std::string_view name() const { return key.substr(0, key.rfind('_')); }
};

// All of them. Their order is the order of the columns, the most important first: a narrow terminal
// leaves out the last ones.
std::span<const Metric> all_metrics();
// Those that follow the ones with a column (metrics_without_column.cc).
std::span<const Metric> metrics_without_column();
// Those that add up to stall_ns.
std::vector<const Metric*> stall_parts();
// The row of a sampled or derived metric; nullptr where there is none.
const Metric* find_metric(std::string_view key);
// Of a key that the code names, not a record. REQUIRES: there is such a row; a misspelt key throws
// std::logic_error.
const Metric& metric_of(std::string_view key);
// The words that stand for '*', in a key that matches the row: "write" of "phase_write_ns".
std::string_view metric_word(const Metric& metric, std::string_view key);

// A column of a table: the metrics that share it. REQUIRES: one bit of kTerminal, kMarkdown, kPage.
struct MetricColumn {
  std::string_view head;
  std::vector<const Metric*> metrics;
  bool always = false;
  bool parts = false;  // joined by " + " instead of " / "
};
std::vector<MetricColumn> metric_columns(Shown place);

// The tables of docs/metrics.md, in Markdown; a test compares.
std::string measured_metrics_markdown();
std::string derived_metrics_markdown();

}  // namespace ckptbench
