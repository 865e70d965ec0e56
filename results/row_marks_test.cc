#include "results/row_marks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "results/cost_tables.h"
#include "results/interference.h"
#include "results/testing/documented_table.h"
#include "results/testing/sample_records.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;
using testing::Not;

using SampleList = std::vector<std::pair<std::string, std::vector<double>>>;

// The row of `sync` on digits-mlp with these samples and observations in place of its own.
ResultRow marked_row(const SampleList& samples, const nlohmann::json& observed = {}) {
  ReportInput input = sample_report();
  for (const auto& [metric, values] : samples) set_samples(input, "sync", metric, values);
  for (Record& record : input.records) {
    if (record.cell.strategy.name == "sync" && observed.is_object()) record.observed = observed;
  }
  const ResultRows results = make_result_rows(input.records, input.environment);
  return results.rows.at(1);
}

std::string letters(const SampleList& samples, const nlohmann::json& observed = {}) {
  return mark_letters(row_marks(marked_row(samples, observed)));
}

// Empty: the row has no such mark.
std::string detail_of(const ResultRow& row, char letter) {
  for (const RowMark& mark : row_marks(row)) {
    if (mark.letter == letter) return mark.detail;
  }
  return "";
}

std::vector<double> eight_of(double ms) {
  return std::vector<double>(8, ms * 1e6);
}

TEST(Marks, AreThoseOfTheDocumentationAndTheReadme) {
  expect_documented(CKPT_METRICS_DOC, "marks", mark_words_markdown());
  const auto readme = read_file(CKPT_README);
  ASSERT_TRUE(readme.ok());
  std::set<char> seen;
  for (const MarkWord& word : mark_words()) {
    EXPECT_TRUE(seen.insert(word.letter).second) << word.letter;
    EXPECT_THAT(readme.value(), HasSubstr(std::string("(") + word.letter + ")"));
  }
}

TEST(Marks, AStallBelowZeroOrBelowItsBlockIsImpossible) {
  EXPECT_THAT(letters({{"stall_ns", eight_of(-3)}, {"block_ns", eight_of(1)}}), HasSubstr("g"));
  EXPECT_THAT(letters({{"stall_ns", eight_of(3)}, {"block_ns", eight_of(4)}}), HasSubstr("x"));
  const std::string sound = letters({{"stall_ns", eight_of(5)}, {"block_ns", eight_of(4)}});
  EXPECT_THAT(sound, Not(testing::ContainsRegex("[gx]")));
}

TEST(Marks, OtherProgramsOnTheMachine) {
  EXPECT_THAT(letters({}, {{"foreign_cpu_pct", 5.5}}), HasSubstr("o"));
  EXPECT_THAT(letters({}, {{"foreign_cpu_pct", 5}}), Not(HasSubstr("o")));
  EXPECT_THAT(letters({}, {{"foreign_cpu_pct", nullptr}}), Not(HasSubstr("o")));
  EXPECT_THAT(letters({}, {{"foreign_cpu_pct", 3}, {"stolen_cpu_pct", 2.5}}), HasSubstr("o"));
  EXPECT_THAT(letters({}, {{"stolen_cpu_pct", 5.5}}), HasSubstr("o"));
  EXPECT_THAT(letters({}, {{"foreign_cpu_pct", 3}, {"stolen_cpu_pct", 2}}), Not(HasSubstr("o")));
  ResultRow row = marked_row({});
  const auto load = [](double foreign_pct, double stolen_pct) {
    return nlohmann::json{{"foreign_cpu_pct", foreign_pct}, {"stolen_cpu_pct", stolen_pct}};
  };
  row.observed = {load(9, 0), load(0, 0), load(0, 2)};
  EXPECT_FALSE(has_mark(row_marks(row), 'o')) << "one of three processes, and another one";
  row.observed[1] = load(6, 0);
  EXPECT_THAT(detail_of(row, 'o'), HasSubstr("took 5.0 % of the processors"));
}

TEST(Marks, AShareThatIsKeptBack) {
  EXPECT_THAT(letters({{"restore_cold_ns", eight_of(100)}, {"probe_read_cold_ns", eight_of(120)}}),
              HasSubstr("r"));
  EXPECT_THAT(letters({{"restore_cold_ns", eight_of(120)}, {"probe_read_cold_ns", eight_of(100)}}),
              Not(HasSubstr("r")));
  const SampleList waits{{"persist_ns", eight_of(400)}, {"probe_new_file_ns", eight_of(150)}};
  SampleList faster = waits;
  faster.emplace_back("persist_alone_ns", eight_of(100));
  SampleList slower = waits;
  slower.emplace_back("persist_alone_ns", eight_of(200));
  EXPECT_THAT(letters(faster), HasSubstr("l"));
  EXPECT_THAT(letters(slower), Not(HasSubstr("l")));
}

