#include "results/stall_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/observed_keys.h"
#include "results/figure_text.h"
#include "results/interference.h"
#include "results/metrics.h"

namespace ckptbench {
namespace {

constexpr size_t kLags = 8;          // steps after a save that are shown
constexpr double kSmallDelay = 0.1;  // of the part that it is in: less is not told
constexpr double kMostOfIt = 0.5;

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
                       figure_text(metric_of("step_lag_*_ns"), lags[i].second));
  }
  return out.empty() ? "" : "steps after a save against plain ones, ms: " + out;
}

std::string within_text(const ResultRow& row) {
  const Estimate within = row.metric("after_save_ns");
  const double steps = row.most_observed(observed::kBusySteps);
  if (!within.known())
    return steps > 0 ? "; no later steps to compare with: saves are at work all the time" : "";
  const Estimate floor = row.metric("after_floor_ns");
  return fmt::format(
      "; steps during a save{} minus later steps of the same window (gate included, without the "
      "drift between windows): {} per save{}",
      steps > 0 ? fmt::format(" ({} after each)", steps) : "",
      figure_text(metric_of("after_save_ns"), within),
      floor.known() ? ", beside plain writes " + figure_text(metric_of("after_floor_ns"), floor)
                    : "");
}

std::string excess_text(const Interference& seen) {
  const std::string excess = figure_text(metric_of("interference_ns"), seen.excess);
  const std::string_view where = seen.within_windows ? "within windows " : "";
  switch (seen.kind) {
    case InterferenceKind::kAbove:
    case InterferenceKind::kLittleAbove:
      return fmt::format("{}above its floor by {}", where, excess);
    case InterferenceKind::kAsFloor:
      return fmt::format("{}as its floor: the difference is {}", where, excess);
    case InterferenceKind::kBelow:
      return fmt::format("{}below its floor by {}", where, excess);
    case InterferenceKind::kUndetermined:
      return "undetermined: the interval of the difference is too wide, " + excess;
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
                     figure_text(metric_of("interference_floor_ns"), floor),
                     excess_text(interference_of(row)));
}

// What of it is time for which the training thread waited for a processor; empty where none was.
std::string delay_text(const ResultRow& row) {
  const Estimate delay = row.metric("save_run_delay_ns");
  if (!delay.known() || delay.value < kSmallDelay * row.metric("interference_ns").value) return "";
  const Estimate floor = row.metric("floor_run_delay_ns");
  return fmt::format("; the training thread waited {} ms longer for a processor{}",
                     figure_text(metric_of("save_run_delay_ns"), delay),
                     floor.known()
                         ? fmt::format(", beside the plain writes {} ms",
                                       figure_text(metric_of("floor_run_delay_ns"), floor))
                         : "");
}

// True: what exceeds the floor is mostly time without a processor.
bool lacks_a_processor(const ResultRow& row) {
  const Estimate delay = row.metric("save_run_delay_ns");
  const Estimate floor = row.metric("floor_run_delay_ns");
  const Interference seen = interference_of(row);
  const double excess = seen.within_windows
                            ? seen.excess.value
                            : row.metric("interference_ns").value -
                                  std::max(row.metric("interference_floor_ns").value, 0.0);
  return delay.known() && floor.known() &&
         delay.value - std::max(floor.value, 0.0) > kMostOfIt * excess;
}

bool on_gpu(const ResultRow& row) {
  return row.metric("probe_to_host_ns").known();
}

// What the probes of a GPU say of as many bytes as a save has; empty where there is none.
std::string device_text(const ResultRow& row) {
  const Estimate probed = row.metric("probe_device_bytes");
  const Estimate saved = row.metric("logical_bytes");
  if (!on_gpu(row) || !saved.known() || !(probed.value > 0)) return "";
  const auto scaled = [&](std::string_view key) {
    return format_ms(row.metric(key).value * saved.value / probed.value);
  };
  return fmt::format(
      "so many bytes take {} from this GPU to pinned memory, {} back, {} within the GPU, {} to pin",
      scaled("probe_to_host_ns"), scaled("probe_to_device_ns"), scaled("probe_within_device_ns"),
      scaled("probe_pin_ns"));
}

