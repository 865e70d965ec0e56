#include "results/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "results/stall_parts.h"

namespace ckptbench {
namespace {

using enum MetricUnit;
using enum Better;

constexpr std::string_view kParts = "block + retention + gate + asking + interference ms";

// In the order of their columns.
constexpr Metric kMetrics[] = {
    {.key = "stall_ns",
     .title = "Stall",
     .column = "stall ms/save",
     .shown = kEverywhere,
     .with_interval = true,
     .always = true,
     .sample = "pair",
     .doc = "wall time of a window of steps with saves minus that of its paired window without, "
            "divided by the number of saves that were made; = block + retention + gate + asking + "
            "interference"},
    {.key = "skipped_saves",
     .title = "Skipped saves",
     .column = "skip/fail",
     .unit = kCount,
     .shown = kEverywhere,
     .always = true,
     .sum = true,
     .sample = "cell",
     .doc = "saves that the strategy declined; they are in no other figure"},
    {.key = "failed_saves",
     .title = "Failed saves",
     .column = "skip/fail",
     .unit = kCount,
     .shown = kEverywhere,
     .always = true,
     .sum = true,
     .sample = "cell",
     .doc = "saves that failed; they are in no average; their cost is counted in the other saves"},
    {.key = "overhead_pct",
     .title = "Overhead",
     .column = "over %",
     .unit = kPercent,
     .shown = kEverywhere,
     .sample = "pair",
     .doc = "100 × (with − without) / without"},
    {.key = "block_ns",
     .title = "Block",
     .column = kParts,
     .shown = kFiles,
     .sample = "pair",
     .doc = "request to return, per save, waiting for an earlier save included, retention and "
            "asking left out",
     .part = {.words = "inside save",
              .evidence = {.of = block_evidence},
              .advice = {.of = block_advice}}},
    {.key = "retention_ns",
     .title = "Retention",
     .column = kParts,
     .shown = kFiles,
     .sample = "pair",
     .doc = "time that listing and deleting old checkpoints takes from the training thread, per "
            "save, `retention_wait_ns` included",
     .part = {.words = "deleting old checkpoints",
              .evidence = {.of = retention_evidence},
              .advice = {.of = retention_advice}}},
    {.key = "gate_ns",
     .title = "Gate",
     .column = kParts,
     .shown = kFiles,
     .sample = "pair",
     .doc = "time held in `before_update`, per save",
     .part = {.words = "held right before the optimizer's update",
              .evidence = {.text = "the update waits until the state has been copied"},
              .advice = {.text = "a staged capture copies inside save and has no gate; more "
                                 "copying threads shorten it"}}},
    {.key = "asking_ns",
     .title = "Asking",
     .column = kParts,
     .shown = kFiles,
     .sample = "pair",
     .doc = "time in which training waits while the harness asks the strategy whether saves are "
            "durable yet, per save",
     .part = {.words = "asking which saves are durable",
              .evidence = {.text = "asking the strategy which saves have been decided"},
              .advice = {.of = asking_advice}}},
    {.key = "interference_ns",
     .title = "Interference",
     .column = kParts,
     .shown = kFiles,
     .sample = "pair",
     .doc = "slower steps while a save runs, per save, gate and asking left out; may be negative "
            "by chance",
     .part = {.words = "what remains: slower steps while a save runs",
              .evidence = {.of = interference_evidence},
              .advice = {.of = interference_advice}}},
    {.key = "interference_floor_ns",
     .title = "Interference floor",
     .column = "floor ms",
     .better = kNeither,
     .shown = kFiles,
     .sample = "pair",
     .doc = "slower steps, per write, where a thread that knows no checkpoints writes the same "
            "files at the same steps: same sizes, kind of I/O, syncs and renames; what exceeds it "
            "is the "
            "strategy's. Where a save is durable when it returns, training waits for the write "
            "too, and the wait is not counted"},
    {.key = "persist_ns",
     .title = "Persist",
     .column = "persist ms",
     .shown = kEverywhere,
     .writing = true,
     .sample = "window",
     .doc = "request to the commit record, the wait for the save before included, the mean of a "
            "window's saves"},
    {.key = "effective_bytes_per_s",
     .title = "Effective throughput",
     .column = "GB/s",
     .unit = kGbPerS,
     .better = kHigher,
     .shown = kEverywhere,
     .doc = "bytes of what is saved per second of a save alone, whatever was written",
     .numerator = "logical_bytes",
     .denominator = "persist_alone_ns",
     .factor = kNsPerS},
    {.key = "of_limit_pct",
     .title = "Share of the write limit",
     .column = "% limit w/r",
     .unit = kPercent,
     .better = kHigher,
     .shown = kEverywhere,
     .share_of_limit = true,
     .doc = "plain new files of the same bytes against a save alone",
     .numerator = "probe_new_file_ns",
     .denominator = "persist_alone_ns",
     .factor = 100},
    {.key = "restore_of_limit_pct",
     .title = "Share of the read limit",
     .column = "% limit w/r",
     .unit = kPercent,
     .better = kHigher,
     .shown = kEverywhere,
     .share_of_limit = true,
     .doc = "plain cold reads of the same bytes against a cold `restore()`",
     .numerator = "probe_read_cold_ns",
     .denominator = "restore_cold_ns",
     .factor = 100},
    {.key = "restore_cold_ns",
     .title = "restore(), cold",
     .column = "restore() c/w ms",
     .shown = kEverywhere,
     .sample = "restore",
     .doc = "`restore` entry to return, the strategy's own checks included; pages evicted, and "
            "that checked"},
    {.key = "restore_warm_ns",
     .title = "restore(), warm",
     .column = "restore() c/w ms",
     .shown = kEverywhere,
     .sample = "restore",
     .doc = "the same with all pages read into the cache, and that checked"},
    {.key = "restore_first_cold_ns",
     .title = "First restore() of a process, cold",
     .column = "first c/w ms",
     .shown = kFiles,
     .sample = "process",
     .doc = "the first of these calls in a process, the only one that a restart makes: it also "
            "pays for imports and memory"},
    {.key = "restore_first_warm_ns",
     .title = "First restore() of a process, warm",
     .column = "first c/w ms",
     .shown = kFiles,
     .sample = "process",
     .doc = "the same with the pages in memory"},
    {.key = "restore_first_step_cold_ns",
     .title = "Process start to the first step, cold",
     .column = "start c/w s",
     .unit = kSeconds,
     .shown = kEverywhere,
     .sample = "process",
     .doc = "start of a process to the end of its first step from the restored state, which has "
            "been compared with the saved one; that comparison and the eviction are not counted"},
    {.key = "restore_first_step_warm_ns",
     .title = "Process start to the first step, warm",
     .column = "start c/w s",
     .unit = kSeconds,
     .shown = kEverywhere,
     .sample = "process",
     .doc = "the same with the pages in memory"},
    {.key = "peak_extra_host_bytes",
     .title = "Extra host memory",
     .column = "+memory",
     .unit = kBytes,
     .shown = kEverywhere,
     .sample = "cell",
     .doc = "most memory during three saves above the most during three steps before the strategy "
            "is opened, with its code (interpreter and imports) loaded; exact (`VmHWM`, reset "
            "before) where the worker is one process, else sampled PSS of the process tree: "
            "`memory_method` says which"},
    {.key = "peak_dirty_bytes",
     .title = "Dirty page cache",
     .column = "+dirty",
     .unit = kBytes,
     .shown = kFiles,
     .sample = "cell",
     .doc = "most file pages of the machine that waited for the disk during those saves, above "
            "those without: memory that is no process's"},
    {.key = "written_bytes_per_parameter",
     .title = "Written per parameter",
     .column = "B/param w/kept",
     .unit = kBytesEach,
     .shown = kEverywhere,
     .doc = "bytes that one save writes, per trained number",
     .numerator = "written_bytes",
     .denominator = "parameters"},
    {.key = "retained_bytes_per_parameter",
     .title = "Retained per parameter",
     .column = "B/param w/kept",
     .unit = kBytesEach,
     .shown = kEverywhere,
     .doc = "bytes on disk of all kept checkpoints, per trained number",
     .numerator = "retained_bytes",
     .denominator = "parameters"},
    {.key = "prepare_ns",
     .title = "Prepare",
     .column = "prepare ms",
     .shown = kFiles,
     .sample = "cell",
     .doc = "time of `prepare`, before training: memory is allocated and touched"},
    {.key = "first_block_ns",
     .title = "Block of the first save",
     .column = "first block ms",
     .shown = kEverywhere,
     .sample = "cell",
     .doc = "the first save; it is in no other figure"},
    {.key = "first_persist_ns",
     .title = "Persist of the first save",
     .column = "first persist ms",
     .shown = kFiles,
     .writing = true,
     .sample = "cell",
     .doc = "the same, request to the commit record"},
    {.key = "of_overwrite_limit_pct",
     .title = "Share of the overwrite limit",
     .column = "% overwrite limit",
     .unit = kPercent,
     .better = kHigher,
     .shown = kFiles,
     .share_of_limit = true,
     .doc = "those files written over in place, against a save alone",
     .numerator = "probe_overwrite_ns",
     .denominator = "persist_alone_ns",
     .factor = 100},
    {.key = "peak_extra_pinned_bytes",
     .title = "Extra pinned memory",
     .column = "+pinned",
     .unit = kBytes,
     .shown = kEverywhere,
     .sample = "cell, GPU",
     .doc = "most pinned host memory that the strategy held"},
    {.key = "peak_extra_gpu_bytes",
     .title = "Extra GPU memory",
     .column = "+GPU",
     .unit = kBytes,
     .shown = kEverywhere,
     .sample = "cell, GPU",
     .doc =
         "most memory taken on the GPU during a save (`cudaMemGetInfo`, every process and torch's "
         "cache included) above that before the strategy was opened; no GPU has run it yet"},
    {.key = "block_per_copy",
     .title = "Block against a copy",
     .column = "block / copy",
     .unit = kTimes,
     .shown = kFiles,
     .doc = "block against one copy of what is saved: in memory; where the state lies on a GPU, "
            "from there to pinned memory, at the rate of the fastest probe",
     .numerator = "block_ns",
     .denominator = "probe_memcpy_ns",
     .denominator_on_gpu = "probe_to_host_ns"},
    {.key = "tail_ns",
     .title = "Tail",
     .column = "tail ms",
     .shown = kFiles,
     .sample = "window",
     .doc = "the wait after the last step until every save is decided; reported apart, never in "
            "the stall"},
    {.key = "drain_ns",
     .title = "Drain",
     .column = "drain ms",
     .shown = kFiles,
     .sample = "window",
     .doc = "after the tail: the deletions that retention left to the background, which training "
            "would not wait for"},
    {.key = "debt_ns",
     .title = "Debt",
     .column = "debt ms",
     .shown = kFiles,
     .sample = "window",
     .doc = "`syncfs` after the window: what a strategy left for others to write"},
};

bool matches(std::string_view pattern, std::string_view key) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == key;
  return key.size() >= pattern.size() && key.starts_with(pattern.substr(0, star)) &&
         key.ends_with(pattern.substr(star + 1));
}

}  // namespace