TEST(Marks, WindowsThatAreTooShort) {
  EXPECT_THAT(letters({}, {{"short_windows", "1 of 2 windows have no save"}}), HasSubstr("p"));
  EXPECT_THAT(letters({}, {{"short_windows", ""}}), Not(HasSubstr("p")));
}

TEST(Marks, PairsThatEndedWithTheirTime) {
  const auto row = marked_row({{"stall_ns", eight_of(3)}}, {{"stopped_by", "budget"}});
  ASSERT_TRUE(has_mark(row_marks(row), 'e'));
  EXPECT_THAT(letters({}, {{"stopped_by", "deadline"}}), HasSubstr("e"));
  EXPECT_THAT(letters({}, {{"stopped_by", "precision"}}), Not(HasSubstr("e")));
  EXPECT_THAT(letters({}, {{"stopped_by", "pairs"}}), Not(HasSubstr("e")));
}

TEST(Marks, AFigureOfFewRestores) {
  const std::vector<double> seven(7, 3e8);
  const std::vector<double> six(6, 3e8);
  EXPECT_THAT(letters({{"restore_cold_ns", six}, {"restore_warm_ns", seven}}), HasSubstr("c"));
  EXPECT_THAT(letters({{"restore_cold_ns", seven}, {"restore_warm_ns", six}}), HasSubstr("c"));
  EXPECT_THAT(letters({{"restore_cold_ns", seven}, {"restore_warm_ns", seven}}),
              Not(HasSubstr("c")));
  EXPECT_THAT(letters({{"restore_cold_ns", {}}, {"restore_warm_ns", {}}}), Not(HasSubstr("c")));
}

TEST(Marks, MemoryThatIsSampled) {
  EXPECT_THAT(letters({}, {{"memory_method", "sampled PSS of the process tree"}}), HasSubstr("m"));
  EXPECT_THAT(letters({}, {{"memory_method", "VmHWM of the process"}}), Not(HasSubstr("m")));
}

// All other figures of it are of no save that did its work.
TEST(Marks, ARowWhoseSavesAllFailedIsShown) {
  ReportInput input = sample_report();
  for (Record& record : input.records) {
    if (record.cell.strategy.name != "async" || record.cell.kind != CellKind::kMeasure) continue;
    std::erase_if(record.samples, [](const Samples& s) { return s.metric == "stall_ns"; });
    record.observed = {{"failed_saves", 5}, {"requested_saves", 5}};
  }
  set_samples(input, "async", "failed_saves", {5});
  const ResultRows results = make_result_rows(input.records, input.environment);
  const auto tables = make_cost_tables(results, kPage);
  EXPECT_EQ(tables.at(0).sections.at(0).rows.back()->name, "async");
  EXPECT_THAT(tables.at(0).title, HasSubstr("8 pairs"));
}

// What the next request would wait for is in the stall of the saves of the window already.
TEST(Marks, SavesThatPileUpBeyondWhatTheNextOneWaitsFor) {
  const nlohmann::json three{{"saves_per_window", 3}};
  const auto with_tail = [&](double stall_ms, double tail_ms) {
    return letters({{"stall_ns", eight_of(stall_ms)}, {"tail_ns", eight_of(tail_ms)}}, three);
  };
  EXPECT_THAT(with_tail(10, 10), Not(HasSubstr("t")));
  EXPECT_THAT(with_tail(10, 12.7), Not(HasSubstr("t")));
  EXPECT_THAT(with_tail(10, 13.3), HasSubstr("t"));
  EXPECT_THAT(with_tail(-1, 5), Not(HasSubstr("t"))) << "a step takes 41 ms";
  EXPECT_THAT(with_tail(-1, 9), HasSubstr("t"));
}