std::string_view against_one_copy(double copies) {
  constexpr double kAlike = 1.25;
  if (copies > kAlike) return "more than";
  return copies < 1 / kAlike ? "less than" : "about";
}

void append_part(std::string& text, std::string_view separator, const std::string& part) {
  if (part.empty()) return;
  if (!text.empty()) text += separator;
  text += part;
}

}  // namespace

std::string block_evidence(const ResultRow& row) {
  std::string out;
  const Estimate copies = row.metric("block_per_copy");
  if (copies.known()) {
    out = fmt::format("{} times a copy {} of what is saved",
                      value_text(metric_of("block_per_copy"), copies),
                      on_gpu(row) ? "to pinned memory" : "in memory");
  }
  const Estimate persist = row.metric("persist_ns");
  if (persist.known() && persist.value > 0) {
    append_part(
        out, ", ",
        format_number(100 * row.metric("block_ns").value / persist.value) + " % of persist");
  }
  append_part(out, "; ", device_text(row));
  append_part(out, "; ", phases_text(row));
  return out;
}

std::string interference_evidence(const ResultRow& row) {
  std::string out = floor_text(row) + within_text(row) + delay_text(row);
  append_part(out, "; ", lags_text(row));
  append_part(out, "; ", phases_text(row));
  return out;
}

std::string block_advice(const ResultRow& row) {
  const double block = row.metric("block_ns").value;
  const Estimate persist = row.metric("persist_ns");
  const Estimate copies = row.metric("block_per_copy");
  if (persist.known() && block > 0.7 * persist.value) {
    const std::string why = "the save returns when it is durable: ";
    return why + (row.facts.group == "native"
                      ? "with the stage `staged`, as in `async`, training waits for the copy alone"
                      : "a strategy that writes a copy on a thread of its own holds training for "
                        "the copy alone");
  }
  if (!copies.known()) return "fewer saves, or fewer bytes, lower it";
  if (copies.value > 2) {
    return "more than two copies of the state: where the save waits for an earlier one, save less "
           "often; where it encodes before it returns, encode on another thread";
  }
  return fmt::format("{} one copy of the state{}", against_one_copy(copies.value),
                     on_gpu(row) ? " to pinned memory: fewer saves, or fewer bytes, lower it"
                                 : ": fewer saves, or a copy by more threads, lower it");
}

std::string retention_evidence(const ResultRow& row) {
  const std::string deleting = "deleting old checkpoints on the training thread";
  const Estimate wait = row.metric("retention_wait_ns");
  if (!(wait.value > kSmallDelay * row.metric("retention_ns").value)) return deleting;
  return fmt::format(
      "{}; {} ms of it wait for the newest save, because more old checkpoints than "
      "are kept wait to be deleted",
      deleting, figure_text(metric_of("retention_wait_ns"), wait));
}

std::string retention_advice(const ResultRow& row) {
  const double whole = row.metric("retention_ns").value;
  if (row.metric("retention_wait_ns").value > kMostOfIt * whole)
    return "saves pile up: save less often";
  return "keep fewer checkpoints, or delete them in the background";
}

std::string asking_advice(const ResultRow& row) {
  if (row.strategy.name.starts_with("python:")) {
    return "make done() / wait() return without taking a lock: a class in Python waits for its "
           "interpreter";
  }
  return "make wait() return without taking a lock";
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
    case InterferenceKind::kLargeAlone:
    case InterferenceKind::kSmallAlone:
      return "no floor was measured: it may be the strategy's, or that of any writer of so many "
             "bytes; fewer saves lower both";
    case InterferenceKind::kUnknown:
    case InterferenceKind::kAbove:
      break;
  }
  if (lacks_a_processor(row)) {
    return "the strategy's own threads or processes take the training thread's processor: fewer of "
           "them, less encoding, or cores that training leaves free lower it";
  }
  return "the strategy's own: leave out one thing at a time (threads, encoding, direct I/O, "
         "retention) to find it; fewer writer threads leave cores to training";
}

}  // namespace ckptbench
