#include "results/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "results/terminal.h"
#include "results/testing/sample_records.h"

namespace ckptbench {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::vector<AnswerLine> lines_of(const ReportInput& input,
                                 AnswerLength length = AnswerLength::kTerminal) {
  return make_answer(make_result_rows(input.records, input.environment), length);
}

// The text of the line with this head; "no such line" where there is none.
std::string line_of(const ReportInput& input, const std::string& head,
                    AnswerLength length = AnswerLength::kTerminal) {
  for (const AnswerLine& line : lines_of(input, length)) {
    if (line.head == head) return line.text;
  }
  return "no such line";
}

void keep_strategies(ReportInput& input, const std::vector<std::string>& names) {
  std::erase_if(input.records, [&](const Record& record) {
    return std::find(names.begin(), names.end(), record.cell.strategy.name) == names.end();
  });
}

void set_stall(ReportInput& input, const std::string& workload, const std::string& strategy,
               double stall_ms) {
  for (Record& record : input.records) {
    if (record.cell.kind != CellKind::kMeasure || record.cell.workload.name != workload) continue;
    if (record.cell.strategy.name != strategy) continue;
    std::erase_if(record.samples, [](const Samples& s) { return s.metric == "stall_ns"; });
    record.samples.push_back({"stall_ns", 0, std::vector<double>(8, stall_ms * 1e6)});
  }
}

TEST(Answer, NamesTheLeastStallThatLostNothingUnderTheStrongestClaim) {
  const ReportInput input = sample_report();
  EXPECT_EQ(line_of(input, "use on digits-mlp"),
            "async: the least stall of what claims process,power and lost nothing");
  EXPECT_EQ(line_of(input, "use on char-gpt"),
            "async: the least stall of what claims process,power and lost nothing");
  EXPECT_EQ(line_of(input, "use on all of these"),
            "async: no other is measurably faster on any of them");
  EXPECT_THAT(
      line_of(input, "use on char-gpt", AnswerLength::kWhole),
      StartsWith("async: the least stall of what claims process,power and lost nothing (1."));
}

// They are of digits-mlp alone: what survives there counts for char-gpt too, and that is said.
TEST(Answer, NamesTheWorkloadsOfTheTrials) {
  EXPECT_EQ(
      line_of(sample_report(), "claims process,power"),
      "sync, async, compressed, and 1 more (report.html): nothing lost in 9 trials or more of "
      "each on digits-mlp; power was not tried");
}

TEST(Answer, NamesForEachStrategyTheWorkloadsThatItWasTriedOn) {
  ReportInput input = sample_report();
  for (const char* name : {"sync", "incremental"}) {
    Record record =
        trial_record("more", name, "moment", data_verdict(DataVerdict::kBitExact), true);
    record.cell.workload.name = "char-gpt";
    input.records.push_back(record);
  }
  EXPECT_EQ(line_of(input, "claims process,power"),
            "sync, incremental: nothing lost in 10 trials or more of each on digits-mlp, char-gpt; "
            "async, compressed: nothing lost in 9 trials or more of each on digits-mlp; power was "
            "not tried");
}

TEST(Answer, AStrategyThatCouldNotBeRunUndisturbedIsNotTried) {
  ReportInput input = sample_report();
  for (Record& record : input.records) {
    if (!record.verdict || record.cell.strategy.name != "async") continue;
    record.verdict.emplace();
    record.verdict->outcome = HarnessOutcome::kNotRun;
    record.verdict->findings = {Finding::kTrainerKilled};
    record.allowed = false;
  }
  EXPECT_THAT(line_of(input, "undecided"), HasSubstr("not tried under faults: async"));
  EXPECT_THAT(line_of(input, "avoid"), HasSubstr("async (in 9 trials: TRAINER-KILLED 9; 9 not"));
}

TEST(Answer, ATrialThatDoesNotApplyHasTriedNothing) {
  ReportInput input = sample_report();
  Record record = trial_record("none", "async", "phase", Verdict{}, true);
  record.verdict->outcome = HarnessOutcome::kNotApplicable;
  input.records.push_back(record);
  EXPECT_EQ(
      line_of(input, "claims process,power"),
      "sync, async, compressed, and 1 more (report.html): nothing lost in 9 trials or more of "
      "each on digits-mlp; power was not tried");
}

TEST(Answer, DoesNotRecommendWhatLostOrFailed) {
  ReportInput lost = sample_report();
  for (Record& record : lost.records) {
    if (record.verdict && record.cell.strategy.name == "async") {
      record.verdict->data = DataVerdict::kLostAck;
      record.allowed = false;
    }
  }
  EXPECT_THAT(line_of(lost, "use on digits-mlp"), StartsWith("incremental: "));
  EXPECT_THAT(line_of(lost, "avoid"),
              StartsWith("async (lost or refused in 9 of 9 trials: LOST-ACK 9; 9 not allowed)"));
  ReportInput failed = sample_report();
  set_samples(failed, "async", "failed_saves", {1});
  EXPECT_THAT(line_of(failed, "use on digits-mlp"), StartsWith("incremental: "));
  EXPECT_THAT(line_of(failed, "avoid on digits-mlp"), HasSubstr("async (failed saves: 1)"));
}

// What a measured restore brings back counts as what a trial brings back.
TEST(Answer, AMeasuredCellThatTheStrategyFailedIsALoss) {
  ReportInput input = sample_report();
  const std::string why = "restore-warm-1: claims step 970; the last acknowledged save was of 1826";
  for (Record& record : input.records) {
    if (record.cell.id != "measure-char-gpt-async") continue;
    record.error = why;
    record.allowed = false;
  }
  EXPECT_THAT(line_of(input, "avoid"), HasSubstr("async (measured on char-gpt: " + why + ")"));
  EXPECT_THAT(line_of(input, "claims process,power"), Not(HasSubstr("async")));
  EXPECT_THAT(line_of(input, "use on digits-mlp"), StartsWith("incremental: "));
  EXPECT_THAT(line_of(input, "undecided"), Not(HasSubstr("could not be run")));
  for (Record& record : input.records) {
    if (!record.error.empty()) record.allowed = true;  // the machine's failure
  }
  EXPECT_THAT(line_of(input, "avoid"), Not(HasSubstr("async")));
  EXPECT_THAT(line_of(input, "claims process,power"), HasSubstr("async"));
  EXPECT_THAT(line_of(input, "undecided"), HasSubstr("1 cell could not be run"));
}

TEST(Answer, ALossInTrialsAndInAMeasuredCellAreBothTold) {
  ReportInput input = sample_report();
  for (Record& record : input.records) {
    if (record.cell.strategy.name != "torch-save" || record.verdict) continue;
    record.error = "restore-cold-1: there is nothing to restore";
    record.allowed = false;
  }
  EXPECT_THAT(line_of(input, "avoid"),
              HasSubstr("torch-save (lost or refused in 3 of 9 trials: DETECTED-UNRECOVERABLE 3; "
                        "measured on digits-mlp: restore-cold-1: there is nothing to restore; "
                        "measured on char-gpt: restore-cold-1: there is nothing to restore)"));
}

TEST(Answer, AvoidsWhatLosesBeforeWhatIsSlow) {
  const ReportInput input = sample_report();
  EXPECT_EQ(line_of(input, "avoid"),
            "python:safetensors (lost or refused in 3 of 9 trials: LOST-ACK 3), "
            "torch-save (lost or refused in 3 of 9 trials: DETECTED-UNRECOVERABLE 3)");
  EXPECT_EQ(line_of(input, "avoid on digits-mlp"),
            "at least this many times the stall of async: sync 10");
}

TEST(Answer, SaysWhatIsUndecided) {
  ReportInput input = sample_report();
  set_samples(input, "incremental", "stall_ns",
              {1.1e6, 1.2e6, 1.3e6, 1.4e6, 1.5e6, 1.6e6, 1.7e6, 1.8e6});
  set_samples(input, "sync", "stall_ns", {-1e6, 2e6, 1e6, -2e6, 3e6, 1e6, 2e6, 1e6});
  set_samples(input, "compressed", "stall_ns", {1e6, 2e6, 3e6});
  const std::string undecided = line_of(input, "undecided", AnswerLength::kWhole);
  EXPECT_THAT(undecided, HasSubstr("which stalls least where several are named"));
  EXPECT_THAT(undecided, HasSubstr("no interval: compressed on digits-mlp"));
  EXPECT_THAT(undecided, HasSubstr("the stall may be 0: sync on digits-mlp"));
  EXPECT_THAT(undecided, Not(HasSubstr("null")));
  EXPECT_THAT(line_of(input, "undecided"), HasSubstr("the stall may be 0 (2 rows); "));
  set_samples(input, "async", "step_ns", std::vector<double>(8, 90e6));
  EXPECT_THAT(line_of(input, "undecided"), HasSubstr("another speed of the machine (2 rows)"));
}

// A median alone names nobody: not the least one, and not a negative one.
TEST(Answer, NamesNoWinnerWhereIntervalsOverlap) {
  ReportInput input = sample_report();
  set_samples(input, "async", "stall_ns", {-5e6, -4e6, -1e6, -1e6, -1e6, 1e6, 2e6, 3e6});
  set_samples(input, "incremental", "stall_ns", {1e6, 1e6, 1e6, 2e6, 2e6, 2e6, 3e6, 3e6});
  set_samples(input, "compressed", "stall_ns", {9e6, 9e6, 9e6, 9e6, 9e6, 9e6, 9e6, 9e6});
  EXPECT_EQ(line_of(input, "use on digits-mlp"), "async or incremental: not told apart");
  EXPECT_EQ(line_of(input, "use on digits-mlp", AnswerLength::kWhole),
            "async or incremental: not told apart (-1.00 ms [-5.00, 3.00], 2.00 ms [1.00, 3.00])");
  EXPECT_THAT(line_of(input, "undecided"), HasSubstr("which stalls least where several are named"));
  EXPECT_EQ(line_of(input, "claims process,power", AnswerLength::kWhole),
            "sync, async, compressed, incremental: nothing lost in 9 trials or more of each on "
            "digits-mlp; power was not tried");
}

TEST(Answer, NamesWhatStandsInTheLineOfEveryWorkload) {
  ReportInput input = sample_report();
  set_stall(input, "digits-mlp", "incremental", 1.3);
  set_stall(input, "char-gpt", "async", 5);
  EXPECT_THAT(line_of(input, "use on digits-mlp"), HasSubstr(" or "));
  EXPECT_THAT(line_of(input, "use on char-gpt"), StartsWith("incremental: the least stall"));
  EXPECT_THAT(line_of(input, "use on all of these"), StartsWith("incremental: "));
  set_stall(input, "digits-mlp", "incremental", 5);
  EXPECT_EQ(line_of(input, "use on all of these"),
            "nothing: no strategy stands in each of these lines");
  std::erase_if(input.records,
                [](const Record& record) { return record.cell.workload.name == "char-gpt"; });
  EXPECT_EQ(line_of(input, "use on all of these"), "no such line");
}

TEST(Answer, OneStrategyIsNoRecommendation) {
  ReportInput input = sample_report();
  keep_strategies(input, {"sync", "null"});
  EXPECT_EQ(line_of(input, "use on digits-mlp"), "undecided: only sync was measured");
  EXPECT_EQ(line_of(input, "use on all of these"), "no such line");
  EXPECT_THAT(line_of(input, "claims process,power"), StartsWith("sync: nothing lost in "));
  ReportInput untried = sample_report();
  keep_strategies(untried, {"sync", "async"});
  std::erase_if(untried.records, [](const Record& record) {
    return record.verdict && record.cell.strategy.name == "async";
  });
  EXPECT_EQ(line_of(untried, "use on digits-mlp"),
            "undecided: only sync was measured and tried under faults");
  ReportInput other = sample_report();
  keep_strategies(other, {"sync", "torch-save"});
  EXPECT_EQ(line_of(other, "use on digits-mlp"),
            "sync: the only one here that claims process,power and lost nothing");
}

// All bytes may be right: no fault was met.
TEST(Answer, AStrategyWhoseTrialsWereAllVacuousHasSurvivedNothing) {
  ReportInput input = sample_report();
  keep_strategies(input, {"sync", "async"});
  for (Record& record : input.records) {
    if (!record.verdict || record.cell.strategy.name != "async") continue;
    record.verdict->outcome = HarnessOutcome::kVacuous;
  }
  EXPECT_THAT(line_of(input, "claims process,power"), StartsWith("sync: nothing lost in "));
}

TEST(Answer, AStrategyThatCouldNotBeTriedInFullHasSurvivedNothing) {
  ReportInput input = sample_report();
  keep_strategies(input, {"sync", "async"});
  Record record = trial_record("none", "async", "phase", Verdict{}, false);
  record.verdict->outcome = HarnessOutcome::kHarnessError;
  input.records.push_back(record);
  EXPECT_THAT(line_of(input, "claims process,power"), StartsWith("sync: nothing lost in "));
}

TEST(Answer, WithoutFiguresItSaysWhatSurvives) {
  ReportInput input = sample_report();
  std::erase_if(input.records, [](const Record& record) { return !record.verdict.has_value(); });
  const std::vector<AnswerLine> lines = lines_of(input);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines.front().head, "claims process,power");
  EXPECT_EQ(
      lines.front().text,
      "sync, async, compressed, and 1 more (report.html): nothing lost in 9 trials or more of "
      "each on digits-mlp; power was not tried");
  EXPECT_EQ(lines.back().text, "what to use: no cost was measured");
}