TEST(Marks, ARowAtAnotherSpeedThanTheOthersOfItsTable) {
  const auto at_step = [](double ms) { return letters({{"step_ns", eight_of(ms)}}); };
  EXPECT_THAT(at_step(46), HasSubstr("v"));
  EXPECT_THAT(at_step(36), HasSubstr("v"));
  EXPECT_THAT(at_step(43), Not(HasSubstr("v")));
  const ResultRow row = marked_row({{"step_ns", eight_of(82)}});
  EXPECT_NEAR(row.step_ratio, 2, 0.1);
  EXPECT_THAT(detail_of(row, 'v'), HasSubstr("a plain step takes 82.0 ms, 20"));
}

// One of two rows may be either.
TEST(Marks, TwoRowsHaveNoSpeedOfTheOthers) {
  ReportInput input;
  for (const char* name : {"sync", "async"}) {
    input.records.push_back(measured_record("digits-mlp", name, 3, 12));
    input.records.push_back(measured_record("char-gpt", name, 3, 12));
  }
  set_samples(input, "sync", "step_ns", eight_of(90));
  for (const ResultRow& row : make_result_rows(input.records, {}).rows) {
    EXPECT_FALSE(std::isfinite(row.step_ratio)) << row.name;
    EXPECT_FALSE(has_mark(row_marks(row), 'v'));
  }
}

TEST(Marks, FailedSavesHaveTheirReason) {
  const ResultRow row =
      marked_row({{"failed_saves", {2}}}, {{"first_failure", "No space left on device"}});
  EXPECT_THAT(row_marks(row).front().detail,
              HasSubstr("2 saves failed; the first: No space left on device"));
}

// What the pairs share, a slow plain window, is in both figures: their difference shows the excess
// that neither interval shows alone.
TEST(Marks, AConstantExcessOverTheFloorIsMarked) {
  std::vector<double> floor;
  std::vector<double> seen;
  for (double drift : {-20.0, -12.0, -5.0, 0.0, 6.0, 11.0, 17.0, 25.0}) {
    floor.push_back(drift * 1e6);
    seen.push_back((drift + 3) * 1e6);
  }
  const SampleList samples{{"interference_ns", seen}, {"interference_floor_ns", floor}};
  EXPECT_THAT(letters(samples), HasSubstr("i"));
  const Interference found = interference_of(marked_row(samples));
  EXPECT_EQ(found.kind, InterferenceKind::kAbove);
  EXPECT_DOUBLE_EQ(found.excess.low, 3e6);
  EXPECT_DOUBLE_EQ(found.excess.high, 3e6);
}

TEST(Marks, InterferenceAgainstItsFloor) {
  const auto kind = [](const std::vector<double>& excess_ms) {
    std::vector<double> seen;
    for (double excess : excess_ms) seen.push_back((excess + 7) * 1e6);
    return interference_of(
               marked_row({{"interference_ns", seen}, {"interference_floor_ns", eight_of(7)}}))
        .kind;
  };
  EXPECT_EQ(kind({.1, .1, .1, .1, .1, .1, .1, .1}), InterferenceKind::kLittleAbove);
  EXPECT_EQ(kind({-.2, -.1, 0, 0, 0, 0, .1, .2}), InterferenceKind::kAsFloor);
  EXPECT_EQ(kind({-9, -5, -4, 0, 0, 0, .1, .2}), InterferenceKind::kAsFloor) << "not above it";
  EXPECT_EQ(kind({-9, -9, -9, 0, 0, 9, 9, 9}), InterferenceKind::kUndetermined);
  EXPECT_EQ(kind({-3, -3, -3, -3, -3, -3, -3, -3}), InterferenceKind::kBelow);
}

// Drift between windows hides it from the whole difference; both figures of one pair compare steps
// of one window each.
SampleList within_windows(const std::vector<double>& busy_ms) {
  SampleList samples{{"stall_ns", eight_of(20)}, {"interference_floor_ns", eight_of(0)}};
  const std::vector<double> drift_ms{-29, -29, -29, 9, 9, 29, 29, 29};
  std::vector<double> seen;
  for (const double ms : drift_ms) seen.push_back(ms * 1e6);
  samples.emplace_back("interference_ns", seen);
  std::vector<double> busy;
  for (const double ms : busy_ms) busy.push_back((ms + 7 + 4) * 1e6);
  samples.emplace_back("gate_ns", eight_of(4));  // it is in the steps, and no interference
  samples.emplace_back("after_save_ns", busy);
  samples.emplace_back("after_floor_ns", eight_of(7));
  return samples;
}

