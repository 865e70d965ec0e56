#include "results/metrics.h"

#include <fmt/format.h>

#include <algorithm>

namespace ckptbench {
namespace {

using enum MetricUnit;
using enum Better;

constexpr std::string_view kParts = "block + retention + gate + asking + interference ms";
constexpr double kNsPerS = 1e9;

constexpr Metric kMetrics[] = {
    {"stall_ns", "Stall", "stall ms/save", kMs, 3, kLower, kEverywhere | kInterval | kAlways,
     "pair",
     "wall time of a block of steps with saves minus that of its paired block without, divided by "
     "the number of saves; = block + retention + gate + asking + interference"},
    {"skipped_saves", "Skipped saves", "skip/fail", kCount, 3, kLower, kEverywhere | kAlways | kSum,
     "cell", "saves that the strategy declined; they are in no other figure"},
    {"failed_saves", "Failed saves", "skip/fail", kCount, 3, kLower, kEverywhere | kAlways | kSum,
     "cell", "saves that failed; what they cost is in the figures of the row"},
    {"overhead_pct", "Overhead", "over %", kPercent, 3, kLower, kEverywhere, "pair",
     "100 × (with − without) / without"},
    {"block_ns", "Block", kParts, kMs, 3, kLower, kFiles | kStallPart, "pair",
     "request to return, per save, waiting for an earlier save included, retention and asking left "
     "out"},
    {"retention_ns", "Retention", kParts, kMs, 3, kLower, kFiles | kStallPart, "pair",
     "time that listing and deleting old checkpoints takes from the training thread, per save"},
    {"gate_ns", "Gate", kParts, kMs, 3, kLower, kFiles | kStallPart, "pair",
     "time held in `before_update`, per save"},
    {"asking_ns", "Asking", kParts, kMs, 3, kLower, kFiles | kStallPart, "pair",
     "asking what has become of the saves under way, per save; more than nothing where the answer "
     "takes time"},
    {"interference_ns", "Interference", kParts, kMs, 3, kLower, kFiles | kStallPart, "pair",
     "slower steps while a save runs, per save, gate and asking left out; may be negative by "
     "chance"},
    {"interference_floor_ns", "Interference floor", "floor ms", kMs, 3, kNeither, kFiles, "pair",
     "slower steps, per write, where a thread that knows no checkpoints writes the same files at "
     "the same steps: same sizes, syncs and renames; what exceeds it is the strategy's. Where a "
     "save is durable when it returns, training waits for the write too, and the wait is not "
     "counted"},
    {"persist_ns", "Persist", "persist ms", kMs, 3, kLower, kEverywhere | kWriting, "block",
     "request to the commit record, the mean of a block's saves"},
    {"effective_bytes_per_s", "Effective throughput", "GB/s", kGbPerS, 3, kHigher, kEverywhere, "",
     "bytes of what is saved per second of persist, whatever was written", "logical_bytes",
     "persist_ns", kNsPerS},
    {"of_limit_pct", "Share of the write limit", "% limit w/r", kPercent, 3, kHigher,
     kEverywhere | kShareOfLimit, "", "plain new files of the same bytes against persist",
     "probe_new_file_ns", "persist_ns", 100},
    {"restore_of_limit_pct", "Share of the read limit", "% limit w/r", kPercent, 3, kHigher,
     kEverywhere | kShareOfLimit, "",
     "plain cold reads of the same bytes against a cold `restore()`", "probe_read_cold_ns",
     "restore_cold_ns", 100},
    {"restore_cold_ns", "restore(), cold", "restore() c/w ms", kMs, 3, kLower, kEverywhere,
     "restore",
     "`restore` entry to return, the strategy's own checks included; pages evicted, and "
     "that checked"},
    {"restore_warm_ns", "restore(), warm", "restore() c/w ms", kMs, 3, kLower, kEverywhere,
     "restore", "the same with all pages read into the cache, and that checked"},
    {"restore_first_cold_ns", "First restore() of a process, cold", "first c/w ms", kMs, 3, kLower,
     kFiles, "process",
     "the first of these calls in a process, the only one that a restart makes: it also pays for "
     "imports and memory"},
    {"restore_first_warm_ns", "First restore() of a process, warm", "first c/w ms", kMs, 3, kLower,
     kFiles, "process", "the same with the pages in memory"},
    {"restore_first_step_cold_ns", "Process start to the first step, cold", "start c/w s", kSeconds,
     3, kLower, kEverywhere, "process",
     "start of a process to the end of its first step from the restored state, which has been "
     "compared with the saved one; that comparison and the eviction are not counted"},
    {"restore_first_step_warm_ns", "Process start to the first step, warm", "start c/w s", kSeconds,
     3, kLower, kEverywhere, "process", "the same with the pages in memory"},
    {"peak_extra_host_bytes", "Extra host memory", "+memory", kBytes, 3, kLower, kEverywhere,
     "cell",
     "most memory during three saves above the most during three steps before the strategy is "
     "opened, with its code (interpreter and imports) loaded; exact (`VmHWM`, reset before) where "
     "the worker is one process, else sampled PSS of the process tree: `memory_method` says which"},
    {"peak_dirty_bytes", "Dirty page cache", "+dirty", kBytes, 3, kLower, kFiles, "cell",
     "most file pages of the machine that waited for the disk during those saves, above those "
     "without: memory that is no process's"},
    {"written_bytes_per_parameter", "Written per parameter", "B/param w/kept", kBytesEach, 3,
     kLower, kEverywhere, "", "bytes that one save writes, per trained number", "written_bytes",
     "parameters"},
    {"retained_bytes_per_parameter", "Retained per parameter", "B/param w/kept", kBytesEach, 3,
     kLower, kEverywhere, "", "bytes on disk of all kept checkpoints, per trained number",
     "retained_bytes", "parameters"},
    {"prepare_ns", "Prepare", "prepare ms", kMs, 3, kLower, kFiles, "cell",
     "time of `prepare`, before training: memory is allocated and touched"},
    {"first_block_ns", "Block of the first save", "first block ms", kMs, 3, kLower, kEverywhere,
     "cell", "the first save; it is in no other figure"},
    {"first_persist_ns", "Persist of the first save", "first persist ms", kMs, 3, kLower,
     kFiles | kWriting, "cell", "the same, request to the commit record"},
    {"of_overwrite_limit_pct", "Share of the overwrite limit", "% overwrite limit", kPercent, 3,
     kHigher, kFiles | kShareOfLimit, "", "those files written over in place, against persist",
     "probe_overwrite_ns", "persist_ns", 100},
    {"peak_extra_pinned_bytes", "Extra pinned memory", "+pinned", kBytes, 3, kLower, kEverywhere,
     "cell, GPU", "most pinned host memory that the strategy held"},
    {"peak_extra_gpu_bytes", "Extra GPU memory", "+GPU", kBytes, 3, kLower, kEverywhere,
     "cell, GPU",
     "most memory taken on the GPU during a save (`cudaMemGetInfo`, every process and "
     "torch's cache included) above that before the strategy was opened; no GPU has run it yet"},
    {"block_per_memcpy", "Block against a copy", "block / memcpy", kTimes, 3, kLower, kFiles, "",
     "block against one copy in memory of what is saved", "block_ns", "probe_memcpy_ns"},
    {"tail_ns", "Tail", "tail ms", kMs, 3, kLower, kFiles, "block",
     "the wait after the last step until every save is decided; reported apart, never in the "
     "stall"},
    {"drain_ns", "Drain", "drain ms", kMs, 3, kLower, kFiles, "block",
     "after the tail: the deletions that retention left to the background, which training would "
     "not wait for"},
    {"debt_ns", "Debt", "debt ms", kMs, 3, kLower, kFiles, "block",
     "`syncfs` after the block: what a strategy left for others to write"},
    {"written_bytes_per_s", "Written throughput", "", kGbPerS, 3, kHigher, kNowhere, "",
     "bytes that were written, per second of persist", "block_written_bytes", "persist_ns",
     kNsPerS},
    {"limit_bytes_per_s", "Write limit", "", kGbPerS, 3, kNeither, kNowhere, "",
     "rate of the fastest probe that writes new files", "probe_bytes", "probe_new_file_ns",
     kNsPerS},
    {"overwrite_limit_bytes_per_s", "Overwrite limit", "", kGbPerS, 3, kNeither, kNowhere, "",
     "rate of the fastest probe that writes over them", "probe_bytes", "probe_overwrite_ns",
     kNsPerS},
    {"read_limit_bytes_per_s", "Read limit", "", kGbPerS, 3, kNeither, kNowhere, "",
     "rate of the fastest probe that reads", "probe_read_bytes", "probe_read_cold_ns", kNsPerS},
    {"paired_ratio", "Paired ratio", "", kTimes, 4, kLower, kNowhere, "pair",
     "wall time with saves / without; in an A/A run its interval contains 1"},
    {"step_ns", "Step", "", kMs, 3, kNeither, kNowhere, "block without saves",
     "mean time of its steps"},
    {"run_delay_ns", "Run delay", "", kMs, 3, kLower, kNowhere, "block without saves",
     "time that the training thread could have run and waited for a processor, per step"},
    {"save_run_delay_ns", "Run delay of saves", "", kMs, 3, kLower, kNowhere, "pair",
     "how much longer the training thread waited for a processor in the block with saves than in "
     "its paired one, per save, `save` included"},
    {"floor_run_delay_ns", "Run delay of the floor", "", kMs, 3, kNeither, kNowhere, "pair",
     "the same of the block of plain writes, per write"},
    {"step_lag_*_ns", "Step after a save", "", kMs, 3, kLower, kNowhere, "block",
     "time of the first, second, … step after a save (up to the 32nd) minus that of its paired "
     "plain step, gate included, the mean of a block's saves; 0: of the steps before the first "
     "save of a block, which nothing should slow"},
    {"after_save_ns", "Step after a save within its block", "", kMs, 3, kLower, kNowhere, "block",
     "the first steps after the saves of a block minus the steps after those, as means: the part "
     "of "
     "interference that ends with the first step, without what differs from block to block"},
    {"save_block_ns", "Block of each save", "", kMs, 3, kLower, kNowhere, "save",
     "request to return of `save`"},
    {"save_persist_ns", "Persist of each save", "", kMs, 3, kLower, kWriting, "save",
     "request to the commit record"},
    {"floor_bytes", "Bytes of the floor's writes", "", kBytes, 3, kNeither, kNowhere, "cell",
     "bytes of one plain write of the interference floor, the mean"},
    {"phase_*_ns", "Phase", "", kMs, 3, kLower, kNowhere, "block",
     "time in a phase, per save, on whichever thread: capture, stage, encode, write, sync, "
     "publish, "
     "prune, restore"},
    {"written_bytes", "Written", "", kBytes, 3, kLower, kNowhere, "cell",
     "bytes that a save writes, the mean of the saves watched before the blocks: of a whole cycle "
     "where their sizes repeat"},
    {"block_written_bytes", "Written in a block", "", kBytes, 3, kLower, kNowhere, "block",
     "bytes that its saves wrote, the mean, each by its place in the cycle"},
    {"retained_bytes", "Retained", "", kBytes, 3, kLower, kNowhere, "cell or save",
     "blocks on disk under the retention policy, all kept checkpoints together"},
    {"logical_bytes", "State", "", kBytes, 3, kNeither, kNowhere, "cell",
     "bytes of what is saved: of the state, or of its weights where the policy saves those alone; "
     "aliases once"},
    {"parameters", "Parameters", "", kCount, 3, kNeither, kNowhere, "cell", "trained numbers"},
    {"io_written_bytes", "Asked of the kernel", "", kBytes, 3, kLower, kNowhere, "save",
     "bytes that the kernel was asked to write, where it counts them"},
    {"probe_new_file_ns", "New-file probe", "", kMs, 3, kNeither, kNowhere, "pair",
     "the files of an average save without its encoding: same sizes, syncs and renames in the same "
     "order, "
     "in a folder beside the checkpoints, between the saves; over live files, emptied first, where "
     "the save does so"},
    {"probe_overwrite_ns", "Overwrite probe", "", kMs, 3, kNeither, kNowhere, "pair",
     "those files written over in place, durable again"},
    {"probe_bytes", "Bytes of the write probes", "", kBytes, 3, kNeither, kNowhere, "pair",
     "bytes of those files: those of an average save"},
    {"probe_memcpy_ns", "Copy probe", "", kMs, 3, kNeither, kNowhere, "pair",
     "one copy in memory of what is saved"},
    {"probe_to_host_ns", "Device-to-host probe", "", kMs, 3, kNeither, kNowhere, "pair, GPU",
     "one copy of at most 256 MiB of what is saved to pinned memory, the fastest of three"},
    {"probe_to_device_ns", "Host-to-device probe", "", kMs, 3, kNeither, kNowhere, "pair, GPU",
     "the same from pinned memory"},
    {"probe_within_device_ns", "Device-to-device probe", "", kMs, 3, kNeither, kNowhere,
     "pair, GPU", "the same within the GPU's memory"},
    {"probe_pin_ns", "Pinning probe", "", kMs, 3, kNeither, kNowhere, "pair, GPU",
     "allocating and pinning so many bytes of host memory"},
    {"probe_device_bytes", "Bytes of the device probes", "", kBytes, 3, kNeither, kNowhere,
     "pair, GPU", "bytes of each of those copies"},
    {"probe_read_cold_ns", "Read probe", "", kMs, 3, kNeither, kNowhere, "cold restore",
     "plain reads, right after the restore, of as many bytes as it took from the disk, from the "
     "newest files of the folder; evicted and checked again"},
    {"probe_read_bytes", "Bytes of the read probe", "", kBytes, 3, kNeither, kNowhere,
     "cold restore", "bytes of those reads"},
};

bool matches(std::string_view pattern, std::string_view key) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == key;
  return key.size() >= pattern.size() && key.starts_with(pattern.substr(0, star)) &&
         key.ends_with(pattern.substr(star + 1));
}

std::string_view better_name(Better better) {
  return better == kLower ? "lower" : better == kHigher ? "higher" : "–";
}

std::string formula(const Metric& metric) {
  const std::string quotient = fmt::format("`{}` / `{}`", metric.numerator, metric.denominator);
  if (metric.factor == 1) return quotient;
  return fmt::format("{} × {}", metric.factor == kNsPerS ? "10⁹" : fmt::format("{}", metric.factor),
                     quotient);
}

std::string markdown_table(bool derived) {
  std::string out = fmt::format("| Name | Column | {} | Better | What |\n|---|---|---|---|---|\n",
                                derived ? "Formula" : "One sample per");
  for (const Metric& metric : kMetrics) {
    if (metric.derived() != derived) continue;
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", metric.key, metric.column,
                       derived ? formula(metric) : std::string(metric.sample),
                       better_name(metric.better), metric.doc);
  }
  return out;
}

}  // namespace

