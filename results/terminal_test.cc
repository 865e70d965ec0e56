#include "results/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "results/testing/sample_records.h"
#include "results/text_table.h"

namespace ckptbench {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

void expect_width(const std::string& text, size_t width) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), width) << line;
}

TEST(Terminal, FitsItsWidthAndColoursOnlyWhenAsked) {
  ReportInput input = sample_report();
  for (Record& record : input.records) {
    record.cell.strategy.name += "-überlanger-Name-检查点-\x1b[31m-of-a-strategy";
  }
  const std::string text = terminal_report(input, {});
  expect_width(text, 120);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(terminal_report(input, {.colour = true, .width = 120}), HasSubstr("\x1b[1m"));
}

TEST(Terminal, NamesWhatANarrowOneLeavesOut) {
  const std::string narrow = terminal_report(sample_report(), {.width = 80});
  expect_width(narrow, 80);
  EXPECT_THAT(narrow, HasSubstr("left out, for 80 columns: "));
  EXPECT_THAT(narrow, ContainsRegex("left out[^\n]*GB/s"));
  EXPECT_THAT(narrow, HasSubstr("stall ms/save"));
  EXPECT_THAT(narrow, HasSubstr("skip/fail"));
  EXPECT_THAT(narrow, ContainsRegex("left out, for 80 columns: [^\n]*verdicts"));
  EXPECT_THAT(terminal_report(sample_report(), {.width = 400}), Not(HasSubstr("left out")));
}

TEST(Terminal, ShowsAStrategyByFileAndClass) {
  ReportInput input = sample_report();
  const std::string folder = "python:/home/someone/experiments/with/a/long/path/";
  for (Record& record : input.records) {
    if (record.cell.strategy.name == "sync") {
      record.cell.strategy.name = folder + "my_saver.py:Saver";
    }
  }
  const std::string text = terminal_report(input, {.width = 80});
  EXPECT_THAT(text, HasSubstr("python:my_saver.py:Saver "));
  EXPECT_THAT(text, Not(HasSubstr("/home/someone")));
  // Two files of one name: whole, and cut at the front.
  input.records.push_back(input.records.back());
  input.records.back().cell.strategy.name = "python:/tmp/my_saver.py:Saver";
  EXPECT_THAT(terminal_report(input, {.width = 80}), HasSubstr("…ong/path/my_saver.py:Saver "));
}

TEST(Terminal, GroupsRowsByEqualClaims) {
  ReportInput input = sample_report();
  const std::string text = terminal_report(input, {});
  const size_t power = text.find("\nclaims to survive process,power\n");
  const size_t process = text.find("\nclaims to survive process\n");
  const size_t nothing = text.find("\nclaims nothing");
  ASSERT_NE(power, std::string::npos) << text;
  EXPECT_LT(power, text.find("\nasync "));
  EXPECT_LT(text.find("\nasync "), process);  // the least stall first
  EXPECT_LT(process, text.find("\ntorch-save "));
  EXPECT_LT(text.find("\ntorch-save "), nothing);
  EXPECT_LT(nothing, text.find("\nnull "));
  // What was acknowledged counts, not what the strategy says of itself.
  for (Record& record : input.records) {
    if (record.cell.strategy.name == "sync") record.observed["survives"] = "process";
  }
  const std::string observed = terminal_report(input, {});
  EXPECT_LT(observed.find("\nclaims to survive process\n"), observed.find("\nsync "));
}

TEST(Terminal, ListsWhatIsNotAllowedOnceForEachKindAndWhatCouldNotRun) {
  ReportInput input = sample_report();
  for (Record& record : input.records) {
    if (record.cell.strategy.name == "broken-no-rng") record.allowed = false;
  }
  input.records.front().error = "worker exited with code 4";
  const std::string text = terminal_report(input, {});
  EXPECT_THAT(text, HasSubstr("not allowed: 3 times, first in trial-broken-no-rng-3"));
  EXPECT_THAT(text, HasSubstr("could not be run: measure-digits-mlp-null: worker exited"));
}

TEST(Terminal, AMeasuredCellThatTheStrategyFailedCouldBeRun) {
  ReportInput input = sample_report();
  input.records.front().error = "restore-warm-1: claims step 3";
  input.records.front().allowed = false;
  const std::string text = terminal_report(input, {});
  EXPECT_THAT(text, HasSubstr("not allowed: measure-digits-mlp-null (null): restore-warm-1: "));
  EXPECT_THAT(text, Not(HasSubstr("could not be run")));
}

TEST(Terminal, ShowsTheMostThatATrialLostBesideTheWorstVerdict) {
  ReportInput input = sample_report();
  for (Record& record : input.records) {
    const bool lost = record.verdict && record.verdict->lost_steps > 0;
    if (lost) record.cell.policy.every_steps = record.cell.strategy.name == "async" ? 2 : 4;
  }
  const std::string text = terminal_report(input, {});
  EXPECT_THAT(text, ContainsRegex("\nsync +ROLLED-BACK +1 save +9 "));
  EXPECT_THAT(text, ContainsRegex("\nasync +ROLLED-BACK +2 saves +9 "));
}

