#include "results/row_marks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/observed_keys.h"
#include "results/figure_text.h"
#include "results/interference.h"
#include "results/least_shares.h"
#include "results/metrics.h"

namespace ckptbench {
namespace {

constexpr double kFirstSaveFactor = 2;
constexpr double kClusterFactor = 1.1;  // clusters closer than this are of no interest
constexpr double kForeignCpuPct = 5;    // of all cores
constexpr double kOtherSpeed = 0.10;    // of the plain steps of the table's rows
constexpr size_t kFewestRestores = 7;   // cold, or warm, that are not marked

constexpr MarkWord kMarkWords[] = {
    {'f', "saves failed", "the column skip/fail has their number"},
    {'d', "old checkpoints were not deleted", "a request of the policy failed: the disk fills"},
    {'s', "saves were skipped", "the column skip/fail has their number"},
    {'n', "fewer than 6 pairs: no interval", "not even their range reaches 95 %"},
    {'e', "time budget spent before the requested precision",
     "`stopped_by` is `budget` (`budget_s` was spent before the interval was narrow and one more "
     "group was taken) or `deadline` (fewer pairs than asked for); a row without this mark ended "
     "by `precision`, or has the pairs that were asked for (`precision_pct = 0`)"},
    {'p', "windows are too short for the saves in them",
     "a window has fewer than three saves, ends before three of them could be durable, or holds no "
     "whole cycle of saves of different sizes: its figures are those of the saves that it has"},
    {'0', "the stall's interval contains 0", "whether saving costs anything is undecided"},
    {'g', "the stall lies below 0: drift, or other work on the machine",
     "the whole interval is negative, and a save cannot give time back: something other "
     "than saving made the pairs differ"},
    {'x', "the stall is shorter than the block it contains: drift, or other work",
     "its whole interval lies below that of the time inside `save`, which is a part of it"},
    {'o', "other programs, or the host, took more than 5 % of the processors",
     "`foreign_cpu_pct` and `stolen_cpu_pct` of a measured cell, together, the mean of the row's "
     "processes; figures of an idle machine are better"},
    {'v', "its plain steps ran at another speed than those of the other rows",
     "`step_ns` lies more than 10 % off the median over the measured rows of its table, of which "
     "there are at least three: a comparison with them is one of two machines"},
    {'i', "interference is not explained by its floor",
     "interference minus floor, paired by their common plain window, surely lies above 0, and its "
     "median is more than 10 % of the stall or 5 % of a step; where that is undetermined, the same "
     "of `after_save_ns` without the gate minus `after_floor_ns` (the steps within each window); "
     "or there is no floor, and that holds of the interference itself"},
    {'u', "large interference; its floor is too noisy to explain it",
     "its median is more than those shares, and the intervals of both differences, of whole "
     "windows and of the steps within them, hold 0 but are too wide to say that the floor explains "
     "it"},
    {'b', "samples in two clusters: the median describes neither",
     "of stall, block, persist or restore: some split has at least a fifth of the samples on each "
     "side and "
     "means further apart than 4.5 + 45/n standard deviations within the sides (fewer than 4 of "
     "100 samples with one mode do)"},
    {'1', "the first save blocked more than twice as long",
     "as the later ones; it is in no figure"},
    {'l', "writes faster than every probe: no share of the limit is shown",
     "the share would be above 100 %, which explains nothing"},
    {'r', "restore() faster than every read probe: no share of the limit is shown",
     "the same for the cold restore and plain cold reads"},
    {'c', "fewer than 7 calls of restore() behind a figure",
     "of a cold or a warm one: the first call of a process weighs more, or there is no interval; "
     "there are 8 of each, unless half of the deadline passes first"},
    {'m', "+memory is sampled: a short peak may be missed",
     "`memory_method`: exact only where the worker is one process; else the memory of all its "
     "processes was added up now and then"},
    {'t', "saves pile up: the wait after the last one is not in the stall",
     "the tail of a window, one stall left out (what the next save would wait for), is, per save, "
     "more than 10 % of the stall, or 5 % of a step where the stall is not above 0"},
};

class Marker {
 public:
  explicit Marker(const ResultRow& row) : row_(row) {}

  std::vector<RowMark> run() {
    decided_saves();
    short_windows();
    stall();
    ended_by_time();
    foreign_load();
    other_speed();
    interference();
    for (const char* key : {"stall_ns", "save_block_ns", "block_ns", "save_persist_ns",
                            "restore_cold_ns", "restore_warm_ns"})
      clusters(key);
    first_save();
    limits();
    few_restores();
    sampled_memory();
    tail();
    return std::move(marks_);
  }

