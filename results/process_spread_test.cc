#include "results/process_spread.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "harness/core/prng.h"
#include "results/export.h"
#include "results/interference.h"
#include "results/result_rows.h"
#include "results/testing/documented_table.h"
#include "results/testing/sample_records.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;

constexpr size_t kPairs = 8;  // of each process

// One row, of processes whose stalls lie at these ms.
ReportInput processes_at(const std::vector<double>& stalls_ms) {
  ReportInput input;
  for (const double ms : stalls_ms) {
    input.records.push_back(measured_record("digits-mlp", "sync", 1, 1));
    Record& record = input.records.back();
    record.cell.repeat = input.records.size();
    record.observed = {{"stopped_by", ms < 20 ? "precision" : "budget"}};
    for (Samples& samples : record.samples) {
      if (samples.metric == "stall_ns") samples.values.assign(kPairs, ms * 1e6);
    }
  }
  return input;
}

Estimate stall_at(const std::vector<double>& stalls_ms) {
  const ReportInput input = processes_at(stalls_ms);
  return make_result_rows(input.records, {}).rows.at(0).metric("stall_ns");
}

TEST(ProcessSpread, FewProcessesAreAllInTheInterval) {
  const Estimate stall = stall_at({10, 11, 11, 12, 11});
  EXPECT_EQ(stall.low, 10e6);
  EXPECT_EQ(stall.high, 12e6);
  EXPECT_EQ(stall.value, 11e6);
  EXPECT_EQ(stall.count, 5 * kPairs);
  EXPECT_EQ(stall.processes, 5U);
  EXPECT_DOUBLE_EQ(stall.confidence, 1 - 1 / 16.0);
  EXPECT_FALSE(across_processes(estimate_median(std::vector<double>{1, 2}), {1, 2}).has_interval());
}

TEST(ProcessSpread, ManyProcessesHaveTheIntervalOfTheirMedians) {
  const Estimate stall = stall_at({10, 11, 12, 13, 14, 15, 16, 17, 18});
  EXPECT_EQ(stall.low, 11e6);  // the second of nine
  EXPECT_EQ(stall.high, 17e6);
  EXPECT_EQ(stall.count, 9 * kPairs);
  EXPECT_EQ(stall.process_low, 10e6);
  EXPECT_EQ(stall.process_high, 18e6);
}

TEST(ProcessSpread, OneProcessIsAsItWas) {
  const Estimate stall = stall_at({10});
  EXPECT_EQ(stall.processes, 0U);
  EXPECT_GE(stall.confidence, kConfidence);
  EXPECT_EQ(processes_text(*find_metric("stall_ns"), stall), "");
}

// What is derived differs between processes too; a limit is that of the machine.
TEST(ProcessSpread, DerivedFiguresHaveIt) {
  ReportInput input = processes_at({10, 10});
  for (Record& record : input.records) {
    const double factor = record.cell.repeat == 1 ? 1 : 2;
    for (Samples& samples : record.samples) {
      if (samples.metric == "persist_alone_ns") samples.values.assign(kPairs, factor * 130e6);
      if (samples.metric == "probe_new_file_ns") samples.values.assign(kPairs, factor * 50e6);
    }
  }
  const ResultRow row = make_result_rows(input.records, {}).rows.at(0);
  const Estimate rate = row.metric("effective_bytes_per_s");
  EXPECT_GT(rate.process_low, 0);
  EXPECT_DOUBLE_EQ(rate.process_high, 2 * rate.process_low);
  const Estimate share = row.metric("of_limit_pct");
  EXPECT_GT(share.process_low, 0);
  EXPECT_NEAR(share.process_high, 2 * share.process_low, 1);
  EXPECT_EQ(row.metric("skipped_saves").processes, 0U) << "a sum";
}

TEST(ProcessSpread, InterferenceBeyondItsFloorHasIt) {
  ReportInput input = processes_at({10, 10, 10, 10, 10});
  for (Record& record : input.records) {
    const double excess = record.cell.repeat == 1 ? 9e6 : 3e6;
    std::erase_if(record.samples, [](const Samples& s) { return s.metric == "interference_ns"; });
    record.samples.push_back({"interference_ns", 0, std::vector<double>(kPairs, 7e6 + excess)});
    record.samples.push_back({"interference_floor_ns", 0, std::vector<double>(kPairs, 7e6)});
  }
  const ResultRow row = make_result_rows(input.records, {}).rows.at(0);
  EXPECT_EQ(interference_of(row).excess.low, 3e6);
  EXPECT_EQ(interference_of(row).excess.high, 9e6);
}

