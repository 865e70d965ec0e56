// A measured cell and its restores, with the real worker. Asserts relations, never a time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "harness/core/json_text.h"
#include "harness/core/observed_keys.h"
#include "harness/core/record.h"
#include "harness/worker/testing/worker_driver.h"

namespace ckptbench {
namespace {

class MeasureSystem : public testing::Test {
 protected:
  MeasureSystem() : folder_(std::filesystem::path(CKPT_WORKER).parent_path().string()) {
    folder_.cell().kind = CellKind::kMeasure;
    folder_.cell().deadline_s = 900;  // windows get a share of it: never what cuts them short
    folder_.cell().pairs = 6;
    folder_.cell().precision_pct = 0;
    folder_.cell().steps = 12;
    folder_.cell().policy.every_steps = 4;
  }

  Record measure() {
    const int status = exec_job(folder_, folder_.write(JobRole::kMeasure, "measure"));
    EXPECT_TRUE(exited_with(status, ExitCode::kOk)) << folder_.text("exec.log");
    return report("measure");
  }
  Record report(const std::string& name) {
    return parse_json(folder_.text(name + ".report.json")).get<Record>();
  }
  static std::vector<double> samples(const Record& record, const std::string& metric) {
    for (const Samples& found : record.samples) {
      if (found.metric == metric) return found.values;
    }
    return {};
  }
  int restore(bool cold) {
    Job job = folder_.job(JobRole::kRestore, "restore");
    job.cold = cold;
    return exec_job(folder_, folder_.write(job));
  }

