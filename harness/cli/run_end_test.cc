#include "harness/cli/run_end.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "harness/cli/progress.h"

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
  // The findings of the strategy's own run stand, whatever failed after it.
  Record found = harness(HarnessOutcome::kHarnessError, false);
  found.verdict->findings = {Finding::kPerturbed};
  EXPECT_EQ(exit_code_of(found), ExitCode::kNotAllowed);
  found.allowed = true;  // known, or broken on purpose
  EXPECT_EQ(exit_code_of(found), ExitCode::kHarness);
  Record error;
  error.error = "no memory";
  EXPECT_EQ(exit_code_of(error), ExitCode::kHarness);
  error.allowed = false;  // a measured strategy that failed
  EXPECT_EQ(exit_code_of(error), ExitCode::kNotAllowed);
}

TEST(Summary, WhatWasFoundIsNotHiddenByAnInterruption) {
  const Record fine = trial(DataVerdict::kBitExact, true);
  EXPECT_EQ(interrupted_code({}), ExitCode::kHarness);
  EXPECT_EQ(interrupted_code({fine}), ExitCode::kHarness);
  EXPECT_EQ(interrupted_code({fine, trial(DataVerdict::kLostAck, false), fine}),
            ExitCode::kNotAllowed);
}

TEST(Summary, AVerdictIsNotHiddenByAReportThatCannotBeWritten) {
  EXPECT_EQ(worse(ExitCode::kEnvironment, ExitCode::kNotAllowed), ExitCode::kNotAllowed);
  EXPECT_EQ(worse(ExitCode::kEnvironment, ExitCode::kHarness), ExitCode::kEnvironment);
  EXPECT_EQ(worse(ExitCode::kOk, ExitCode::kEnvironment), ExitCode::kEnvironment);
  EXPECT_EQ(worse(ExitCode::kOk, ExitCode::kOk), ExitCode::kOk);
}

TEST(Summary, AVerdictIsNotHiddenByTheHarnessOwnFailure) {
  const Record lost = trial(DataVerdict::kLostAck, false);
  const Record vacuous = harness(HarnessOutcome::kVacuous, true);
  EXPECT_EQ(summarize({lost}, {lost.cell}, {}, {.out = "out"}), ExitCode::kNotAllowed);
  EXPECT_EQ(summarize({lost, vacuous}, {lost.cell}, {}, {.out = "out"}), ExitCode::kNotAllowed);
  EXPECT_EQ(summarize({vacuous}, {vacuous.cell}, {}, {.out = "out"}), ExitCode::kHarness);
  EXPECT_EQ(summarize({}, {lost.cell}, {}, {.out = "out"}), ExitCode::kHarness);
}

std::string summary_of(const std::vector<Record>& records, const std::vector<Cell>& planned) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(summarize(records, planned, {}, {.out = "out"}), ExitCode::kHarness);
  return testing::internal::GetCapturedStdout();
}