// Verdicts that refuse or lose are counted together, and nobody who did is cut off.
TEST(Answer, NamesEveryStrategyThatLost) {
  ReportInput input = sample_report();
  for (const char* name : {"sync", "async", "compressed", "incremental"}) {
    input.records.push_back(
        trial_record("more", name, "phase", data_verdict(DataVerdict::kNoFallback), true));
    input.records.push_back(trial_record("most", name, "phase",
                                         data_verdict(DataVerdict::kDetectedUnrecoverable), true));
  }
  const std::string avoid = line_of(input, "avoid");
  for (const char* name : {"sync", "async", "compressed", "incremental"}) {
    EXPECT_THAT(avoid, HasSubstr(std::string(name) + " (lost or refused in 2 of 11 trials: "
                                                     "DETECTED-UNRECOVERABLE 1, NO-FALLBACK 1)"));
  }
  EXPECT_THAT(avoid, StartsWith("python:safetensors"));
  EXPECT_THAT(avoid, Not(HasSubstr("more")));
}

TEST(Answer, CutsListsOnATerminalAlone) {
  ReportInput input = sample_report();
  std::erase_if(input.records, [](const Record& record) {
    return record.verdict && record.cell.strategy.name != "async";
  });
  EXPECT_THAT(line_of(input, "undecided"),
              HasSubstr("not tried under faults: sync, compressed, incremental, and 2 more"));
  EXPECT_THAT(line_of(input, "undecided", AnswerLength::kWhole),
              AllOf(Not(HasSubstr("more (report.html)")), HasSubstr("python:safetensors")));
}

