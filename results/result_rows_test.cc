#include "results/result_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "results/cost_tables.h"
#include "results/testing/sample_records.h"

namespace ckptbench {
namespace {

using testing::Contains;
using testing::Pair;

std::map<std::string, std::string> claims_of(const ReportInput& input) {
  std::map<std::string, std::string> claims;
  for (const ResultRow& row : make_result_rows(input.records, input.environment).rows)
    claims[row.name] = row.claim;
  return claims;
}

TEST(ResultRows, AClaimIsThatOfTheParameters) {
  ReportInput input;
  input.environment.fields["strategies"] = {
      {{"selection", "sync"}, {"name", "sync"}, {"survives", "process,power"}},
      {{"selection", "sync:fsync=false"}, {"name", "sync"}, {"survives", "process"}},
      {{"selection", "blocking@dir"}, {"name", "blocking+raw+rank0@dir"}, {"survives", "host"}}};
  for (const char* name : {"sync", "sync", "blocking@dir"}) {
    input.records.push_back(measured_record("digits-mlp", name, 1, 1));
    input.records.back().observed = nlohmann::json::object();
  }
  input.records[1].cell.strategy.params = {{"fsync", "false"}};
  const auto claims = claims_of(input);
  EXPECT_THAT(claims, Contains(Pair("sync", "process,power")));
  EXPECT_THAT(claims, Contains(Pair("sync (fsync=false)", "process")));
  EXPECT_THAT(claims, Contains(Pair("blocking@dir", "host")));
}

TEST(ResultRows, OtherConditionsAreOtherRows) {
  ReportInput input;
  for (int i = 0; i < 4; ++i) {
    input.records.push_back(measured_record("digits-mlp", "sync", 1, 1));
  }
  input.records[1].cell.seed = 2;  // the same experiment again
  input.records[2].cell.threads = 2;
  input.records[3].cell.policy.contents = Contents::kWeights;
  const ResultRows results = make_result_rows(input.records, input.environment);
  ASSERT_EQ(results.rows.size(), 3U);
  constexpr size_t kPairs = 8;  // of each record
  EXPECT_EQ(results.rows[0].metric("stall_ns").count, 2 * kPairs);
  EXPECT_EQ(results.rows[1].metric("stall_ns").count, kPairs);
  EXPECT_EQ(results.rows[0].place(), "digits-mlp, contents full, threads 1");
  EXPECT_EQ(results.rows[1].place(), "digits-mlp, contents full, threads 2");
  EXPECT_EQ(results.rows[2].place(), "digits-mlp, contents weights, threads 1");
  EXPECT_EQ(make_cost_tables(results, kTerminal).size(), 3U);
}

TEST(ResultRows, TrialsStandInTheRowOfTheMeasuredCell) {
  ReportInput input;
  input.records.push_back(
      trial_record("a", "sync", "phase", data_verdict(DataVerdict::kBitExact), true));
  const std::string workload = input.records.back().cell.workload.name;
  input.records.push_back(measured_record(workload, "sync", 1, 1));
  input.records.back().cell.steps = 99;
  const ResultRows results = make_result_rows(input.records, input.environment);
  ASSERT_EQ(results.rows.size(), 1U);
  EXPECT_TRUE(results.rows[0].measured());
  EXPECT_EQ(results.rows[0].verdicts.trials, 1U);
  EXPECT_EQ(results.rows[0].place(), workload);
}

// As one that was not sampled, it would lose a mark in silence.
TEST(ResultRows, AMisspeltMetricIsNoneThatWasNotSampled) {
  ResultRow row;
  row.metrics["stal_ns"] = {.value = 1, .count = 1};  // of a record: any text may be a key there
  EXPECT_THAT([&] { static_cast<void>(row.metric("stal_ns")); },
              testing::ThrowsMessage<std::logic_error>(testing::HasSubstr("stal_ns")));
  for (const char* key : {"stall_ns", "block_per_copy", "step_lag_12_ns", "phase_write_ns"}) {
    EXPECT_FALSE(row.metric(key).known()) << key;
  }
  EXPECT_THROW(static_cast<void>(row.metric("step_lag_12")), std::logic_error);
}

// Their most lost steps are those of the trials that came to a verdict, not of one without a fault.
TEST(ResultRows, TheSamplesOfTheMostLostAreTheTrialsThatCameToAVerdict) {
  std::vector<Record> records{
      trial_record("a", "sync", "phase", data_verdict(DataVerdict::kRolledBack, 4), true),
      trial_record("b", "sync", "phase", data_verdict(DataVerdict::kBitExact), true),
      trial_record("c", "sync", "phase", Verdict{}, true)};
  records.back().verdict->outcome = HarnessOutcome::kNotApplicable;
  const Estimate most = make_result_rows(records, {}).rows.at(0).metric("most_lost_steps");
  EXPECT_EQ(most.value, 4);
  EXPECT_EQ(most.count, 2U);
}

}  // namespace
}  // namespace ckptbench