std::span<const Metric> all_metrics() {
  static const std::vector<Metric> metrics = [] {
    std::vector<Metric> all(std::begin(kMetrics), std::end(kMetrics));
    const std::span<const Metric> others = metrics_without_column();
    all.insert(all.end(), others.begin(), others.end());
    return all;
  }();
  return metrics;
}

std::vector<const Metric*> stall_parts() {
  std::vector<const Metric*> parts;
  for (const Metric& metric : all_metrics()) {
    if (metric.is_stall_part()) parts.push_back(&metric);
  }
  return parts;
}

const Metric* find_metric(std::string_view key) {
  const std::span<const Metric> metrics = all_metrics();
  const auto found = std::find_if(metrics.begin(), metrics.end(),
                                  [&](const Metric& metric) { return matches(metric.key, key); });
  return found == metrics.end() ? nullptr : &*found;
}

const Metric& metric_of(std::string_view key) {
  if (const Metric* metric = find_metric(key)) return *metric;
  throw std::logic_error(fmt::format("no metric has the key {}", key));
}

std::string_view metric_word(const Metric& metric, std::string_view key) {
  const size_t star = metric.key.find('*');
  if (star == std::string_view::npos || !matches(metric.key, key)) return "";
  return key.substr(star, key.size() - metric.key.size() + 1);
}

}  // namespace ckptbench
