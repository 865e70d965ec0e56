#include "results/testing/sample_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/prng.h"
#include "results/metrics.h"

namespace ckptbench {
namespace {

std::vector<double> noisy(Prng& prng, double middle, size_t count) {
  std::vector<double> values;
  for (size_t i = 0; i < count; ++i) values.push_back(middle * (0.94 + 0.12 * prng.uniform()));
  return values;
}

void add_losses(Record& record, uint64_t crash, uint64_t resume) {
  for (uint64_t step = 1; step <= 24; ++step) {
    const double loss = 0.2 + 2.1 * std::exp(-0.15 * static_cast<double>(step));
    record.losses.push_back({step, loss, "reference"});
    if (step <= crash) record.losses.push_back({step, loss, "trained"});
    if (step > resume) record.losses.push_back({step, loss, "resumed"});
  }
}

nlohmann::json strategy(const char* name, const char* group, const char* survives) {
  return {{"name", name},
          {"group", group},
          {"survives", survives},
          {"summary", fmt::format("what {} does, in one line", name)},
          {"source", ""}};
}

Environment sample_environment() {
  Environment environment;
  environment.fields = {
      {"suite", "default"},
      {"seed", 1},
      {"suite_text", "# default\n[[measure]]\nworkload = \"digits-mlp\"\n"},
      {"machine", {{"cpu", "2 cores"}, {"memory_bytes", 25769803776}, {"kernel", "6.18"}}},
      {"versions", {{"torch", "2.11.0"}, {"compiler", "g++ 12.2"}}},
      {"strategies",
       {strategy("null", "native", ""), strategy("sync", "native", "process,power"),
        strategy("async", "native", "process,power"),
        strategy("compressed", "native", "process,power"),
        strategy("incremental", "native", "process,power"),
        strategy("torch-save", "peer", "process"),
        strategy("python:safetensors", "peer", "process"),
        strategy("broken-in-place", "broken", "process"),
        strategy("broken-no-rng", "broken", "process")}}};
  return environment;
}

struct Cost {
  const char* strategy;
  double stall_ms;
  double bytes;
};
constexpr Cost kCosts[] = {{"null", 0.01, 0},
                           {"sync", 14.2, 12.1},
                           {"async", 1.3, 12.1},
                           {"compressed", 1.9, 9.2},
                           {"incremental", 1.6, 4.4},
                           {"torch-save", 9.8, 12.4},
                           {"python:safetensors", 11.5, 12.0}};

void add_trials(std::vector<Record>& records, const char* name, DataVerdict worst, bool allowed) {
  int i = 0;
  for (const char* fault : {"phase", "moment", "file_op"}) {
    for (DataVerdict value : {DataVerdict::kBitExact, DataVerdict::kRolledBack, worst}) {
      const uint64_t lost = value == DataVerdict::kRolledBack ? 4 : 0;
      records.push_back(trial_record(fmt::format("trial-{}-{}", name, ++i), name, fault,
                                     data_verdict(value, lost), allowed));
      if (value == DataVerdict::kRolledBack) add_losses(records.back(), 19, 15);
    }
  }
}

}  // namespace

Record measured_record(const std::string& workload, const std::string& strategy, double stall_ms,
                       double written_per_parameter) {
  constexpr double kParameters = 1.2e7;
  Prng prng(static_cast<uint64_t>(stall_ms * 1000) + 7);
  Record record;
  record.cell.id = fmt::format("measure-{}-{}", workload, strategy);
  record.cell.workload.name = workload;
  record.cell.strategy.name = strategy;
  record.started_utc = "2026-01-02T03:04:05Z";
  record.wall_s = 12.5;
  const auto add = [&](const char* metric, std::vector<double> values) {
    record.samples.push_back({metric, 0, std::move(values)});
  };
  add("stall_ns", noisy(prng, stall_ms * 1e6, 8));
  add("block_ns", noisy(prng, stall_ms * 0.9e6, 24));
  add("gate_ns", noisy(prng, stall_ms * 0.05e6, 24));
  add("interference_ns", noisy(prng, stall_ms * 0.05e6, 8));
  add("overhead_pct", noisy(prng, stall_ms * 0.4, 8));
  add("step_ns", noisy(prng, 41e6, 64));
  add("logical_bytes", {12 * kParameters});
  add("parameters", {kParameters});
  add("skipped_saves", {0});
  add("failed_saves", {0});
  add("restore_cold_ns", noisy(prng, 320e6, 8));
  add("restore_warm_ns", noisy(prng, 95e6, 8));
  add("probe_read_cold_ns", noisy(prng, 240e6, 8));
  add("restore_first_step_cold_ns", noisy(prng, 1.32e9, 3));
  add("restore_first_step_warm_ns", noisy(prng, 1.095e9, 3));
  add("peak_extra_host_bytes", noisy(prng, 1.5e8, 3));
  if (written_per_parameter == 0) return record;
  add("persist_ns", noisy(prng, 130e6, 24));
  add("written_bytes", {written_per_parameter * kParameters});
  add("window_written_bytes", noisy(prng, written_per_parameter * kParameters, 24));
  add("retained_bytes", noisy(prng, 2 * written_per_parameter * kParameters, 24));
  add("probe_bytes", {written_per_parameter * kParameters});
  add("probe_new_file_ns", noisy(prng, 121e6, 8));
  add("probe_overwrite_ns", noisy(prng, 91e6, 8));
  add("persist_alone_ns", noisy(prng, 130e6, 24));
  return record;
}

Record fully_sampled_record() {
  Record record = measured_record("digits-mlp", "sync", 3, 12);
  for (const Metric& metric : all_metrics()) {
    const bool sampled = std::any_of(record.samples.begin(), record.samples.end(),
                                     [&](const Samples& s) { return s.metric == metric.key; });
    if (metric.derived() || sampled || metric.key.find('*') != std::string_view::npos) continue;
    record.samples.push_back({std::string(metric.key), 0, std::vector<double>(8, 4.5e6)});
  }
  return record;
}

Record trial_record(const std::string& id, const std::string& strategy, const std::string& fault,
                    const Verdict& verdict, bool allowed) {
  Record record;
  record.cell.id = id;
  record.cell.kind = CellKind::kTrial;
  record.cell.workload.name = "digits-mlp";
  record.cell.strategy.name = strategy;
  record.cell.fault.kind = fault;
  record.wall_s = 0.25;
  record.verdict = verdict;
  record.allowed = allowed;
  return record;
}

Verdict data_verdict(DataVerdict value, uint64_t lost_steps) {
  Verdict verdict;
  verdict.data = value;
  verdict.lost_steps = lost_steps;
  verdict.recovered_step = 15;
  verdict.last_requested_step = 15 + lost_steps;
  verdict.explanation = "step 15 of 19 requested comes back; floor 15";
  if (value == DataVerdict::kDiverged) verdict.component = Role::kRng;
  return verdict;
}

ReportInput sample_report() {
  ReportInput input;
  input.environment = sample_environment();
  for (const char* workload : {"digits-mlp", "char-gpt"}) {
    for (const Cost& cost : kCosts) {
      input.records.push_back(measured_record(workload, cost.strategy, cost.stall_ms, cost.bytes));
    }
  }
  for (const char* name : {"sync", "async", "compressed", "incremental"}) {
    add_trials(input.records, name, DataVerdict::kBitExact, true);
  }
  add_trials(input.records, "torch-save", DataVerdict::kDetectedUnrecoverable, true);
  add_trials(input.records, "python:safetensors", DataVerdict::kLostAck, true);
  add_trials(input.records, "broken-in-place", DataVerdict::kSilentCorrupt, true);
  add_trials(input.records, "broken-no-rng", DataVerdict::kDiverged, true);
  return input;
}

void set_samples(ReportInput& input, const std::string& strategy, const std::string& metric,
                 const std::vector<double>& values) {
  for (Record& record : input.records) {
    if (record.cell.strategy.name != strategy || record.cell.kind != CellKind::kMeasure) continue;
    std::erase_if(record.samples, [&](const Samples& s) { return s.metric == metric; });
    record.samples.push_back({metric, 0, values});
  }
}

}  // namespace ckptbench
