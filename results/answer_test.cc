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

Answer answer_of(const ReportInput& input) {
  return make_answer(make_result_rows(input.records, input.environment));
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
  EXPECT_THAT(answer_of(lost).avoid, StartsWith("async (LOST-ACK, 9 of 9 trials not allowed)"));
  ReportInput failed = sample_report();
  set_samples(failed, "async", "failed_saves", {1});
  EXPECT_THAT(answer_of(failed).use, StartsWith("incremental: "));
  EXPECT_THAT(answer_of(failed).avoid, HasSubstr("async on digits-mlp (failed saves: 1)"));
}

TEST(Answer, AvoidsWhatLosesBeforeWhatIsSlow) {
  const std::string avoid = answer_of(sample_report()).avoid;
  EXPECT_THAT(avoid, StartsWith("python:safetensors (LOST-ACK in 3 of 9 trials), torch-save ("));
  EXPECT_THAT(avoid, HasSubstr("sync on digits-mlp (stalls 11 times as long as async)"));
  EXPECT_THAT(avoid, HasSubstr("and 1 more"));
  EXPECT_THAT(avoid, Not(HasSubstr("broken")));
}

TEST(Answer, SaysWhatIsUndecided) {
  ReportInput input = sample_report();
  set_samples(input, "incremental", "stall_ns",
              {1.1e6, 1.2e6, 1.3e6, 1.4e6, 1.5e6, 1.6e6, 1.7e6, 1.8e6});
  set_samples(input, "sync", "stall_ns", {-1e6, 2e6, 1e6, -2e6, 3e6, 1e6, 2e6, 1e6});
  set_samples(input, "compressed", "stall_ns", {1e6, 2e6, 3e6});
  const std::string undecided = answer_of(input).undecided;
  EXPECT_THAT(undecided, HasSubstr("or incremental on digits-mlp"));
  EXPECT_THAT(undecided, HasSubstr("no interval: compressed on digits-mlp"));
  EXPECT_THAT(undecided, HasSubstr("the stall may be 0: sync on digits-mlp"));
  EXPECT_THAT(undecided, Not(HasSubstr("null")));
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
