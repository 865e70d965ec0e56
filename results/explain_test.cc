#include "results/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/testing/sample_records.h"

namespace ckptbench {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

ResultRows rows_with(const std::vector<std::pair<std::string, std::vector<double>>>& samples,
                     const std::string& strategy = "sync") {
  ReportInput input = sample_report();
  for (const auto& [metric, values] : samples) {
    for (Record& record : input.records) {
      if (record.cell.kind != CellKind::kMeasure || record.cell.strategy.name != strategy) continue;
      std::erase_if(record.samples,
                    [&, key = metric](const Samples& s) { return s.metric == key; });
      record.samples.push_back({metric, 0, values});
    }
  }
  return make_result_rows(input.records, input.environment);
}

std::vector<double> eight(double ms) {
  return std::vector<double>(8, ms * 1e6);
}

std::string explain(const ResultRows& rows, const std::string& wanted, size_t width = 100) {
  const auto text = explain_stall(rows, wanted, width);
  EXPECT_TRUE(text.ok()) << (text.ok() ? "" : text.error().message);
  return text.ok() ? text.value() : "";
}

const std::vector<std::pair<std::string, std::vector<double>>> kSlowSteps{
    {"stall_ns", eight(100)},        {"block_ns", eight(20)},
    {"retention_ns", eight(15)},     {"gate_ns", eight(0)},
    {"interference_ns", eight(65)},  {"interference_floor_ns", eight(10)},
    {"step_lag_1_ns", eight(60)},    {"step_lag_2_ns", eight(5)},
    {"step_lag_10_ns", eight(0.25)}, {"phase_write_ns", eight(70)},
    {"phase_stage_ns", eight(19)},   {"probe_memcpy_ns", eight(18)}};

TEST(Explain, NamesThePartsOfAStallTheLargestFirst) {
  const std::string text = explain(rows_with(kSlowSteps), "digits-mlp sync");
  EXPECT_THAT(text, HasSubstr("sync on digits-mlp: stall 100 [100, 100] ms per save, of 8 pairs"));
  const size_t interference = text.find("\ninterference  ");
  EXPECT_NE(interference, std::string::npos) << text;
  EXPECT_LT(interference, text.find("\nblock  "));
  EXPECT_LT(text.find("\nblock  "), text.find("\nretention  "));
  EXPECT_LT(text.find("\nretention  "), text.find("\ngate  "));
  EXPECT_THAT(text, ContainsRegex("\ninterference +65[.]0 +65 % +65[.]0 +\\[65[.]0, 65[.]0\\]"));
}

// The medians are 20 and 100 - 20 - 15 - 10, and of the pair in the middle 80 is block.
const std::vector<std::pair<std::string, std::vector<double>>> kUnlikePairs{
    {"stall_ns", {90e6, 110e6, 100e6, 80e6, 120e6, 70e6, 130e6}},
    {"block_ns", {20e6, 20e6, 80e6, 10e6, 20e6, 10e6, 20e6}},
    {"retention_ns", {15e6, 15e6, 15e6, 15e6, 15e6, 15e6, 15e6}},
    {"gate_ns", {0, 0, 0, 0, 0, 0, 0}},
    {"interference_ns", {55e6, 75e6, 5e6, 55e6, 85e6, 45e6, 95e6}}};

TEST(Explain, ShowsPartsThatAddUpToTheStall) {
  const std::string text = explain(rows_with(kUnlikePairs), "digits-mlp sync");
  EXPECT_THAT(text, ContainsRegex("\npart +middle pair ms +of the stall +median ms +interval\n"));
  EXPECT_THAT(text, ContainsRegex("\nblock +80[.]0 +80 % +20[.]0 +\\[10[.]0, 80[.]0\\] *\n"));
  EXPECT_THAT(text, ContainsRegex("\nretention +15[.]0 +15 % +15[.]0 "));
  EXPECT_THAT(text, ContainsRegex("\ninterference +5[.]00 +5[.]0 % +55[.]0 "));
  EXPECT_THAT(text, ContainsRegex("\nstall +100 +100 % +100 +\\[70[.]0, 130\\] *\n"));
  EXPECT_THAT(text, Not(HasSubstr("not in the parts")));
  EXPECT_THAT(text, HasSubstr("\nmiddle pair: the one of 7 pairs with the median stall; its parts "
                              "add up, medians need not\n"));
  EXPECT_LT(text.find("\nblock  "), text.find("\nretention  ")) << "the largest of the pair first";
}

// What is small in either column may be a tenth in the other.
TEST(Explain, SaysWhatWouldLowerAPartThatIsLargeInEitherColumn) {
  const std::string text = explain(rows_with(kUnlikePairs), "digits-mlp sync");
  EXPECT_THAT(text, HasSubstr("to lower block: "));
  EXPECT_THAT(text, HasSubstr("to lower interference: "));
  auto small = kUnlikePairs;
  small.push_back({"block_ns", {2e6, 2e6, 80e6, 1e6, 2e6, 1e6, 2e6}});
  EXPECT_THAT(explain(rows_with(small), "digits-mlp sync"), HasSubstr("to lower block: "));
}

TEST(Explain, ShowsMediansAndWhatTheyLeaveWhereNotEveryPairHasEveryPart) {
  auto unequal = kUnlikePairs;
  unequal.push_back({"retention_ns", {15e6, 15e6}});
  const std::string text = explain(rows_with(unequal), "digits-mlp sync");
  EXPECT_THAT(text, ContainsRegex("\npart +median ms +of the stall +interval\n"));
  EXPECT_THAT(text, ContainsRegex("\nblock +20[.]0 +20 % +\\[10[.]0, 80[.]0\\] *\n"));
  EXPECT_THAT(text, ContainsRegex("\nnot in the parts +10[.]0 +10 % *\n"));
  EXPECT_THAT(text, ContainsRegex("\nstall +100 +100 % +\\[70[.]0, 130\\] *\n"));
  EXPECT_THAT(text, HasSubstr("\nmedians, which need not add up: not every pair has every part\n"));
  EXPECT_THAT(text, Not(HasSubstr("middle")));
}

TEST(Explain, KeepsWhatAPairHasBesideItsParts) {
  auto less = kUnlikePairs;
  less.push_back({"interference_ns", {55e6, 75e6, 1e6, 55e6, 85e6, 45e6, 95e6}});
  const std::string text = explain(rows_with(less), "digits-mlp sync", 120);
  EXPECT_THAT(text, ContainsRegex("\ninterference +1[.]00 +1[.]0 % "));
  EXPECT_THAT(text, HasSubstr("; its parts and what is not in them add up, medians need not\n"));
  EXPECT_THAT(text, ContainsRegex("\nnot in the parts +4[.]00 +4[.]0 % *\n"));
}

TEST(Explain, ShowsNoPartsOfARowWhoseSavesAllFailed) {
  ReportInput input = sample_report();
  Record& record = input.records.at(1);
  ASSERT_EQ(record.cell.strategy.name, "sync");
  record.samples = {{"step_ns", 0, {1e6}}};
  record.observed = {{"failed_saves", 4}, {"requested_saves", 4}};
  const std::string text = explain(make_result_rows(input.records, {}), "digits-mlp sync");
  EXPECT_THAT(text, ContainsRegex("\nstall +–"));
  EXPECT_THAT(text, Not(HasSubstr("not in the parts")));
  EXPECT_THAT(text, Not(HasSubstr("add up")));
  EXPECT_THAT(text, Not(HasSubstr("no shares")));
}

TEST(Explain, GivesTheEvidence) {
  const std::string text = explain(rows_with(kSlowSteps), "digits-mlp sync", 1000);
  EXPECT_THAT(text, HasSubstr("written plainly beside training: 10.0 [10.0, 10.0]"));
  EXPECT_THAT(text, HasSubstr("1: 60.0 [60.0, 60.0], 2: 5.00 [5.00, 5.00], 10: 0.250"));
  EXPECT_THAT(text, HasSubstr("write 70.0 ms, stage 19.0 ms"));
  EXPECT_THAT(text, HasSubstr("interference of 65.0 ms exceeds its floor by 55.0 [55.0, 55.0] ms"));
}

TEST(Explain, ComparesTheStepsOfAWindowWithEachOther) {
  auto samples = kSlowSteps;
  samples.push_back({"after_save_ns", eight(7)});
  const std::string text = explain(rows_with(samples), "digits-mlp sync", 1000);
  EXPECT_THAT(
      text, HasSubstr("; steps during a save minus later steps of the same window (gate included, "
                      "without the drift between windows): 7.00 [7.00, 7.00] per save; "
                      "steps"));
  samples.push_back({"after_floor_ns", eight(2)});
  const std::string both = explain(rows_with(samples), "digits-mlp sync", 1000);
  EXPECT_THAT(both, HasSubstr("7.00 [7.00, 7.00] per save, beside plain writes 2.00 [2.00, 2.00]"));
  EXPECT_THAT(explain(rows_with(kSlowSteps), "digits-mlp sync", 1000),
              Not(HasSubstr("later steps of the same window")));
}

TEST(Explain, SaysWhenTheStepsOfAWindowDecide) {
  auto samples = kSlowSteps;
  samples.push_back({"interference_floor_ns", {0, 0, 0, 65e6, 65e6, 130e6, 130e6, 130e6}});
  samples.push_back({"after_save_ns", eight(27)});
  samples.push_back({"after_floor_ns", eight(2)});
  const std::string text = explain(rows_with(samples), "digits-mlp sync", 1000);
  EXPECT_THAT(text, HasSubstr("; within windows above its floor by 25.0 [25.0, 25.0]"));
  EXPECT_THAT(text, HasSubstr("to lower interference: the strategy's own"));
}

// A cause that is measured has its name.
TEST(Explain, SaysWhenTheTrainingThreadHadNoProcessor) {
  auto samples = kSlowSteps;
  samples.push_back({"save_run_delay_ns", eight(50)});
  samples.push_back({"floor_run_delay_ns", eight(2)});
  const std::string text = explain(rows_with(samples), "digits-mlp sync", 1000);
  EXPECT_THAT(text, HasSubstr("the training thread waited 50.0 [50.0, 50.0] ms longer for a "
                              "processor, beside the plain writes 2.00 [2.00, 2.00] ms"));
  EXPECT_THAT(text, HasSubstr("to lower interference: the strategy's own threads or processes take "
                              "the training thread's processor"));
  samples[samples.size() - 2].second = eight(5);
  const std::string other = explain(rows_with(samples), "digits-mlp sync", 1000);
  EXPECT_THAT(other, Not(HasSubstr("for a processor")));
  EXPECT_THAT(other, HasSubstr("to lower interference: the strategy's own: leave out one thing"));
}

TEST(Explain, SaysWhatWouldLowerThePartsThatMatter) {
  const std::string text = explain(rows_with(kSlowSteps), "digits-mlp sync", 1000);
  EXPECT_THAT(text, HasSubstr("to lower interference: the strategy's own"));
  EXPECT_THAT(text, HasSubstr("to lower block: about one copy"));
  EXPECT_THAT(text, HasSubstr("to lower retention: keep fewer"));
  EXPECT_THAT(text, Not(HasSubstr("to lower gate")));
  auto floor = kSlowSteps;
  floor.push_back({"interference_floor_ns", eight(65)});
  const std::string explained = explain(rows_with(floor), "digits-mlp sync", 1000);
  EXPECT_THAT(explained, HasSubstr("to lower interference: any writer of so many bytes"));
  EXPECT_THAT(explained, HasSubstr("as its floor: the difference is 0 [0, 0]"));
  floor.back().second = {0, 0, 0, 65e6, 65e6, 130e6, 130e6, 130e6};
  const std::string wide = explain(rows_with(floor), "digits-mlp sync", 1000);
  EXPECT_THAT(wide, HasSubstr("undetermined: the interval of the difference is too wide"));
  EXPECT_THAT(wide, HasSubstr("to lower interference: undetermined whether"));
}

TEST(Explain, AdvisesNothingThatDoesNotExistAndNothingForARowThatWritesNothing) {
  auto held = kSlowSteps;
  held.push_back({"block_ns", eight(90)});
  held.push_back({"persist_ns", eight(91)});
  const std::string text = explain(rows_with(held), "digits-mlp sync", 1000);
  EXPECT_THAT(text, HasSubstr("to lower block: the save returns when it is durable"));
  EXPECT_THAT(text, Not(HasSubstr("lazy")));
  EXPECT_THAT(explain(rows_with(kSlowSteps), "digits-mlp sync", 1000), Not(HasSubstr("lazy")));
  const std::string null = explain(rows_with({}), "digits-mlp null", 1000);
  EXPECT_THAT(null, HasSubstr("nothing to lower: it writes no checkpoint"));
  EXPECT_THAT(null, Not(HasSubstr("to lower block")));
}

// A gate of 100 ns holds no update up, and retention that took no time deleted nothing.
TEST(Explain, SaysNothingOfThePartsThatAreSmall) {
  auto small = kSlowSteps;
  small.push_back({"stall_ns", eight(100)});
  small.push_back({"block_ns", eight(99)});
  small.push_back({"retention_ns", eight(0)});
  small.push_back({"gate_ns", eight(0.0001)});
  small.push_back({"asking_ns", eight(0.1)});
  small.push_back({"interference_ns", eight(1)});
  const std::string text = explain(rows_with(small), "digits-mlp sync", 1000);
  EXPECT_THAT(text, HasSubstr("\nblock: "));
  for (const char* part : {"retention", "gate", "asking", "interference"}) {
    EXPECT_THAT(text, HasSubstr(std::string("\n") + part + " ")) << "its row of the table";
    EXPECT_THAT(text, Not(HasSubstr(std::string("\n") + part + ": ")));
    EXPECT_THAT(text, Not(HasSubstr(std::string("to lower ") + part)));
  }
}

std::string block_advice_of(double copies) {
  auto samples = kSlowSteps;
  samples.push_back({"block_ns", eight(20)});
  samples.push_back({"probe_memcpy_ns", eight(20 / copies)});
  const std::string text = explain(rows_with(samples), "digits-mlp sync", 1000);
  const size_t from = text.find("to lower block: ");
  return from == std::string::npos ? text : text.substr(from, text.find('\n', from) - from);
}

TEST(Explain, ComparesABlockWithNoMoreThanTheRowShows) {
  EXPECT_THAT(block_advice_of(0.3), HasSubstr("block: less than one copy of the state"));
  EXPECT_THAT(block_advice_of(1.1), HasSubstr("block: about one copy of the state"));
  EXPECT_THAT(block_advice_of(1.9), HasSubstr("block: more than one copy of the state"));
  EXPECT_THAT(block_advice_of(5), HasSubstr("block: more than two copies of the state"));
  for (const double copies : {0.3, 1.1, 1.9, 5.0}) {
    EXPECT_THAT(block_advice_of(copies), Not(HasSubstr("of any strategy")));
  }
  auto unknown = kSlowSteps;
  unknown.push_back({"probe_memcpy_ns", {}});
  EXPECT_THAT(explain(rows_with(unknown), "digits-mlp sync", 1000),
              Not(ContainsRegex("to lower block: [^\n]*cop(y|ies) of the state")));
}

TEST(Explain, SpeaksOfAnInterpreterWhereThereIsOne) {
  auto asked = kSlowSteps;
  asked.push_back({"asking_ns", eight(50)});
  const std::string native = explain(rows_with(asked), "digits-mlp sync", 1000);
  EXPECT_THAT(native, HasSubstr("to lower asking: make wait() return without taking a lock\n"));
  EXPECT_THAT(native, Not(HasSubstr("interpreter")));
  const char* const peer = "python:safetensors";
  EXPECT_THAT(
      explain(rows_with(asked, peer), "digits-mlp python:safetensors", 1000),
      HasSubstr("to lower asking: make done() / wait() return without taking a lock: a class in "
                "Python waits for its interpreter\n"));
}

TEST(Explain, SaysWhenRetentionIsAWaitForSavesThatPileUp) {
  auto samples = kSlowSteps;
  samples.push_back({"retention_wait_ns", eight(9)});
  const std::string piles = explain(rows_with(samples), "digits-mlp sync", 1000);
  EXPECT_THAT(piles, HasSubstr("\nretention: deleting old checkpoints on the training thread; 9.00 "
                               "[9.00, 9.00] ms of it wait for the newest save"));
  EXPECT_THAT(piles, HasSubstr("to lower retention: saves pile up: save less often"));
  samples.back().second = eight(0);
  const std::string none = explain(rows_with(samples), "digits-mlp sync", 1000);
  EXPECT_THAT(none, HasSubstr("to lower retention: keep fewer checkpoints"));
  EXPECT_THAT(none, Not(HasSubstr("newest save")));
  auto asked = kSlowSteps;
  asked.push_back({"asking_ns", eight(50)});
  EXPECT_THAT(explain(rows_with(asked), "digits-mlp sync", 1000), Not(HasSubstr("pile up")));
}

TEST(Explain, NamesTheColumnsThatANarrowTerminalLeavesOut) {
  const std::string narrow = explain(rows_with(kSlowSteps), "digits-mlp sync", 45);
  EXPECT_THAT(narrow, HasSubstr("left out, for 45 columns: median ms, interval\n"));
  EXPECT_THAT(explain(rows_with(kSlowSteps), "digits-mlp sync"), Not(HasSubstr("left out")));
}

// A copy in memory takes 18 ms, one from the GPU 400.
TEST(Explain, ComparesABlockOnAGpuWithTheCopyFromThere) {
  auto gpu = kSlowSteps;
  gpu.insert(gpu.end(), {{"block_ns", eight(400)},
                         {"logical_bytes", {1e9}},
                         {"probe_device_bytes", std::vector<double>(8, 0.1e9)},
                         {"probe_to_host_ns", eight(40)},
                         {"probe_to_device_ns", eight(30)},
                         {"probe_within_device_ns", eight(0.5)},
                         {"probe_pin_ns", eight(70)}});
  const std::string text = explain(rows_with(gpu), "digits-mlp sync", 1000);
  EXPECT_THAT(text, HasSubstr("block: 1.00 times a copy to pinned memory of what is saved"));
  EXPECT_THAT(text, HasSubstr("so many bytes take 400 ms from this GPU to pinned memory, 300 ms "
                              "back, 5.00 ms within the GPU, 700 ms to pin"));
  EXPECT_THAT(text, Not(HasSubstr("more than one copy of the state")));
  EXPECT_THAT(text, Not(HasSubstr("by more threads")));
  const std::string cpu = explain(rows_with(kSlowSteps), "digits-mlp sync", 1000);
  EXPECT_THAT(cpu, HasSubstr("1.11 times a copy in memory of what is saved"));
  EXPECT_THAT(cpu, Not(HasSubstr("GPU")));
}

// A stage of ours is no option of another library.
TEST(Explain, AdvisesAPeerWithoutStages) {
  auto held = kSlowSteps;
  held.push_back({"block_ns", eight(90)});
  held.push_back({"persist_ns", eight(91)});
  const std::string native = explain(rows_with(held), "digits-mlp sync", 1000);
  EXPECT_THAT(native, HasSubstr("`staged`"));
  const std::string peer = explain(rows_with(held, "torch-save"), "digits-mlp torch-save", 1000);
  EXPECT_THAT(peer, HasSubstr("to lower block: the save returns when it is durable"));
  EXPECT_THAT(peer, Not(HasSubstr("`staged`")));
  EXPECT_THAT(peer, HasSubstr("writes a copy"));
}

TEST(Explain, SaysWhatEndedTheMeasurement) {
  ReportInput input = sample_report();
  for (Record& record : input.records) {
    record.observed = {
        {"stopped_by", "precision"}, {"pairs", 8}, {"probe_shape", "2 threads, 1 MiB"}};
  }
  const ResultRows rows = make_result_rows(input.records, input.environment);
  EXPECT_THAT(
      explain(rows, "digits-mlp sync", 1000),
      HasSubstr("8 pairs in a process; stopped by: precision; write probes: 2 threads, 1 MiB\n"));
}

TEST(Explain, SaysHowProcessesDiffer) {
  ReportInput input = sample_report();
  input.records.push_back(input.records.at(1));
  ASSERT_EQ(input.records.back().cell.strategy.name, "sync");
  EXPECT_THAT(explain(make_result_rows(input.records, {}), "digits-mlp sync"),
              ContainsRegex("\nmedians of the stall in 2 processes: 1[0-9.]+ to 1[0-9.]+ ms\n"));
  EXPECT_THAT(explain(rows_with({}), "digits-mlp sync"), Not(HasSubstr("processes:")));
}

TEST(Explain, SaysWhatWasNotMeasured) {
  const std::string text = explain(rows_with({}), "digits-mlp sync", 1000);
  EXPECT_THAT(text, HasSubstr("retention was not measured apart"));
  const std::string large =
      explain(rows_with({{"interference_ns", eight(9)}}), "digits-mlp sync", 1000);
  EXPECT_THAT(large, HasSubstr("its floor was not measured"));
  EXPECT_THAT(large, HasSubstr("to lower interference: no floor was measured"));
  EXPECT_THAT(large, Not(HasSubstr("the strategy's own")));
}

TEST(Explain, FindsRowsByNumberOrName) {
  const ResultRows rows = rows_with({});
  EXPECT_THAT(explain(rows, "2"), testing::StartsWith("2  sync on digits-mlp"));
  EXPECT_THAT(explain(rows, "2"), Not(HasSubstr("char-gpt")));
  const std::string all = explain(rows, "");
  EXPECT_THAT(all, HasSubstr("14  python:safetensors on char-gpt"));
  const auto none = explain_stall(rows, "snyc", 80);
  ASSERT_FALSE(none.ok());
  EXPECT_THAT(none.error().message, HasSubstr("row snyc: expected a number"));
  EXPECT_THAT(none.error().message, HasSubstr("\n  2  digits-mlp sync"));
  EXPECT_FALSE(explain_stall(rows, "15", 80).ok());
  EXPECT_THAT(explain_stall({}, "", 80).error().message, HasSubstr("no row was measured"));
}

}  // namespace
}  // namespace ckptbench