// Best on one workload, far behind on another.
TEST(Answer, SaysOnWhichWorkloadToAvoidWhatItRecommends) {
  ReportInput input = sample_report();
  set_stall(input, "char-gpt", "async", 50);
  EXPECT_THAT(line_of(input, "use on digits-mlp"), StartsWith("async: the least stall"));
  EXPECT_THAT(line_of(input, "avoid on char-gpt"), HasSubstr("async "));
}

TEST(Answer, WhatNoFaultMetIsUndecided) {
  ReportInput input = sample_report();
  std::erase_if(input.records, [](const Record& record) {
    return record.verdict && record.cell.strategy.name != "async";
  });
  for (Record& record : input.records) {
    if (!record.verdict) continue;
    record.verdict.emplace();
    record.verdict->outcome = HarnessOutcome::kNotApplicable;
    record.allowed = true;
  }
  Record none = trial_record("none", "async", "none", data_verdict(DataVerdict::kBitExact), true);
  input.records.push_back(none);
  EXPECT_THAT(line_of(input, "use on digits-mlp"), StartsWith("nothing: "));
  EXPECT_THAT(line_of(input, "avoid"), Not(HasSubstr("no strategy here lost")));
  EXPECT_THAT(line_of(input, "undecided"), HasSubstr("met by no fault: async on digits-mlp"));
}

