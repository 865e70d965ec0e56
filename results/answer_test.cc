#include "results/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/terminal.h"
#include "results/testing/sample_records.h"

namespace ckptbench {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Answer answer_of(const ReportInput& input, AnswerLength length = AnswerLength::kTerminal) {
  return make_answer(make_result_rows(input.records, input.environment), length);
}

// The trials are of digits-mlp alone: what survives there counts for char-gpt too.
TEST(Answer, NamesTheLeastStallThatLostNothingUnderTheStrongestClaim) {
  const Answer answer = answer_of(sample_report());
  EXPECT_THAT(answer.use, StartsWith("async: the least stall of what survives process,power"));
  EXPECT_THAT(answer.use, AllOf(HasSubstr("digits-mlp"), HasSubstr("char-gpt (1."),
                                HasSubstr("nothing lost in 9 trials")));
}

TEST(Answer, ATrialThatDoesNotApplyHasTriedNothing) {
  ReportInput input = sample_report();
  Record record = trial_record("none", "async", "phase", Verdict{}, true);
  record.verdict->outcome = HarnessOutcome::kNotApplicable;
  input.records.push_back(record);
  EXPECT_THAT(answer_of(input).use, HasSubstr("nothing lost in 9 trials"));
}

TEST(Answer, DoesNotRecommendWhatLostOrFailed) {
  ReportInput lost = sample_report();
  for (Record& record : lost.records) {
    if (record.verdict && record.cell.strategy.name == "async") {
      record.verdict->data = DataVerdict::kLostAck;
      record.allowed = false;
    }
  }
  EXPECT_THAT(answer_of(lost).use, StartsWith("incremental: "));
  EXPECT_THAT(answer_of(lost).avoid,
              StartsWith("async (lost or refused in 9 of 9 trials: LOST-ACK 9; 9 not allowed)"));
  ReportInput failed = sample_report();
  set_samples(failed, "async", "failed_saves", {1});
  EXPECT_THAT(answer_of(failed).use, StartsWith("incremental: "));
  EXPECT_THAT(answer_of(failed).avoid, HasSubstr("async on digits-mlp (failed saves: 1)"));
}

TEST(Answer, AvoidsWhatLosesBeforeWhatIsSlow) {
  const std::string avoid = answer_of(sample_report()).avoid;
  EXPECT_THAT(avoid,
              StartsWith("python:safetensors (lost or refused in 3 of 9 trials: LOST-ACK 3), "
                         "torch-save (lost or refused in 3 of 9 trials: "));
  EXPECT_THAT(avoid, HasSubstr("sync on digits-mlp (stalls at least 10 times as long as async)"));
  EXPECT_THAT(avoid, Not(HasSubstr("broken")));
}

TEST(Answer, SaysWhatIsUndecided) {
  ReportInput input = sample_report();
  set_samples(input, "incremental", "stall_ns",
              {1.1e6, 1.2e6, 1.3e6, 1.4e6, 1.5e6, 1.6e6, 1.7e6, 1.8e6});
  set_samples(input, "sync", "stall_ns", {-1e6, 2e6, 1e6, -2e6, 3e6, 1e6, 2e6, 1e6});
  set_samples(input, "compressed", "stall_ns", {1e6, 2e6, 3e6});
  const std::string undecided = answer_of(input).undecided;
  EXPECT_THAT(undecided, HasSubstr("which of those stalls least on "));
  EXPECT_THAT(undecided, HasSubstr("no interval: compressed on digits-mlp"));
  EXPECT_THAT(undecided, HasSubstr("the stall may be 0: sync on digits-mlp"));
  EXPECT_THAT(undecided, Not(HasSubstr("null")));
}

// A median near 0 makes any ratio large: what the intervals support is one end of each.
TEST(Answer, ARatioIsThatOfTheNearEndsOfTheIntervals) {
  ReportInput input = sample_report();
  set_samples(input, "async", "stall_ns", {-5e6, 0.1e6, 0.1e6, 0.1e6, 0.1e6, 0.1e6, 0.1e6, 10e6});
  set_samples(input, "sync", "stall_ns", {29.9e6, 4e7, 4e7, 4e7, 4e7, 4e7, 4e7, 5e7});
  set_samples(input, "compressed", "stall_ns", {9e6, 2e7, 2e7, 2e7, 2e7, 2e7, 2e7, 3e7});
  set_samples(input, "incremental", "stall_ns", {5e7, 5e7, 5e7});
  const Answer answer = answer_of(input, AnswerLength::kWhole);
  EXPECT_THAT(answer.avoid, HasSubstr("sync on digits-mlp (stalls at least 2.9 times as long as "
                                      "async)"));
  EXPECT_THAT(answer.avoid, AllOf(Not(HasSubstr("compressed")), Not(HasSubstr("incremental"))));
}

// A median alone names nobody: not the least one, and not a negative one.
TEST(Answer, NamesNoWinnerWhereIntervalsOverlap) {
  ReportInput input = sample_report();
  set_samples(input, "async", "stall_ns", {-5e6, -4e6, -1e6, -1e6, -1e6, 1e6, 2e6, 3e6});
  set_samples(input, "incremental", "stall_ns", {1e6, 1e6, 1e6, 2e6, 2e6, 2e6, 3e6, 3e6});
  set_samples(input, "compressed", "stall_ns", {9e6, 9e6, 9e6, 9e6, 9e6, 9e6, 9e6, 9e6});
  const Answer answer = answer_of(input);
  EXPECT_THAT(answer.use, StartsWith("async or incremental: not told apart among what survives "
                                     "process,power on digits-mlp (-1.00 ms [-5.00, 3.00], 2.00 "));
  EXPECT_THAT(answer.use, AllOf(Not(HasSubstr("the least")), Not(HasSubstr("compressed"))));
  EXPECT_THAT(answer.undecided, HasSubstr("which of those stalls least on digits-mlp"));
}

TEST(Answer, OneStrategyIsNoWinner) {
  ReportInput input = sample_report();
  std::erase_if(input.records, [](const Record& record) {
    return record.cell.strategy.name != "sync" && record.cell.strategy.name != "null";
  });
  EXPECT_THAT(answer_of(input).use,
              AllOf(StartsWith("sync: alone in what was measured and survives process,power on "),
                    Not(HasSubstr("the least"))));
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
  const std::string avoid = answer_of(input).avoid;
  for (const char* name : {"sync", "async", "compressed", "incremental"}) {
    EXPECT_THAT(avoid, HasSubstr(std::string(name) + " (lost or refused in 2 of 11 trials: "
                                                     "DETECTED-UNRECOVERABLE 1, NO-FALLBACK 1)"));
  }
  EXPECT_THAT(avoid, StartsWith("python:safetensors"));
  EXPECT_THAT(avoid, Not(HasSubstr("more")));
}

TEST(Answer, CutsListsOnATerminalAlone) {
  ReportInput input = sample_report();
  for (const char* name : {"incremental", "compressed"}) {
    set_samples(input, name, "stall_ns", std::vector<double>(8, 5e7));
  }
  const std::string cut = answer_of(input).avoid;
  EXPECT_THAT(cut, HasSubstr("and 3 more (report.html)"));
  const std::string whole = answer_of(input, AnswerLength::kWhole).avoid;
  EXPECT_THAT(whole,
              AllOf(Not(HasSubstr("more (report.html)")), HasSubstr("incremental on char-gpt (")));
}

// Best on one workload, far behind on another: the second is never among the counted.
TEST(Answer, SaysOnWhichWorkloadToAvoidWhatItRecommends) {
  ReportInput input = sample_report();
  set_samples(input, "compressed", "stall_ns", std::vector<double>(8, 5e7));
  for (Record& record : input.records) {
    if (record.cell.workload.name != "char-gpt" || record.cell.strategy.name != "async") continue;
    std::erase_if(record.samples, [](const Samples& s) { return s.metric == "stall_ns"; });
    record.samples.push_back({"stall_ns", 0, std::vector<double>(8, 5e7)});
  }
  const Answer answer = answer_of(input);
  EXPECT_THAT(answer.use, HasSubstr("async: the least stall"));
  EXPECT_THAT(answer.avoid, HasSubstr("async on char-gpt (stalls "));
  EXPECT_THAT(answer.avoid, HasSubstr("and 1 more"));
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
  const Answer answer = answer_of(input, AnswerLength::kWhole);
  EXPECT_THAT(answer.use, StartsWith("nothing: "));
  EXPECT_THAT(answer.avoid, Not(HasSubstr("no strategy here lost")));
  EXPECT_THAT(answer.undecided, HasSubstr("met by no fault: async on digits-mlp"));
}

TEST(Answer, NeedsTrialsAndFigures) {
  ReportInput input = sample_report();
  std::erase_if(input.records, [](const Record& record) { return record.verdict.has_value(); });
  EXPECT_THAT(answer_of(input).use, StartsWith("nothing: "));
  EXPECT_THAT(answer_of(input).undecided, HasSubstr("not tried under faults: sync, async"));
}

TEST(Answer, StandsAfterTheTables) {
  const std::string text = terminal_report(sample_report(), {.width = 80});
  const size_t answer = text.find("\nAnswer\nuse: async");
  ASSERT_NE(answer, std::string::npos) << text;
  EXPECT_GT(answer, text.find("What survives"));
  EXPECT_NE(text.find("\navoid: ", answer), std::string::npos);
  EXPECT_NE(text.find("\nundecided: ", answer), std::string::npos);
}

}  // namespace
}  // namespace ckptbench
