#include "harness/cli/run_end.h"

#include <gtest/gtest.h>

namespace ckptbench {
namespace {

Record trial(DataVerdict data, bool allowed) {
  Record record;
  record.cell.id = "t";
  record.cell.kind = CellKind::kTrial;
  record.verdict.emplace();
  record.verdict->data = data;
  record.allowed = allowed;
  return record;
}

Record harness(HarnessOutcome outcome, bool allowed) {
  Record record = trial(DataVerdict::kBitExact, allowed);
  record.verdict->data.reset();
  record.verdict->outcome = outcome;
  return record;
}

TEST(Summary, ExitCodesFollowTheRecords) {
  EXPECT_EQ(exit_code_of(trial(DataVerdict::kBitExact, true)), ExitCode::kOk);
  EXPECT_EQ(exit_code_of(trial(DataVerdict::kLostAck, true)), ExitCode::kOk);
  EXPECT_EQ(exit_code_of(trial(DataVerdict::kLostAck, false)), ExitCode::kNotAllowed);
  EXPECT_EQ(exit_code_of(harness(HarnessOutcome::kVacuous, true)), ExitCode::kHarness);
  EXPECT_EQ(exit_code_of(harness(HarnessOutcome::kOracleInvalid, false)), ExitCode::kHarness);
  EXPECT_EQ(exit_code_of(harness(HarnessOutcome::kHarnessError, false)), ExitCode::kHarness);
  EXPECT_EQ(exit_code_of(harness(HarnessOutcome::kNotApplicable, true)), ExitCode::kOk);
  Record error;
  error.error = "no memory";
  EXPECT_EQ(exit_code_of(error), ExitCode::kHarness);
  error.allowed = false;  // a measured strategy that failed
  EXPECT_EQ(exit_code_of(error), ExitCode::kNotAllowed);
}

TEST(Summary, AVerdictIsNotHiddenByTheHarnessOwnFailure) {
  const Record lost = trial(DataVerdict::kLostAck, false);
  const Record vacuous = harness(HarnessOutcome::kVacuous, true);
  EXPECT_EQ(summarize({lost}, {lost.cell}, {}, {.out = "out"}), ExitCode::kNotAllowed);
  EXPECT_EQ(summarize({lost, vacuous}, {lost.cell}, {}, {.out = "out"}), ExitCode::kNotAllowed);
  EXPECT_EQ(summarize({vacuous}, {vacuous.cell}, {}, {.out = "out"}), ExitCode::kHarness);
  EXPECT_EQ(summarize({}, {lost.cell}, {}, {.out = "out"}), ExitCode::kHarness);
}

TEST(Summary, WhatWasNotRunIsTheStrategysFailure) {
  Record not_run = harness(HarnessOutcome::kNotRun, false);
  not_run.verdict->findings = {Finding::kHang};
  EXPECT_EQ(exit_code_of(not_run), ExitCode::kNotAllowed);
}

TEST(Summary, ALossWithoutAnyFaultIsAVerdict) {
  Record vacuous = harness(HarnessOutcome::kVacuous, false);
  vacuous.verdict->data = DataVerdict::kLostAck;
  EXPECT_EQ(exit_code_of(vacuous), ExitCode::kNotAllowed);
}

}  // namespace
}  // namespace ckptbench