 private:
  void add(char letter, std::string detail) {
    const auto* word = std::find_if(std::begin(kMarkWords), std::end(kMarkWords),
                                    [&](const MarkWord& own) { return own.letter == letter; });
    marks_.push_back({letter, word->legend, std::move(detail)});
  }

  void decided_saves() {
    if (const double failed = row_.metric("failed_saves").value; failed > 0) {
      const std::string reason = row_.first_failure();
      add('f', fmt::format("{} saves failed{}{}", failed,
                           reason.empty() ? "" : "; the first: ", reason));
    }
    if (const std::string reason = row_.retention_failure(); !reason.empty()) {
      add('d', "old checkpoints were not deleted: " + reason);
    }
    if (const double skipped = row_.metric("skipped_saves").value; skipped > 0) {
      add('s', fmt::format("{} saves were skipped", skipped));
    }
  }

  void short_windows() {
    for (const std::string& text : row_.texts_observed(observed::kShortWindows)) {
      if (!has_mark(marks_, 'p')) add('p', text);
    }
  }

  void stall() {
    const Estimate stall = row_.metric("stall_ns");
    const Estimate block = row_.metric("block_ns");
    if (!stall.known()) return;
    const std::string interval =
        fmt::format("the stall's interval, {} to {}", format_ms(stall.low), format_ms(stall.high));
    if (!stall.has_interval()) {
      add('n', fmt::format("{} pairs: too few for an interval (6)", stall.count));
    } else if (stall.contains(0)) {
      add('0', interval + ", contains 0");
    } else if (stall.high < 0) {
      add('g', interval + ", lies below 0: drift, or other work on the machine");
    }
    if (!stall.has_interval() || stall.high < 0) return;
    if (block.has_interval() && stall.high < block.low) {
      add('x', fmt::format("{}, lies below the block that it contains, {} to {}", interval,
                           format_ms(block.low), format_ms(block.high)));
    }
  }

  void ended_by_time() {
    std::string why;
    for (const std::string& text : row_.texts_observed(observed::kStoppedBy)) {
      if (text == observed::kByBudget) {
        why = "the time for them was spent first, before the precision asked for";
      } else if (text == observed::kByDeadline) {
        why = "the deadline of the cell allowed fewer than asked for";
      }
    }
    if (!why.empty()) add('e', fmt::format("{} pairs: {}", row_.metric("stall_ns").count, why));
  }

  void few_restores() {
    const size_t cold = row_.metric("restore_cold_ns").count;
    const size_t warm = row_.metric("restore_warm_ns").count;
    const auto few = [](size_t calls) { return calls > 0 && calls < kFewestRestores; };
    if (!few(cold) && !few(warm)) return;
    add('c', fmt::format("calls of restore(): {} cold, {} warm", cold, warm));
  }

  void sampled_memory() {
    const std::vector<std::string> methods = row_.texts_observed(observed::kMemoryMethod);
    if (std::find(methods.begin(), methods.end(), observed::kSampledMemory) == methods.end())
      return;
    add('m', fmt::format("extra memory: {}; a short peak may be missed", observed::kSampledMemory));
  }

  // Over the processes of the row, whose windows are alike; 0: none knows it.
  double mean_observed(const char* key) const {
    double sum = 0;
    double count = 0;
    for (const nlohmann::json& observed : row_.observed) {
      if (!observed.contains(key) || !observed[key].is_number()) continue;
      sum += observed[key].get<double>();
      ++count;
    }
    return count > 0 ? sum / count : 0;
  }

  void foreign_load() {
    const double foreign = mean_observed(observed::kForeignCpuPct);
    const double stolen = mean_observed(observed::kStolenCpuPct);
    if (!(foreign + stolen > kForeignCpuPct)) return;
    add('o', fmt::format("other programs took {} % of the processors, and the host of this virtual "
                         "machine {} %",
                         format_number(foreign, 2), format_number(stolen, 2)));
  }

  void other_speed() {
    const double ratio = row_.step_ratio;
    if (!(std::abs(ratio - 1) > kOtherSpeed)) return;
    add('v', fmt::format("a plain step takes {}, {} % of the median over the rows of its table",
                         format_ms(row_.metric("step_ns").value), format_number(100 * ratio)));
  }