// Moments were met, and they tell nothing of what lies half written in between.
TEST(Answer, WhatNoFileOperationMetHasSurvivedNothing) {
  ReportInput input = sample_report();
  for (Record& record : input.records) {
    if (record.cell.strategy.name != "async" || record.cell.fault.kind != "file_op") continue;
    record.verdict.emplace();
    record.verdict->outcome = HarnessOutcome::kNotApplicable;
  }
  EXPECT_THAT(line_of(input, "claims process,power"), Not(HasSubstr("async")));
  EXPECT_THAT(line_of(input, "undecided"),
              HasSubstr("met at no file operation: async on digits-mlp"));
}

TEST(Answer, NeedsTrialsAndFigures) {
  ReportInput input = sample_report();
  std::erase_if(input.records, [](const Record& record) { return record.verdict.has_value(); });
  EXPECT_EQ(line_of(input, "use"),
            "undecided: nothing was tried under faults; a [[trial]] table in the suite does that");
  EXPECT_EQ(line_of(input, "avoid"),
            "undecided: nothing was tried under faults; a [[trial]] table in the suite does that");
  EXPECT_THAT(line_of(input, "undecided"), HasSubstr("not tried under faults: sync, async"));
}

TEST(Answer, SaysNothingOfARunOfBrokenStrategiesAlone) {
  ReportInput input = sample_report();
  keep_strategies(input, {"broken-in-place", "broken-no-rng"});
  EXPECT_TRUE(lines_of(input).empty());
  EXPECT_THAT(terminal_report(input, {}), Not(HasSubstr("Answer")));
}

TEST(Answer, StandsAfterTheTables) {
  const std::string text = terminal_report(sample_report(), {.width = 80});
  const size_t answer = text.find("\nAnswer\nuse on digits-mlp: async");
  ASSERT_NE(answer, std::string::npos) << text;
  EXPECT_GT(answer, text.find("What survives"));
  EXPECT_NE(text.find("\navoid: ", answer), std::string::npos);
  EXPECT_NE(text.find("\nundecided: ", answer), std::string::npos);
}

}  // namespace
}  // namespace ckptbench