size_t count_of(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(Summary, AFailedCellIsCountedOnceAndByItsOwnName) {
  Record failed;
  failed.cell.id = "m";
  failed.error = "no memory";
  failed.observed["first_failure"] = "No space left on device";
  const std::string text = summary_of({failed}, {failed.cell});
  EXPECT_NE(text.find("0 not allowed, 1 inconclusive (could not be run 1)\n"), std::string::npos)
      << text;
  EXPECT_EQ(count_of(text, "m\n  ckptbench replay m --results out\n"), 1U) << text;
  EXPECT_EQ(text.find("no finished record"), std::string::npos) << text;
  Cell other;
  other.id = "n";
  const std::string part = summary_of({failed}, {failed.cell, other});
  EXPECT_NE(part.find("n: has no finished record\n"), std::string::npos) << part;
  EXPECT_NE(part.find("2 inconclusive (could not be run 1, no finished record 1)"),
            std::string::npos)
      << part;
}

// The undisturbed trial is there, and every fault missed: nothing was proved.
TEST(Summary, AStrategyThatNoFaultMetIsNotGreen) {
  Record none = trial(DataVerdict::kBitExact, true);
  none.cell.strategy.name = "sync";
  none.cell.workload.name = "digits-mlp";
  Record unmet = harness(HarnessOutcome::kNotApplicable, true);
  unmet.cell = none.cell;
  unmet.cell.id = "u";
  unmet.cell.fault.kind = "file_op";
  unmet.verdict->explanation = "no write below its directory";
  const std::string text = summary_of({none, unmet, unmet}, {none.cell, unmet.cell});
  EXPECT_NE(text.find("sync on digits-mlp: no fault met it: 2 trials are NOT-APPLICABLE: no write "
                      "below its directory\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("1 inconclusive (met by no fault 1)"), std::string::npos) << text;
  Record met = trial(DataVerdict::kRolledBack, true);
  met.cell = unmet.cell;
  EXPECT_EQ(summarize({none, unmet, met}, {none.cell, unmet.cell}, {}, {.out = "out"}),
            ExitCode::kOk);
}

// Moments met it: they do not stand for the file operations that were asked for.
TEST(Summary, AStrategyThatNoFileOperationMetIsNotGreen) {
  Record met = trial(DataVerdict::kRolledBack, true);
  met.cell.strategy.name = "python:x.py:X";
  met.cell.workload.name = "digits-mlp";
  met.cell.fault.kind = "moment";
  Record unmet = harness(HarnessOutcome::kNotApplicable, true);
  unmet.cell = met.cell;
  unmet.cell.id = "u";
  unmet.cell.fault.kind = "file_op";
  unmet.verdict->explanation = "an undisturbed run makes no any of * below its directory";
  const std::string text = summary_of({met, unmet, unmet}, {met.cell, unmet.cell});
  EXPECT_NE(text.find("python:x.py:X on digits-mlp: no file operation below its directory was "
                      "met: 2 trials tried nothing (an undisturbed run makes no any of * below its "
                      "directory); a strategy that keeps its checkpoints elsewhere needs a suite "
                      "with moments only\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("1 inconclusive (met by no fault 1)"), std::string::npos) << text;
  Record phase = unmet;
  phase.cell.id = "p";
  phase.cell.fault.kind = "phase";
  EXPECT_EQ(summarize({met, phase}, {met.cell, phase.cell}, {}, {.out = "out"}), ExitCode::kOk);
}

Record lost_trial(const std::string& id, const std::string& why) {
  Record record = trial(DataVerdict::kLostAck, false);
  record.cell.id = id;
  record.verdict->explanation = why;
  return record;
}

// The progress of a run and its report have told why.
TEST(Summary, FoldsEqualReasonsAndDoesNotRepeatThem) {
  std::vector<Record> records{lost_trial("odd", "other")};
  std::vector<Cell> planned{records.front().cell};
  for (const char* id : {"a", "b", "c", "d", "e"}) {
    records.push_back(lost_trial(id, "no attribute 'replac'"));
    planned.push_back(records.back().cell);
  }
  testing::internal::CaptureStdout();
  EXPECT_EQ(summarize(records, planned, {}, {.out = "out"}), ExitCode::kNotAllowed);
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_NE(text.find("a\n"
                      "  ckptbench replay a --results out\n"
                      "  the same: b, c, d, and 1 more (junit.xml)\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(count_of(text, "replac'"), 0U) << text;
  EXPECT_NE(text.find("6 not allowed"), std::string::npos) << text;
}

TEST(Progress, TellsEqualReasonsOnce) {
  std::FILE* out = std::tmpfile();
  ASSERT_NE(out, nullptr);
  Progress progress(4, out);
  for (const char* id : {"a", "b"}) progress.record(lost_trial(id, "no attribute 'replac'"));
  progress.record(lost_trial("c", "other"));
  progress.record(trial(DataVerdict::kBitExact, true));
  std::rewind(out);
  std::string text(1000, ' ');
  text.resize(std::fread(text.data(), 1, text.size(), out));
  std::fclose(out);
  EXPECT_EQ(text,
            "[1/4] a LOST-ACK (not allowed: no attribute 'replac')\n"
            "[2/4] b LOST-ACK (not allowed, as a)\n"
            "[3/4] c LOST-ACK (not allowed: other)\n"
            "[4/4] t BIT-EXACT\n");
}

TEST(Summary, ATrialWithoutAVerdictCanBeReplayed) {
  Record vacuous = harness(HarnessOutcome::kVacuous, true);
  vacuous.verdict->explanation = "the fault never fired";
  EXPECT_EQ(outcome_text(vacuous), "VACUOUS (inconclusive: the fault never fired)");
  const std::string text = summary_of({vacuous}, {vacuous.cell});
  EXPECT_NE(text.find("t\n  ckptbench replay t --results out\n"), std::string::npos) << text;
}

// It is counted as inconclusive, and its words say the same.
TEST(Summary, AHarnessErrorIsNowhereCalledNotAllowed) {
  Record failed = harness(HarnessOutcome::kHarnessError, false);
  failed.verdict->explanation = "the training process exited with code 2";
  EXPECT_EQ(outcome_text(failed),
            "HARNESS-ERROR (inconclusive: the training process exited with code 2)");
  const std::string text = summary_of({failed}, {failed.cell});
  EXPECT_EQ(text,
            "t\n"
            "  ckptbench replay t --results out\n"
            "0 not allowed, 1 inconclusive (HARNESS-ERROR 1)\n");
}

// The folder that a record names is where the run was; the archive may be elsewhere.
TEST(Summary, WhatIsPrintedCanBeReplayedAfterAMove) {
  Record lost = lost_trial("a", "other");
  lost.observed["folder"] = "/old/place/cells/a";
  Record point = lost_trial("s", "another");
  point.cell.kind = CellKind::kSweep;
  point.observed["folder"] = "/old/place/cells/s.7";
  point.observed["sweep"] = {{"point", 7}, {"points", 9}};
  testing::internal::CaptureStdout();
  EXPECT_EQ(summarize({lost, point}, {}, {}, {.out = "/new place"}), ExitCode::kNotAllowed);
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_NE(text.find("  ckptbench replay a --results '/new place'\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  ckptbench replay s.7 --results '/new place'\n"), std::string::npos)
      << text;
  EXPECT_EQ(text.find("/old/place"), std::string::npos) << text;
}

TEST(Progress, TellsEqualInconclusiveReasonsOnce) {
  std::FILE* out = std::tmpfile();
  ASSERT_NE(out, nullptr);
  Progress progress(2, out);
  Record failed = harness(HarnessOutcome::kHarnessError, false);
  failed.verdict->explanation = "no device";
  progress.record(failed);
  failed.cell.id = "u";
  progress.record(failed);
  std::rewind(out);
  std::string text(1000, ' ');
  text.resize(std::fread(text.data(), 1, text.size(), out));
  std::fclose(out);
  EXPECT_EQ(text,
            "[1/2] t HARNESS-ERROR (inconclusive: no device)\n"
            "[2/2] u HARNESS-ERROR (inconclusive, as t)\n");
}

TEST(Summary, AMeasuredCellOfWhichASaveFailedIsListed) {
  Record measured;
  measured.cell.id = "m";
  measured.allowed = false;
  measured.observed = {
      {"failed_saves", 2}, {"requested_saves", 30}, {"first_failure", "out of buffers"}};
  testing::internal::CaptureStdout();
  EXPECT_EQ(summarize({measured}, {measured.cell}, {}, {.out = "out"}), ExitCode::kNotAllowed);
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_EQ(outcome_text(measured),
            "measured (not allowed: 2 of 30 saves failed, the first: out of buffers)");
  EXPECT_NE(text.find("m\n  ckptbench replay m --results out\n"), std::string::npos) << text;
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
