#include "results/junit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "results/export.h"
#include "results/terminal.h"
#include "results/testing/sample_records.h"

namespace ckptbench {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

ReportInput input_of(const std::vector<Record>& records) {
  ReportInput input;
  input.records = records;
  return input;
}

Record met_trial(const std::string& point) {
  Record record = trial_record("trial.moment-1.s1", "sync", "moment",
                               data_verdict(DataVerdict::kBitExact), true);
  record.point = point;
  return record;
}

Record known_trial() {
  Record record = trial_record("trial.known", "torch-save", "moment",
                               data_verdict(DataVerdict::kDetectedUnrecoverable), true);
  record.observed["known_failures"].push_back({{"verdict", "DETECTED-UNRECOVERABLE"},
                                               {"reason", "it writes in place"},
                                               {"source", "https://x.org/688"}});
  return record;
}

Record without_verdict(HarnessOutcome outcome) {
  Record record = trial_record("trial.none", "sync", "phase", Verdict{}, true);
  record.verdict->outcome = outcome;
  record.verdict->explanation = "the fault never fired";
  return record;
}

// An unchanged run meets its moments elsewhere: the name is the request, the body what was met.
TEST(JUnit, NamesTestsByWhatWasAskedFor) {
  const std::string first = to_junit(input_of({met_trial("moment +2.3 ms")}));
  EXPECT_THAT(first, HasSubstr("name=\"trial.moment-1.s1\" "));
  EXPECT_THAT(first, HasSubstr("<system-out>moment +2.3 ms\n"));
  Record point = met_trial("before write a.tmp #2 (operation 60)");
  point.cell.kind = CellKind::kSweep;
  point.cell.fault = {"phase", {{"phase", "sync"}, {"occurrence", "2"}}};
  const std::string sweep = to_junit(input_of({point, point}));
  EXPECT_THAT(sweep, HasSubstr("name=\"trial.moment-1.s1: kill before sync #2\""));
  EXPECT_THAT(sweep, HasSubstr("name=\"trial.moment-1.s1: kill before sync #2 (2)\""));
}

TEST(JUnit, AKnownFailureIsSkippedWithItsReason) {
  EXPECT_THAT(to_junit(input_of({known_trial()})),
              AllOf(HasSubstr("skipped=\"1\""),
                    HasSubstr("<skipped message=\"known failure: DETECTED-UNRECOVERABLE: it writes "
                              "in place (https://x.org/688)\"/>")));
}

TEST(JUnit, WhatIsInconclusiveIsAnError) {
  for (const HarnessOutcome outcome :
       {HarnessOutcome::kVacuous, HarnessOutcome::kOracleInvalid, HarnessOutcome::kHarnessError}) {
    Record record = without_verdict(outcome);
    record.allowed = outcome == HarnessOutcome::kVacuous;
    EXPECT_THAT(to_junit(input_of({record})),
                AllOf(HasSubstr("failures=\"0\" errors=\"1\" skipped=\"0\""),
                      HasSubstr(": the fault never fired\"/>")))
        << outcome_name(outcome);
  }
  EXPECT_THAT(to_junit(input_of({met_trial(""), without_verdict(HarnessOutcome::kNotApplicable)})),
              HasSubstr("failures=\"0\" errors=\"0\" skipped=\"1\""));
}

TEST(JUnit, ABrokenStrategyThatIsNotCaughtIsAnError) {
  ReportInput input = input_of({met_trial("")});
  const auto row = [](const char* strategy, bool caught) {
    return nlohmann::json{
        {"strategy", strategy}, {"expected", "LOST-ACK"}, {"got", "BIT-EXACT"}, {"caught", caught}};
  };
  input.environment.fields["proof"] = {row("broken-a", true), row("broken-b", false)};
  EXPECT_THAT(to_junit(input),
              AllOf(HasSubstr("tests=\"3\" failures=\"0\" errors=\"1\""),
                    HasSubstr("<error message=\"NOT CAUGHT: expected LOST-ACK, got BIT-EXACT\"/>"),
                    HasSubstr("classname=\"proof\" name=\"broken-b\"")));
}

TEST(JUnit, AMissingCellIsAnErrorAndAFailedOneIsCountedOnce) {
  Record failed;
  failed.cell.id = "measure-a";
  failed.error = "no memory";
  failed.observed["first_failure"] = "No space left on device";
  ReportInput input = input_of({failed});
  input.environment.fields["cells"] = {"measure-a", "measure-b"};
  EXPECT_THAT(missing_cells(input), testing::ElementsAre("measure-b"));
  EXPECT_THAT(to_junit(input),
              AllOf(HasSubstr("tests=\"2\" failures=\"0\" errors=\"2\""),
                    HasSubstr("no memory; the first save that failed: No space left on device"),
                    HasSubstr("name=\"measure-b\" time=\"0.000\">\n      <error message=\"the cell "
                              "has no finished record\"/>")));
}

// Cells finish in another order in each run.
TEST(JUnit, HasItsCasesInTheOrderOfThePlan) {
  const auto of = [](const char* id, uint64_t point) {
    Record record = met_trial("");
    record.cell.id = id;
    if (point > 0) record.cell.kind = CellKind::kSweep;
    if (point > 0) record.observed["sweep"] = {{"point", point}, {"points", 10}};
    return record;
  };
  ReportInput input =
      input_of({of("z", 0), of("d", 0), of("s", 10), of("c", 0), of("s", 2), of("b", 0)});
  input.records.at(2).cell.fault = {"phase", {{"phase", "sync"}, {"occurrence", "10"}}};
  input.records.at(4).cell.fault = {"phase", {{"phase", "sync"}, {"occurrence", "2"}}};
  input.environment.fields["cells"] = {"d", "b", "s", "c"};
  const std::string first = to_junit(input);
  size_t last = 0;
  for (const char* name : {"\"d\"", "\"b\"", "\"s: kill before sync #2\"",
                           "\"s: kill before sync #10\"", "\"c\"", "\"z\""}) {
    const size_t at = first.find(std::string("name=") + name);
    ASSERT_NE(at, std::string::npos) << name << first;
    EXPECT_GT(at, last) << name << first;
    last = at;
  }
  std::reverse(input.records.begin(), input.records.end());
  EXPECT_EQ(to_junit(input), first);
}

TEST(JUnit, AMeasuredCellOfWhichASaveFailedIsAFailure) {
  Record measured;
  measured.cell.id = "measure-a";
  measured.allowed = false;
  measured.observed = {
      {"failed_saves", 2}, {"requested_saves", 30}, {"first_failure", "out of buffers"}};
  EXPECT_THAT(to_junit(input_of({measured})),
              AllOf(HasSubstr("failures=\"1\" errors=\"0\""),
                    HasSubstr("message=\"2 of 30 saves failed, the first: out of buffers\"")));
}

TEST(JUnit, AMeasuredCellOfWhichRetentionFailedIsAFailure) {
  Record measured;
  measured.cell.id = "measure-a";
  measured.allowed = false;
  measured.observed = {{"failed_saves", 0}, {"retention_error", "no permission"}};
  EXPECT_THAT(to_junit(input_of({measured})),
              AllOf(HasSubstr("failures=\"1\" errors=\"0\""),
                    HasSubstr("message=\"old checkpoints were not deleted: no permission\"")));
}

TEST(JUnit, AStrategyThatNoFaultMetIsAnError) {
  EXPECT_THAT(to_junit(input_of({without_verdict(HarnessOutcome::kNotApplicable)})),
              AllOf(HasSubstr("errors=\"1\" skipped=\"1\""),
                    HasSubstr("name=\"sync on digits-mlp: faults\"")));
}

TEST(Known, StandInMarkdownWithReasonAndSource) {
  const ResultRows results = make_result_rows({known_trial(), known_trial()}, {});
  EXPECT_THAT(to_markdown(results),
              HasSubstr("| torch-save | DETECTED-UNRECOVERABLE | 2 | it writes in place | "
                        "https://x.org/688 |\n"));
  EXPECT_THAT(to_markdown(make_result_rows({met_trial("")}, {})), Not(HasSubstr("Known")));
}

TEST(Known, AnInconclusiveTrialSaysWhy) {
  const std::string text =
      terminal_report(input_of({without_verdict(HarnessOutcome::kVacuous)}), {});
  EXPECT_THAT(text, HasSubstr("inconclusive: trial.none (sync): VACUOUS: the fault never fired"));
}

}  // namespace
}  // namespace ckptbench
