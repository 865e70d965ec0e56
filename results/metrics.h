// The table of metrics: one row for each. Terminal, page, Markdown, CSV, explain and
// docs/metrics.md are made from it. To add a metric with its column everywhere: sample it
// (harness/measure), and add its row in metrics.cc. Plain constants; any thread.
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
  kInterval = 1U << 3U,   // with its interval, or with the number of samples where they are too few
  kAlways = 1U << 4U,     // never left out of a narrow terminal
  kStallPart = 1U << 5U,  // the parts add up to stall_ns
  kSum = 1U << 6U,        // counts: a row shows the sum of its samples, not their median
  kShareOfLimit = 1U << 7U,  // a quotient with a limit of the machine: nothing is above 100 %
  kWriting = 1U << 8U,       // a time of writing: nothing is divided by it where nothing is written
};

struct Metric {
  // The unit is the last word. A '*' stands for one word: "phase_*_ns".
  std::string_view key;
  std::string_view title;   // in words, without the unit
  std::string_view column;  // head of its column; metrics with equal heads share one: "0.5 / 0.6"
  MetricUnit unit;
  int digits;  // significant ones
  Better better;
  unsigned shown;  // bits of Shown
  // Measured metrics: what one sample is of. Derived ones: empty.
  std::string_view sample;
  std::string_view doc;
  // Derived metrics: factor × numerator / denominator; a time of a probe is that of the fastest
  // one.
  std::string_view numerator = "";
  std::string_view denominator = "";
  double factor = 1;

  bool derived() const { return !numerator.empty(); }
};

// All of them. Their order is the order of the columns, the most important first: a narrow terminal
// leaves out the last ones.
std::span<const Metric> all_metrics();
// The row of a sampled or derived metric; nullptr where there is none.
const Metric* find_metric(std::string_view key);
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