TEST(Terminal, SaysHowManyPairsThereAreAndShowsNoIntervalOfFewerThanSix) {
  ReportInput input = sample_report();
  const std::string many = terminal_report(input, {});
  EXPECT_THAT(many, HasSubstr(", 8 pairs\n"));
  EXPECT_THAT(many, ContainsRegex("\nsync [^\n]*1[0-9.]+ \\[1[0-9.]+, 1[0-9.]+\\]"));
  EXPECT_THAT(many, HasSubstr("% limit w/r"));
  for (Record& record : input.records) {
    for (Samples& samples : record.samples) {
      if (samples.metric == "stall_ns") samples.values.resize(5);
    }
  }
  const std::string few = terminal_report(input, {});
  EXPECT_THAT(few, HasSubstr(", 5 pairs\n"));
  EXPECT_THAT(few, ContainsRegex("\nsync +n[^\n]*1[0-9.]+ \\(5 samples\\)"));
  EXPECT_THAT(few, HasSubstr("\nn  fewer than 6 pairs: no interval\n"));
  EXPECT_THAT(few, Not(HasSubstr("[")));
}

TEST(Terminal, SaysHowManySamplesAFigureHasWhereTheyAreFew) {
  ReportInput input = sample_report();
  for (const char* name : {"sync", "async", "compressed"}) {
    set_samples(input, name, "restore_first_step_cold_ns", {1.3e9, 1.5e9});
    set_samples(input, name, "restore_first_step_warm_ns", {1.1e9, 1.1e9});
    set_samples(input, name, "peak_extra_host_bytes", {5e6});
  }
  set_samples(input, "async", "restore_first_step_warm_ns", {});
  set_samples(input, "compressed", "restore_first_step_warm_ns", std::vector<double>(6, 1.1e9));
  const std::string text = terminal_report(input, {.width = 400});
  EXPECT_THAT(text, ContainsRegex("\nsync [^\n]* 1[.]40 / 1[.]10 \\(2\\) +5[.]00 MB  "));
  EXPECT_THAT(text, ContainsRegex("\nasync [^\n]* 1[.]40 / – \\(2\\) "));
  EXPECT_THAT(text, ContainsRegex("\ncompressed [^\n]* 1[.]40 / 1[.]10 \\(2 / 6\\) "));
  EXPECT_THAT(text, HasSubstr("\n(n)  a figure of n samples, fewer than 6\n"));
  EXPECT_THAT(text, Not(HasSubstr("(8)")));
  set_samples(input, "sync", "retained_bytes", {2.4e8, 2.4e8, 2.4e8});
  EXPECT_THAT(terminal_report(input, {.width = 400}), Not(ContainsRegex("\\(1 / 3\\)")))
      << "bytes on disk are exact";
  set_samples(input, "sync", "failed_saves", {1, 1});
  const std::string narrow = terminal_report(input, {.width = 80});
  expect_width(narrow, 80);
  EXPECT_THAT(narrow, ContainsRegex("\nsync [^\n]* 0 / 2 "));
  EXPECT_THAT(narrow, Not(HasSubstr("(n)"))) << "those columns are left out";
}

// Over several cells too: a median would hide a save that failed in one of three.
TEST(Terminal, ShowsFailedAndSkippedSavesOfEachRow) {
  ReportInput input = sample_report();
  set_samples(input, "sync", "failed_saves", {0, 2, 0});
  set_samples(input, "sync", "skipped_saves", {0, 0, 1});
  const std::string text = terminal_report(input, {.width = 80});
  EXPECT_THAT(text, ContainsRegex("\nsync +fs[^\n]* 1 / 2"));
  EXPECT_THAT(text, HasSubstr("\nf  saves failed\n"));
}

TEST(Terminal, MarksWhatItsMediansWouldHide) {
  ReportInput input = sample_report();
  set_samples(input, "sync", "stall_ns", {-1e6, 2e6, 1e6, -2e6, 3e6, 1e6, 2e6, 1e6});
  set_samples(input, "async", "save_persist_ns",
              {1e7, 1e7, 1.1e7, 1e7, 1e7, 9e7, 9e7, 9e7, 9.1e7, 1e7});
  set_samples(input, "compressed", "first_block_ns", {9e9});
  const std::string text = terminal_report(input, {});
  EXPECT_THAT(text, ContainsRegex("\nsync +0"));
  EXPECT_THAT(text, ContainsRegex("\nasync +i?b"));
  EXPECT_THAT(text, ContainsRegex("\ncompressed +i?1"));
}

TEST(Terminal, MarksInterferenceAboveItsFloorOrWithoutOne) {
  ReportInput input = sample_report();
  const std::vector<double> seen{5e6, 5e6, 5e6, 5e6, 5e6, 5e6, 5e6, 5e6};
  set_samples(input, "sync", "interference_ns", seen);
  EXPECT_THAT(terminal_report(input, {}), ContainsRegex("\nsync +i "));
  set_samples(input, "sync", "interference_floor_ns", std::vector<double>(8, 6e6));
  EXPECT_THAT(terminal_report(input, {}), Not(ContainsRegex("\nsync +i ")));
  set_samples(input, "sync", "interference_floor_ns", std::vector<double>(8, 3e6));
  EXPECT_THAT(terminal_report(input, {}), ContainsRegex("\nsync +i "));
}