  void interference() {
    const Interference seen = interference_of(row_);
    const Estimate whole = row_.metric("interference_ns");
    if (seen.kind == InterferenceKind::kUndetermined && seen.large) {
      return add('u', fmt::format("interference of {}; minus its floor {} ms, undetermined",
                                  format_ms(whole.value),
                                  figure_text(metric_of("interference_ns"), seen.excess)));
    }
    if (!seen.needs_cause()) return;
    if (seen.kind == InterferenceKind::kLargeAlone) {
      return add('i', fmt::format("interference of {}, and no floor was measured",
                                  format_ms(whole.value)));
    }
    add('i', fmt::format("interference of {} exceeds its floor by {} ms{}", format_ms(whole.value),
                         figure_text(metric_of("interference_ns"), seen.excess),
                         seen.within_windows ? " within windows" : ""));
  }

  void clusters(const char* key) {
    const auto samples = row_.samples.find(key);
    Clusters found;
    if (samples == row_.samples.end() || has_mark(marks_, 'b')) return;
    if (!two_clusters(samples->second, found) || found.high < kClusterFactor * found.low) return;
    add('b', fmt::format("{} falls into two clusters: {} of {} samples near {}, the others near {}",
                         key, found.high_count, samples->second.size(), format_ms(found.high),
                         format_ms(found.low)));
  }

  void first_save() {
    const Estimate first = row_.metric("first_block_ns");
    const Estimate block = row_.metric("block_ns");
    if (!first.known() || !block.known() || first.value <= kFirstSaveFactor * block.value) return;
    add('1', fmt::format("the first save blocked for {}, later ones for {}", format_ms(first.value),
                         format_ms(block.value)));
  }

  // Both sides were measured, and their quotient is kept back because it is above 100 %.
  bool withheld(std::string_view share, std::string_view mine, std::string_view probe) const {
    return row_.metric(mine).known() && row_.metric(probe).known() && !row_.metric(share).known();
  }

  void limits() {
    const Estimate written = row_.metric("written_bytes_per_s");
    const Estimate limit = row_.metric("limit_bytes_per_s");
    if (written.known() && limit.known() &&
        (written.value > limit.value ||
         withheld("of_limit_pct", "persist_alone_ns", "probe_new_file_ns"))) {
      add('l', fmt::format("saves wrote {} GB/s, the fastest probe {}",
                           format_number(written.value / 1e9), format_number(limit.value / 1e9)));
    }
    if (withheld("restore_of_limit_pct", "restore_cold_ns", "probe_read_cold_ns")) {
      add('r',
          fmt::format("restore() took {}, plain reads of the same bytes {}: more than 100 % of "
                      "what the probes reached",
                      format_ms(row_.metric("restore_cold_ns").value),
                      format_ms(row_.metric("probe_read_cold_ns").value)));
    }
  }

  void tail() {
    const Estimate tail = row_.metric("tail_ns");
    const double saves = row_.most_observed(observed::kSavesPerWindow);
    const double stall = row_.metric("stall_ns").value;
    if (!tail.known() || !(saves > 0)) return;
    // The next request would wait for the save under way; the stall of each save has that already.
    const double each = (tail.value - std::max(0.0, stall)) / saves;
    const double limit =
        stall > 0 ? kLeastOfStall * stall : kLeastOfStep * row_.metric("step_ns").value;
    if (!(each > limit)) return;
    add('t', fmt::format("after the last step of a window its saves take {} to be decided, {} per "
                         "save beyond the stall of {}",
                         format_ms(tail.value), format_ms(each), format_ms(stall)));
  }

  const ResultRow& row_;
  std::vector<RowMark> marks_;
};

}  // namespace

std::vector<RowMark> row_marks(const ResultRow& row) {
  return Marker(row).run();
}

std::string mark_letters(const std::vector<RowMark>& marks) {
  std::string letters;
  for (const RowMark& mark : marks) letters += mark.letter;
  return letters;
}

bool has_mark(const std::vector<RowMark>& marks, char letter) {
  return std::any_of(marks.begin(), marks.end(),
                     [&](const RowMark& mark) { return mark.letter == letter; });
}

std::span<const MarkWord> mark_words() {
  return kMarkWords;
}

std::string mark_words_markdown() {
  std::string out = "| Mark | When | What it means |\n|---|---|---|\n";
  for (const MarkWord& word : kMarkWords) {
    out += fmt::format("| `{}` | {} | {} |\n", word.letter, word.legend, word.meaning);
  }
  return out;
}

}  // namespace ckptbench