TEST(Marks, WhereTheFloorIsTooNoisyTheStepsOfAWindowDecide) {
  const auto kind = [](const std::vector<double>& busy_ms) {
    const Interference seen = interference_of(marked_row(within_windows(busy_ms)));
    EXPECT_EQ(seen.within_windows, seen.kind != InterferenceKind::kUndetermined);
    return seen.kind;
  };
  EXPECT_EQ(kind({5, 5, 5, 5, 5, 5, 5, 5}), InterferenceKind::kAbove);
  EXPECT_EQ(kind({1, 1, 1, 1, 1, 1, 1, 1}), InterferenceKind::kLittleAbove);
  EXPECT_EQ(kind({-.2, -.1, 0, 0, 0, 0, .1, .2}), InterferenceKind::kAsFloor);
  EXPECT_EQ(kind({-3, -3, -3, -3, -3, -3, -3, -3}), InterferenceKind::kBelow);
  EXPECT_EQ(kind({-9, -9, -9, 0, 0, 9, 9, 9}), InterferenceKind::kUndetermined);
  EXPECT_EQ(kind({5, 5, 5, 5, 5, 5, 5}), InterferenceKind::kUndetermined) << "not of every window";
}

TEST(Marks, SayWhichDifferenceDecided) {
  const ResultRow above = marked_row(within_windows({5, 5, 5, 5, 5, 5, 5, 5}));
  EXPECT_EQ(interference_of(above).excess.value, 5e6);
  EXPECT_FALSE(has_mark(row_marks(above), 'u'));
  EXPECT_THAT(detail_of(above, 'i'),
              HasSubstr("exceeds its floor by 5.00 [5.00, 5.00] ms within windows"));
  EXPECT_THAT(letters(within_windows({0, 0, 0, 0, 0, 0, 0, 0})), Not(HasSubstr("u")));
  EXPECT_THAT(letters(within_windows({-9, -9, -9, 0, 0, 9, 9, 9})), HasSubstr("u"));
  SampleList sure = within_windows({5, 5, 5, 5, 5, 5, 5, 5});
  sure.emplace_back("interference_ns", eight_of(9));
  EXPECT_FALSE(interference_of(marked_row(sure)).within_windows);
  EXPECT_EQ(interference_of(marked_row(sure)).excess.value, 9e6);
}

TEST(Marks, ALargeInterferenceThatItsFloorMayNotExplain) {
  const auto seen_ms = [](const std::vector<double>& interference_ms) {
    std::vector<double> seen;
    for (double ms : interference_ms) seen.push_back(ms * 1e6);
    return SampleList{{"stall_ns", eight_of(20)},
                      {"interference_ns", seen},
                      {"interference_floor_ns", eight_of(7)}};
  };
  EXPECT_THAT(letters(seen_ms({-2, 2, 3, 9, 9, 16, 17, 18})), HasSubstr("u"));
  EXPECT_THAT(letters(seen_ms({-2, -1, 0, 0, 0, 8, 9, 18})), Not(HasSubstr("u")));
  EXPECT_THAT(letters(seen_ms({9, 9, 9, 9, 9, 9, 9, 9})), Not(HasSubstr("u")));
}

// Plain steps of one workload at two speeds: the rows did not meet the same machine.
TEST(Marks, ATitleHasTheRangeOfItsRowsSteps) {
  ReportInput input = sample_report();
  const auto title = [&] {
    const ResultRows results = make_result_rows(input.records, input.environment);
    return make_cost_tables(results, kPage).at(0).title;
  };
  EXPECT_THAT(title(), HasSubstr("step 40.8 ms"));
  set_samples(input, "async", "step_ns", {6e7, 6e7, 6e7, 6e7, 6e7, 6e7});
  EXPECT_THAT(title(), HasSubstr("step 40.8 to 60.0 ms"));
}

TEST(Marks, RowsInWhichEverySaveFailedSortLast) {
  ReportInput input = sample_report();
  set_samples(input, "async", "failed_saves", {5});
  for (Record& record : input.records) {
    if (record.cell.strategy.name != "async") continue;
    record.observed = {{"failed_saves", 5}, {"requested_saves", 5}};
  }
  const ResultRows results = make_result_rows(input.records, input.environment);
  const auto tables = make_cost_tables(results, kPage);
  EXPECT_EQ(tables.at(0).sections.at(0).rows.back()->name, "async");
  EXPECT_EQ(tables.at(0).sections.at(0).rows.front()->name, "incremental");
}

}  // namespace
}  // namespace ckptbench
