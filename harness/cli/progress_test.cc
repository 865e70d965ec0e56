// The line of a run on a real terminal.
#include "harness/cli/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "harness/cli/testing/pseudo_terminal.h"
#include "results/text_table.h"

namespace ckptbench {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kRewrite = "\r\x1b[K";

Record trial_of(const std::string& strategy, const ParamText& params = {}) {
  Record record;
  record.cell.id = "trial.digits-mlp.python-some-where.s1";
  record.cell.kind = CellKind::kTrial;
  record.cell.workload.name = "digits-mlp";
  record.cell.strategy = {strategy, params};
  record.verdict.emplace();
  record.verdict->data = DataVerdict::kBitExact;
  return record;
}

std::string written_to(unsigned short columns, const std::vector<Record>& records) {
  PseudoTerminal terminal(columns);
  {
    Progress progress(9, terminal.file());
    for (const Record& record : records) progress.record(record);
    progress.print_line("a line that stays");
  }
  return terminal.written();
}

// What was shown after each time that the line was cleared.
std::vector<std::string> shown_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = text.find(kRewrite); at != std::string::npos;) {
    at += kRewrite.size();
    const size_t next = text.find(kRewrite, at);
    lines.push_back(text.substr(at, next - at));
    at = next;
  }
  return lines;
}

TEST(Progress, WritesNoControlSequenceToADumbTerminal) {
  const VariableForATest term("TERM", "dumb");
  const std::string text = written_to(80, {trial_of("sync")});
  EXPECT_EQ(text,
            "[1/9] trial.digits-mlp.python-some-where.s1 BIT-EXACT\n"
            "a line that stays\n");
}

TEST(Progress, ALineNamesAStrategyByFileAndClass) {
  const VariableForATest term("TERM", "dumb");
  EXPECT_THAT(written_to(80, {trial_of("python:/some/where/own.py:Right", {{"level", "3"}})}),
              StartsWith("[1/9] trial.digits-mlp.python-some-where.s1 (python:own.py:Right "
                         "(level=3)) BIT-EXACT\n"));
}

// Where it wraps, clearing the line leaves the part above.
TEST(Progress, TheLineIsNarrowerThanTheTerminal) {
  const VariableForATest term("TERM", "xterm");
  const std::string folder = "/tmp/a/long/folder/of/experiments/on/which/nobody/wants/to/read/";
  const std::vector<Record> records{
      trial_of("sync"), trial_of("python:" + folder + "own.py:Right"),
      trial_of("python:" + folder + "a_long_name_of_a_file_of_experiments_on_saves.py:ByClass"),
      trial_of("python:" + folder + "own.py:Right",
               {{"chunk_bytes", "1048576"}, {"fsync", "false"}, {"writers", "4"}}),
      trial_of("python:" + folder + "名前名前名前名前名前名前名前名前名前名前名前.py:Wide")};
  for (const unsigned short columns : {30, 60, 80, 200}) {
    const std::vector<std::string> lines = shown_lines(written_to(columns, records));
    ASSERT_GE(lines.size(), records.size());
    for (const std::string& line : lines) {
      const std::string first = line.substr(0, line.find('\n'));
      EXPECT_LT(display_width(first), columns) << first;
    }
  }
}

TEST(Progress, TheLineShowsAStrategyByFileAndClass) {
  const VariableForATest term("TERM", "xterm");
  const std::string folder = "/tmp/a/long/folder/of/experiments/on/which/nobody/wants/to/read/";
  const auto line = [&](unsigned short columns, const std::string& file, const ParamText& params) {
    return shown_lines(written_to(columns, {trial_of("python:" + folder + file, params)})).front();
  };
  EXPECT_THAT(line(200, "own.py:Right", {{"writers", "4"}}),
              AllOf(StartsWith("1/9 cells, 1 record, "),
                    EndsWith(" left: trial of python:own.py:Right (writers=4) on digits-mlp")));
  EXPECT_THAT(line(80, "own.py:Right", {}),
              AllOf(StartsWith("1/9 cells, about "),
                    EndsWith(" left: trial of python:own.py:Right on digits-mlp")));
  EXPECT_THAT(
      line(80, "own.py:Right", {{"chunk_bytes", "1048576"}, {"fsync", "false"}, {"writers", "4"}}),
      EndsWith(" left: python:own.py:Right …"));
  EXPECT_THAT(line(80, "a_long_name_of_a_file_of_experiments_on_saves.py:ByClass", {}),
              AllOf(HasSubstr(" left: …"), EndsWith("_of_experiments_on_saves.py:ByClass"),
                    Not(HasSubstr("nobody"))));
}

}  // namespace
}  // namespace ckptbench