// Of four processes one has lost a sample of each kind: their pairs no longer belong together.
TEST(ProcessSpread, StepsWithinAWindowAreComparedOnlyWhereEveryProcessHasBoth) {
  ReportInput input = processes_at({10, 10, 10, 10});
  for (Record& record : input.records) {
    std::vector<double> drift{-90e6, -60e6, -30e6, 0, 0, 30e6, 60e6, 90e6};
    std::erase_if(record.samples, [](const Samples& s) {
      return s.metric == "interference_ns" || s.metric == "gate_ns";
    });
    record.samples.push_back({"interference_ns", 0, drift});
    record.samples.push_back({"interference_floor_ns", 0, std::vector<double>(kPairs, 0)});
    record.samples.push_back({"after_save_ns", 0, std::vector<double>(kPairs, 9e6)});
    record.samples.push_back({"after_floor_ns", 0, std::vector<double>(kPairs, 2e6)});
  }
  const Interference seen = interference_of(make_result_rows(input.records, {}).rows.at(0));
  EXPECT_TRUE(seen.within_windows);
  EXPECT_EQ(seen.excess.value, 7e6);
  EXPECT_EQ(seen.excess.processes, 4U);
  input.records[0].samples.back().values.pop_back();
  (input.records[1].samples.end() - 2)->values.pop_back();
  const Interference torn = interference_of(make_result_rows(input.records, {}).rows.at(0));
  EXPECT_EQ(torn.kind, InterferenceKind::kUndetermined);
}

TEST(ProcessSpread, IsInTheCsvWithWhatEndedThePairs) {
  const ReportInput input = processes_at({10, 30});
  const std::string csv = to_csv(make_result_rows(input.records, {}));
  EXPECT_THAT(csv, HasSubstr("dropped,processes,process_low,process_high,stopped_by\n"));
  EXPECT_THAT(csv, HasSubstr(",stall_ns,20000000,10000000,30000000,0.5,16,0,2,10000000,30000000,"
                             "precision+budget\n"));
  const ReportInput one = processes_at({10});
  EXPECT_THAT(to_csv(make_result_rows(one.records, {})),
              HasSubstr(",stall_ns,10000000,10000000,10000000,0.9921875,8,0,,,,precision\n"));
}

double normal_of(Prng& prng) {
  constexpr double kTurn = 6.28318530717959;
  const double radius = std::sqrt(-2 * std::log(1 - prng.uniform()));
  return radius * std::cos(kTurn * prng.uniform());
}

struct Held {
  double honest_pct = 0;
  double pooled_pct = 0;
};

// `share` of the variance lies between processes; the truth is 0.
Held held_of(size_t processes, double share) {
  constexpr int kRows = 1500;
  Prng prng(processes);
  Held held;
  for (int row = 0; row < kRows; ++row) {
    std::vector<double> all;
    std::vector<double> medians;
    for (size_t process = 0; process < processes; ++process) {
      std::vector<double> pairs;
      const double drift = std::sqrt(share) * normal_of(prng);
      for (size_t i = 0; i < kPairs; ++i) {
        pairs.push_back(drift + std::sqrt(1 - share) * normal_of(prng));
      }
      medians.push_back(median(pairs));
      all.insert(all.end(), pairs.begin(), pairs.end());
    }
    const Estimate pooled = estimate_median(all);
    held.pooled_pct += pooled.contains(0) ? 100.0 / kRows : 0;
    held.honest_pct += across_processes(pooled, medians).contains(0) ? 100.0 / kRows : 0;
  }
  return held;
}

TEST(ProcessSpread, ItsCoverageIsThatOfTheDocumentation) {
  std::string table =
      "| Processes | Variance between them | Holds the truth | All pairs as independent |\n"
      "|--:|--:|--:|--:|\n";
  for (const size_t processes : {2U, 3U, 5U, 6U, 10U}) {
    for (const double share : {0.0, 0.5, 0.75}) {
      const Held held = held_of(processes, share);
      const double least = processes >= kFewestForInterval || share == 0
                               ? kConfidence
                               : 1 - std::pow(2, 1 - static_cast<double>(processes));
      EXPECT_GE(held.honest_pct, 100 * least - 1) << processes << " " << share;
      table += fmt::format("| {} | {:.0f} % | {:.0f} % | {:.0f} % |\n", processes, 100 * share,
                           held.honest_pct, held.pooled_pct);
    }
  }
  expect_documented(CKPT_METRICS_DOC, "processes", table);
}

}  // namespace
}  // namespace ckptbench