TEST(Terminal, NumbersVariantsWhoseNamesAreTooLong) {
  ReportInput input = sample_report();
  for (Record& record : input.records) {
    const std::string name = record.cell.strategy.name;
    if (name != "sync" && name != "async") continue;
    record.cell.strategy.params = {{"chunk_bytes", "16384"}, {"writers", "2"}};
  }
  input.records.push_back(input.records.at(1));
  input.records.back().cell.strategy.params["writers"] = "3";
  const std::string text = terminal_report(input, {});
  EXPECT_THAT(text, ContainsRegex("\nasync #1  "));
  EXPECT_THAT(text, ContainsRegex("\nsync #1  "));
  EXPECT_THAT(text, ContainsRegex("\nsync #2  "));
  EXPECT_THAT(text, HasSubstr("\nsync #1  sync (chunk_bytes=16384, writers=2)\n"));
  EXPECT_THAT(text, HasSubstr("\nsync #2  sync (chunk_bytes=16384, writers=3)\n"));
}

TEST(Terminal, SaysWhereTheRestOfACutVerdictIs) {
  ReportInput input = sample_report();
  EXPECT_THAT(terminal_report(input, {.width = 200}), Not(HasSubstr("cut at …")));
  EXPECT_THAT(terminal_report(input, {.width = 105}),
              HasSubstr("cut at …: verdicts; report.html has the whole words"));
}

TEST(Terminal, SaysWhyTheFirstSaveFailed) {
  ReportInput input = sample_report();
  set_samples(input, "async", "failed_saves", {3});
  for (Record& record : input.records) {
    if (record.cell.strategy.name == "async") {
      record.observed["first_failure"] = "No space left on device";
    }
  }
  const std::string text = terminal_report(input, {.width = 300});
  EXPECT_THAT(text, HasSubstr("\nasync on digits-mlp: 3 saves failed; the first: No space left on "
                              "device\n"));
  EXPECT_THAT(text, HasSubstr("(failed saves: 3, the first: No space left on device)"));
}

TEST(Terminal, SaysThatOldCheckpointsWereNotDeleted) {
  ReportInput input = sample_report();
  for (Record& record : input.records) {
    if (record.cell.strategy.name == "async" && !record.verdict) {
      record.observed["retention_error"] = "no permission";
    }
  }
  const std::string text = terminal_report(input, {.width = 300});
  EXPECT_THAT(text, HasSubstr("\nasync on digits-mlp: old checkpoints were not deleted: no "
                              "permission\n"));
  EXPECT_THAT(text, HasSubstr("async (did not delete old checkpoints: no permission)"));
  EXPECT_THAT(text, Not(HasSubstr("use on digits-mlp: async")));
}

// A number that is cut is another number.
TEST(Terminal, AColumnOfNumbersIsLeftOutAndNeverCut) {
  ReportInput input = sample_report();
  for (Record& record : input.records) {
    if (record.cell.strategy.name == "sync")
      record.cell.strategy.name = "python:saver.py:LongSaver";
  }
  for (const size_t width : {46, 50, 55, 60, 64, 68, 72}) {
    const std::string text = terminal_report(input, {.width = width});
    expect_width(text, width);
    EXPECT_THAT(text, Not(ContainsRegex("cut at …: [^;]*(trials|lost|stall|skip)")));
    EXPECT_THAT(text, ContainsRegex("strategy +marks +stall ms/save"));
    const size_t from = text.find("What survives");
    const std::string trust = text.substr(from, text.find("Broken on purpose") - from);
    const bool shown = trust.find(" trials\n") != std::string::npos;
    EXPECT_EQ(shown, width >= 59) << trust;
    EXPECT_NE(shown, trust.find("trials,") != std::string::npos) << trust;
  }
}

TEST(Terminal, HasTheTrialsThatCameToAVerdictAndOfHowMany) {
  ReportInput input = sample_report();
  input.records.push_back(trial_record("none", "sync", "phase", Verdict{}, true));
  input.records.back().verdict->outcome = HarnessOutcome::kNotApplicable;
  EXPECT_THAT(terminal_report(input, {}), ContainsRegex("\nsync +ROLLED-BACK [^\n]* 9 of 10 "));
}

TEST(Terminal, NothingYet) {
  EXPECT_EQ(terminal_report({}, {}), "no results yet\n");
}

TEST(TextTable, WrapsAtSpaces) {
  EXPECT_EQ(wrap_text("left out: one two three", 14), "left out: one\n  two three\n");
  EXPECT_EQ(wrap_text("averyveryverylongword", 10), "averyvery…\n");
  EXPECT_EQ(wrap_text("", 10), "");
}

}  // namespace
}  // namespace ckptbench
