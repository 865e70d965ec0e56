// With what the answer compares the rows that stall far longer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/answer.h"
#include "results/testing/sample_records.h"

namespace ckptbench {
namespace {

using testing::StartsWith;

// The text of the line "use on digits-mlp", "avoid on digits-mlp".
std::string text_on_digits(const ReportInput& input, const std::string& word,
                           AnswerLength length = AnswerLength::kTerminal) {
  for (const AnswerLine& line :
       make_answer(make_result_rows(input.records, input.environment), length)) {
    if (line.head == word + " on digits-mlp") return line.text;
  }
  return "no such line";
}

// A median near 0 makes any ratio large: what the intervals support is one end of each.
TEST(AnswerAvoid, ARatioIsThatOfTheNearEndsOfTheIntervals) {
  ReportInput input = sample_report();
  set_samples(input, "async", "stall_ns", {-5e6, 0.1e6, 0.1e6, 0.1e6, 0.1e6, 0.1e6, 0.1e6, 10e6});
  set_samples(input, "sync", "stall_ns", {29.9e6, 4e7, 4e7, 4e7, 4e7, 4e7, 4e7, 5e7});
  set_samples(input, "compressed", "stall_ns", {9e6, 2e7, 2e7, 2e7, 2e7, 2e7, 2e7, 3e7});
  set_samples(input, "incremental", "stall_ns", {5e7, 5e7, 5e7});
  EXPECT_EQ(text_on_digits(input, "avoid"),
            "at least this many times the least stall of async, compressed and incremental, which "
            "are not told apart: sync 2.9");
}

// Which of them has the least upper end is luck: another run may have another, and the line that
// says what to use names them all.
TEST(AnswerAvoid, WhatIsSlowIsComparedWithAllThatAreNotToldApart) {
  ReportInput input = sample_report();
  set_samples(input, "sync", "stall_ns", {50e6, 51e6, 52e6, 53e6, 54e6, 55e6, 56e6, 57e6});
  set_samples(input, "compressed", "stall_ns", {9e6, 9e6, 9e6, 9e6, 9e6, 9e6, 9e6, 9e6});
  set_samples(input, "async", "stall_ns", {1e6, 2e6, 2e6, 2e6, 2e6, 2e6, 2e6, 5e6});
  for (const double high_ns : {4e6, 6e6}) {
    set_samples(input, "incremental", "stall_ns", {1e6, 3e6, 3e6, 3e6, 3e6, 3e6, 3e6, high_ns});
    EXPECT_EQ(text_on_digits(input, "use"), "async or incremental: not told apart");
    EXPECT_EQ(
        text_on_digits(input, "avoid"),
        std::string("at least this many times the least stall of async and incremental, which "
                    "are not told apart: ") +
            (high_ns < 5e6 ? "compressed 2.2, sync 12" : "sync 10"));
  }
}

TEST(AnswerAvoid, NamesThreeOfThoseThatAreNotToldApartAndCountsTheOthers) {
  ReportInput input = sample_report();
  const std::vector<double> alike{1e6, 2e6, 3e6, 4e6, 5e6, 6e6, 7e6, 8e6};
  for (const char* name : {"sync", "async", "compressed", "incremental"}) {
    set_samples(input, name, "stall_ns", alike);
  }
  Record slow = measured_record("digits-mlp", "mirror", 100, 12);
  slow.observed = {{"survives", "process,power"}};
  input.records.push_back(slow);
  for (const AnswerLength length : {AnswerLength::kTerminal, AnswerLength::kWhole}) {
    EXPECT_THAT(text_on_digits(input, "avoid", length),
                StartsWith("at least this many times the least stall of sync, async, compressed "
                           "and 1 other, which are not told apart: mirror 1"));
  }
}

}  // namespace
}  // namespace ckptbench