double unit_factor(MetricUnit unit) {
  switch (unit) {
    case kMs:
      return 1e-6;
    case kSeconds:
    case kGbPerS:
      return 1e-9;
    case kPercent:
    case kBytes:
    case kBytesEach:
    case kCount:
    case kTimes:
      break;
  }
  return 1;
}

std::string_view unit_name(MetricUnit unit) {
  switch (unit) {
    case kMs:
      return "ms";
    case kSeconds:
      return "s";
    case kPercent:
      return "%";
    case kGbPerS:
      return "GB/s";
    case kBytes:
    case kBytesEach:
      return "B";
    case kTimes:
      return "×";
    case kCount:
      break;
  }
  return "";
}

std::span<const Metric> all_metrics() {
  return kMetrics;
}

const Metric* find_metric(std::string_view key) {
  const auto* found = std::find_if(std::begin(kMetrics), std::end(kMetrics),
                                   [&](const Metric& metric) { return matches(metric.key, key); });
  return found == std::end(kMetrics) ? nullptr : found;
}

std::string_view metric_word(const Metric& metric, std::string_view key) {
  const size_t star = metric.key.find('*');
  if (star == std::string_view::npos || !matches(metric.key, key)) return "";
  return key.substr(star, key.size() - metric.key.size() + 1);
}

std::vector<MetricColumn> metric_columns(Shown place) {
  std::vector<MetricColumn> columns;
  for (const Metric& metric : kMetrics) {
    if ((metric.shown & place) == 0) continue;
    auto column = std::find_if(columns.begin(), columns.end(), [&](const MetricColumn& other) {
      return other.head == metric.column;
    });
    if (column == columns.end()) column = columns.insert(columns.end(), {metric.column, {}});
    column->metrics.push_back(&metric);
    column->always = column->always || (metric.shown & kAlways) != 0;
    column->parts = column->parts || (metric.shown & kStallPart) != 0;
  }
  return columns;
}

std::string measured_metrics_markdown() {
  return markdown_table(false);
}

std::string derived_metrics_markdown() {
  return markdown_table(true);
}

}  // namespace ckptbench