  JobFolder folder_;
};

TEST_F(MeasureSystem, SyncGivesEveryMetricItsSamples) {
  const Record record = measure();
  EXPECT_EQ(record.error, "");
  const auto pairs = record.observed["pairs"].get<size_t>();
  EXPECT_GE(pairs, 6U);
  EXPECT_NE(record.observed["stopped_by"], "");
  for (const char* metric :
       {"stall_ns", "block_ns", "retention_ns", "gate_ns", "interference_ns", "overhead_pct",
        "paired_ratio", "tail_ns", "drain_ns", "debt_ns", "step_ns", "interference_floor_ns",
        "step_lag_1_ns", "run_delay_ns", "asking_ns", "save_run_delay_ns", "floor_run_delay_ns"}) {
    EXPECT_EQ(samples(record, metric).size(), pairs) << metric;
  }
  const auto per_window = record.observed["saves_per_window"].get<size_t>();
  EXPECT_GE(per_window, 3U);
  EXPECT_EQ(samples(record, "save_block_ns").size(), pairs * per_window);
  EXPECT_EQ(samples(record, "save_persist_ns").size(), pairs * per_window);
  EXPECT_EQ(samples(record, "persist_ns").size(), pairs);
  EXPECT_EQ(samples(record, "probe_new_file_ns").size(), pairs);
  EXPECT_EQ(samples(record, "probe_overwrite_ns").size(), pairs);
  EXPECT_EQ(samples(record, "probe_memcpy_ns").size(), pairs);
  EXPECT_THAT(record.observed["probe_shape"].get<std::string>(), ::testing::HasSubstr(" thread"));
  EXPECT_EQ(samples(record, "first_block_ns").size(), 1U);
  EXPECT_EQ(samples(record, "prepare_ns").size(), 1U);
  EXPECT_GE(samples(record, "written_bytes").at(0), samples(record, "logical_bytes").at(0));
  EXPECT_GE(samples(record, "retained_bytes").at(0), samples(record, "written_bytes").at(0));
  EXPECT_EQ(samples(record, "peak_extra_host_bytes").size(), 1U);
  EXPECT_EQ(samples(record, "peak_dirty_bytes").size(), 1U);
  EXPECT_EQ(record.observed["memory_method"], "VmHWM of the process");
  EXPECT_FALSE(samples(record, "phase_sync_ns").empty());
  EXPECT_EQ(record.observed["survives"], "process,power");
  EXPECT_EQ(record.observed["skipped_saves"], 0);
  EXPECT_FALSE(record.losses.empty());
  EXPECT_TRUE(record.observed["warm_up_steps"].is_number_unsigned());
  EXPECT_TRUE(record.observed["warm_up_steady"].is_boolean());
  EXPECT_GE(record.observed["foreign_cpu_pct"].get<double>(), 0);
  EXPECT_LE(record.observed["foreign_cpu_pct"].get<double>(), 100);
  EXPECT_GE(record.observed["stolen_cpu_pct"].get<double>(), 0);
  EXPECT_LE(record.observed["stolen_cpu_pct"].get<double>(), 100);
}

TEST_F(MeasureSystem, TheRecordHasEveryKeyThatTheReportReads) {
  folder_.cell().pairs = 2;
  const Record record = measure();
  for (const char* key : observed::kOfMeasuredCell) {
    EXPECT_TRUE(record.observed.contains(key)) << key;
  }
}

TEST_F(MeasureSystem, ThreadsAreRecordedAsTheyWereUsed) {
  folder_.cell().strategy = {.name = "async", .params = {{"copy_threads", "3"}}};
  folder_.cell().pairs = 2;
  const Record record = measure();
  const auto used = record.observed["strategy_params"].get<ParamText>();
  EXPECT_EQ(used.at("copy_threads"), "3");
  EXPECT_GE(std::stoi(used.at("writers")), 1);
  EXPECT_EQ(used.at("busy"), "wait");
  EXPECT_EQ(record.cell.strategy.params, folder_.cell().strategy.params) << "as it was asked for";
}

TEST_F(MeasureSystem, ThePartsOfEachPairAddUpToItsStall) {
  const Record record = measure();
  const auto stall = samples(record, "stall_ns");
  ASSERT_GE(stall.size(), 6U);
  for (size_t i = 0; i < stall.size(); ++i) {
    double sum = 0;
    for (const char* part :
         {"block_ns", "retention_ns", "gate_ns", "asking_ns", "interference_ns"}) {
      sum += samples(record, part).at(i);
    }
    EXPECT_NEAR(sum, stall[i], 1) << "pair " << i;
    EXPECT_GT(samples(record, "retention_ns").at(i), 0) << "pair " << i;
  }
}

TEST_F(MeasureSystem, EveryStepAfterASaveHasItsSamples) {
  const Record record = measure();
  const auto per_window = record.observed["saves_per_window"].get<size_t>();
  const auto pairs = record.observed["pairs"].get<size_t>();
  double slower = 0;
  for (uint64_t lag = 1; lag <= 4; ++lag) {
    const auto values = samples(record, "step_lag_" + std::to_string(lag) + "_ns");
    EXPECT_EQ(values.size(), pairs) << lag;
    for (const double value : values) slower += value * static_cast<double>(per_window);
  }
  EXPECT_TRUE(samples(record, "step_lag_5_ns").empty());
  double parts = 0;
  for (const char* part : {"gate_ns", "interference_ns"}) {
    for (const double value : samples(record, part)) {
      parts += value * static_cast<double>(per_window);
    }
  }
  EXPECT_NEAR(slower, parts, 100);
}

TEST_F(MeasureSystem, WithoutAPrecisionThereAreAsManyPairsAsAskedFor) {
  folder_.cell().pairs = 3;
  const Record record = measure();
  EXPECT_EQ(record.observed["stopped_by"], "pairs");
  EXPECT_EQ(record.observed["pairs"], 4);
}

TEST_F(MeasureSystem, MorePairsFollowUntilThereIsANarrowInterval) {
  folder_.cell().pairs = 4;
  folder_.cell().precision_pct = 1e6;
  folder_.cell().budget_s = 1000;  // never what ends it, on however slow a machine
  const Record record = measure();
  EXPECT_EQ(record.observed["stopped_by"], "precision");
  EXPECT_EQ(record.observed["pairs"], 8) << "the fewest with an interval, and a group after it";
  EXPECT_EQ(samples(record, "stall_ns").size(), 8U);
}

TEST_F(MeasureSystem, ABudgetEndsWhatIsNeverNarrowEnough) {
  folder_.cell().precision_pct = 1e-6;
  folder_.cell().budget_s = 0.1;
  const Record record = measure();
  EXPECT_EQ(record.observed["stopped_by"], "budget");
  EXPECT_EQ(samples(record, "stall_ns").size(), record.observed["pairs"].get<size_t>());
}

// One save of two writes all of the state, the other one what has changed.
TEST_F(MeasureSystem, ACycleOfSavesCountsWholeInItsBytes) {
  folder_.cell().workload = {"char-gpt", {{"size", "1M"}, {"batch", "1"}, {"freeze", "0.9"}}};
  folder_.cell().strategy = {.name = "incremental", .params = {{"full_every", "2"}}};
  folder_.cell().steps = 6;
  folder_.cell().policy.every_steps = 2;
  folder_.cell().pairs = 2;
  const Record record = measure();
  EXPECT_EQ(record.observed["cycle_saves"], 2);
  EXPECT_EQ(record.observed["whole_cycles"], true);
  EXPECT_DOUBLE_EQ(std::fmod(record.observed["saves_per_window"].get<double>(), 2), 0);
  const double written = samples(record, "written_bytes").at(0);
  EXPECT_LT(written, 0.8 * samples(record, "logical_bytes").at(0));
  EXPECT_NEAR(samples(record, "floor_bytes").at(0), written, 0.03 * written);
  EXPECT_NEAR(samples(record, "probe_bytes").at(0), written, 1);
  const auto asked = samples(record, "io_written_bytes");
  if (asked.empty() || asked.at(0) == 0) GTEST_SKIP() << "a file system that counts no bytes";
  ASSERT_EQ(asked.size(), 2U) << "of one cycle";
  EXPECT_NEAR((asked[0] + asked[1]) / 2, written, 0.03 * written);
}

// The windows are too short for it: what is said of them is what they wrote.
TEST_F(MeasureSystem, ACycleLongerThanAWindowIsFoundAndItsWindowsHaveTheirOwnBytes) {
  folder_.cell().workload = {"char-gpt", {{"size", "1M"}, {"batch", "1"}, {"freeze", "0.9"}}};
  // Blocking: what runs beside steps would make the windows longer on a loaded machine.
  folder_.cell().strategy = {.name = "blocking+dedup@dir", .params = {{"full_every", "12"}}};
  folder_.cell().steps = 3;
  folder_.cell().policy.every_steps = 1;
  folder_.cell().pairs = 2;
  const Record record = measure();
  EXPECT_EQ(record.observed["cycle_saves"], 12);
  EXPECT_EQ(record.observed["watched_saves"], 24);
  EXPECT_EQ(record.observed["whole_cycles"], false);
  EXPECT_THAT(record.observed["short_windows"].get<std::string>(),
              ::testing::HasSubstr("hold no whole cycle of 12"));
  const auto written = samples(record, "window_written_bytes");
  ASSERT_EQ(written.size(), record.observed["pairs"].get<size_t>());
  const auto asked = samples(record, "io_written_bytes");
  if (asked.empty() || asked.at(0) == 0) GTEST_SKIP() << "a file system that counts no bytes";
  ASSERT_EQ(asked.size(), 12U) << "of one cycle";
  const auto full = std::ranges::max_element(asked);
  EXPECT_GT(*full, 2 * *std::ranges::min_element(asked));
  for (const double bytes : written) EXPECT_LT(bytes, *full);
}

TEST_F(MeasureSystem, SavesOncePerEpochAreCountedAsTheyCame) {
  folder_.cell().policy.every_steps = 0;
  folder_.cell().policy.every_epochs = 1;
  folder_.cell().pairs = 2;
  const Record record = measure();
  const auto saves = samples(record, "save_block_ns").size();
  const auto windows = samples(record, "tail_ns").size();
  EXPECT_DOUBLE_EQ(record.observed["saves_per_window"].get<double>() * static_cast<double>(windows),
                   static_cast<double>(saves));
  EXPECT_EQ(record.observed["spans_three_persists"], false);
  EXPECT_THAT(record.observed["short_windows"].get<std::string>(), testing::HasSubstr(" windows "));
}

TEST_F(MeasureSystem, SkippedSavesAreCountedAndNoFailure) {
  folder_.cell().workload.params["hidden"] = "1024";
  folder_.cell().strategy = {.name = "compressed",
                             .params = {{"zstd_level", "19"}, {"busy", "skip"}}};
  folder_.cell().policy.every_steps = 1;
  folder_.cell().pairs = 2;  // few windows, so that each is long enough for a second save
  const Record record = measure();
  EXPECT_EQ(record.error, "");
  EXPECT_GT(record.observed["skipped_saves"], 0);
  EXPECT_EQ(samples(record, "skipped_saves").at(0), record.observed["skipped_saves"]);
  // A save that was declined is no save: its short return must not make the others look shorter.
  EXPECT_EQ(samples(record, "save_block_ns").size(), samples(record, "save_persist_ns").size());
  EXPECT_LT(samples(record, "save_block_ns").size(), record.observed["measured_saves"]);
  EXPECT_EQ(samples(record, "failed_saves").at(0), 0);
}

TEST_F(MeasureSystem, NullWritesNothingAndIsNotProbed) {
  folder_.cell().strategy.name = "null";
  folder_.cell().threads = 2;  // not what this process was started with: it starts anew
  const Record record = measure();
  EXPECT_EQ(samples(record, "written_bytes").at(0), 0);
  EXPECT_EQ(samples(record, "retained_bytes").at(0), 0);
  EXPECT_TRUE(samples(record, "probe_new_file_ns").empty());
  EXPECT_TRUE(samples(record, "interference_floor_ns").empty());
  EXPECT_GE(samples(record, "paired_ratio").size(), 6U);
  EXPECT_EQ(record.observed["threads"], 2);
}

// An A/A run of what is done where saves go on after they return.
TEST_F(MeasureSystem, NullInTheBackgroundHasStepsBeforeEachWindow) {
  folder_.cell().strategy = {.name = "null", .params = {{"background", "true"}}};
  const Record record = measure();
  EXPECT_EQ(record.error, "");
  EXPECT_EQ(record.observed["lead_steps"], 4);
  EXPECT_EQ(record.observed["failed_saves"], 0);
  EXPECT_EQ(record.observed["threads_added"], 0);
  EXPECT_EQ(samples(record, "written_bytes").at(0), 0);
  EXPECT_TRUE(samples(record, "interference_floor_ns").empty());
  EXPECT_EQ(samples(record, "paired_ratio").size(), 6U);
  const auto block = samples(record, "save_block_ns");
  const auto persist = samples(record, "save_persist_ns");
  ASSERT_EQ(persist.size(), block.size());
  for (size_t i = 0; i < block.size(); ++i) EXPECT_GT(persist[i], block[i]) << "save " << i;
}

TEST_F(MeasureSystem, RestoresAreVerifiedAgainstWhatTheSaverJournaled) {
  measure();
  ASSERT_TRUE(exited_with(restore(false), ExitCode::kOk)) << folder_.text("exec.log");
  const Record warm = report("restore");
  EXPECT_EQ(warm.error, "");
  EXPECT_GT(warm.observed["checkpoint_pages"], 0);
  EXPECT_EQ(warm.observed["resident_pages_warm"], warm.observed["checkpoint_pages"]);
  EXPECT_EQ(samples(warm, "restore_warm_ns").size(), 4U);
  ASSERT_EQ(samples(warm, "restore_first_warm_ns").size(), 1U);
  EXPECT_EQ(samples(warm, "restore_first_warm_ns").at(0), samples(warm, "restore_warm_ns").at(0));
  ASSERT_EQ(samples(warm, "restore_first_step_warm_ns").size(), 1U);
  EXPECT_GT(samples(warm, "restore_first_step_warm_ns").at(0),
            samples(warm, "restore_warm_ns").at(0));
  // The saver's word, changed: the same restored bytes must no longer pass.
  const std::string path = folder_.path("measure.journal.jsonl");
  std::string journal = folder_.text("measure.journal.jsonl");
  const size_t digest = journal.find("\"parameter\":\"") + 13;
  journal[digest] = journal[digest] == '0' ? '1' : '0';
  std::ofstream(path) << journal;
  EXPECT_TRUE(exited_with(restore(false), ExitCode::kNotAllowed));
  EXPECT_NE(report("restore").error.find("parameter"), std::string::npos);
}

TEST_F(MeasureSystem, AColdRestoreChecksThatThePagesAreGoneAndIsProbed) {
  const Record saved = measure();
  const int status = restore(true);
  if (exited_with(status, ExitCode::kEnvironment)) {
    // A build folder on a file system in memory: the refusal itself is what is checked.
    EXPECT_NE(folder_.text("exec.log").find("are in the page cache"), std::string::npos);
    return;
  }
  ASSERT_TRUE(exited_with(status, ExitCode::kOk)) << folder_.text("exec.log");
  const Record cold = report("restore");
  EXPECT_EQ(cold.observed["resident_pages_cold"], 0);
  EXPECT_GT(cold.observed["checkpoint_pages"], 0);
  // The newest checkpoint, as many bytes as the restore took from the disk.
  ASSERT_EQ(samples(cold, "restore_cold_ns").size(), 4U);
  EXPECT_EQ(samples(cold, "restore_first_cold_ns").size(), 1U);
  ASSERT_EQ(samples(cold, "probe_read_cold_ns").size(), 4U);
  const double read = samples(cold, "probe_read_bytes").at(0);
  EXPECT_GE(read, samples(saved, "logical_bytes").at(0));
  EXPECT_LT(read, samples(saved, "retained_bytes").at(0));
  EXPECT_TRUE(cold.observed.contains(observed::kReadProbeShape));
}

TEST_F(MeasureSystem, ARestoreThatLeavesATensorOutIsFoundInAMeasuredCell) {
  folder_.cell().strategy.name = "broken-unchanged";
  // What never changes has to be in the workload for the flaw to show.
  folder_.cell().workload = {"char-gpt", {{"size", "1M"}, {"batch", "1"}, {"freeze", "0.5"}}};
  folder_.cell().steps = 4;
  folder_.cell().policy.every_steps = 2;
  measure();
  EXPECT_TRUE(exited_with(restore(false), ExitCode::kNotAllowed)) << folder_.text("exec.log");
  EXPECT_NE(report("restore").error.find("as it was before"), std::string::npos)
      << report("restore").error;
}

// Training goes on while its last save is under way.
TEST_F(MeasureSystem, ASaveFromTheLiveTensorsIsFoundInAMeasuredCell) {
  folder_.cell().strategy.name = "broken-live-reference";
  folder_.cell().pairs = 2;
  measure();
  EXPECT_TRUE(exited_with(restore(false), ExitCode::kNotAllowed)) << folder_.text("exec.log");
  // Which component is the first depends on what the update changed.
  EXPECT_THAT(report("restore").error, testing::HasSubstr(" differs from what was saved at step "));
}

// The bytes are right, and the step that they are restored under is not.
TEST_F(MeasureSystem, ARestoreUnderAWrongStepIsTheStrategysFailure) {
  folder_.cell().strategy.name = "broken-wrong-step";
  measure();
  EXPECT_TRUE(exited_with(restore(false), ExitCode::kNotAllowed)) << folder_.text("exec.log");
  const uint64_t last = only(folder_.journal("measure"), Event::kRequested).back().step;
  EXPECT_THAT(report("restore").error, testing::StartsWith("claims step "));
  EXPECT_THAT(report("restore").error, testing::EndsWith(" of step " + std::to_string(last)));
}

TEST_F(MeasureSystem, ASaversJournalThatCannotBeReadIsTheHarnessesError) {
  measure();
  std::filesystem::remove(folder_.path("measure.journal.jsonl"));
  EXPECT_TRUE(exited_with(restore(false), ExitCode::kHarness));
  EXPECT_THAT(folder_.text("exec.log"), testing::HasSubstr("measure.journal.jsonl"));
}

TEST_F(MeasureSystem, WeightsAloneAreRestoredAndCompared) {
  folder_.cell().policy.contents = Contents::kWeights;
  measure();
  EXPECT_TRUE(exited_with(restore(false), ExitCode::kOk)) << report("restore").error;
  EXPECT_EQ(samples(report("restore"), "restore_warm_ns").size(), 4U);
}

}  // namespace
}  // namespace ckptbench
