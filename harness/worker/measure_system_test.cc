// A measured cell and its restores, with the real worker. Asserts relations, never a time.
#include <gtest/gtest.h>

#include "harness/core/json_text.h"
#include "harness/core/record.h"
#include "harness/worker/testing/worker_driver.h"

namespace ckptbench {
namespace {

class MeasureSystem : public testing::Test {
 protected:
  MeasureSystem() : folder_(std::filesystem::path(CKPT_WORKER).parent_path().string()) {
    folder_.cell().kind = CellKind::kMeasure;
    folder_.cell().pairs = 2;
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

  CellFolder folder_;
};

TEST_F(MeasureSystem, SyncGivesEveryMetricItsSamples) {
  const Record record = measure();
  EXPECT_EQ(record.error, "");
  for (const char* metric : {"stall_ns", "gate_ns", "interference_ns", "overhead_pct",
                             "paired_ratio", "tail_ns", "debt_ns", "step_ns"}) {
    EXPECT_EQ(samples(record, metric).size(), 4U) << metric;
  }
  const auto per_block = record.observed["saves_per_block"].get<size_t>();
  EXPECT_GE(per_block, 3U);
  EXPECT_EQ(samples(record, "block_ns").size(), 4 * per_block);
  EXPECT_EQ(samples(record, "persist_ns").size(), 4 * per_block);
  EXPECT_EQ(samples(record, "probe_new_file_ns").size(), 4U);
  EXPECT_EQ(samples(record, "probe_overwrite_ns").size(), 4U);
  EXPECT_EQ(samples(record, "probe_memcpy_ns").size(), 4U);
  EXPECT_NE(record.observed["probe_shape"].get<std::string>().find("threads"), std::string::npos);
  EXPECT_EQ(samples(record, "first_block_ns").size(), 1U);
  EXPECT_GE(samples(record, "written_bytes").at(0), samples(record, "logical_bytes").at(0));
  EXPECT_GE(samples(record, "retained_bytes").at(0), samples(record, "written_bytes").at(0));
  EXPECT_EQ(samples(record, "peak_extra_host_bytes").size(), 1U);
  EXPECT_FALSE(samples(record, "phase_sync_ns").empty());
  EXPECT_EQ(record.observed["survives"], "process,power");
  EXPECT_EQ(record.observed["skipped_saves"], 0);
  EXPECT_FALSE(record.losses.empty());
}

TEST_F(MeasureSystem, SkippedSavesAreCountedAndNoFailure) {
  folder_.cell().workload.params["hidden"] = "1024";
  folder_.cell().strategy = {.name = "compressed",
                             .params = {{"zstd_level", "19"}, {"busy", "skip"}}};
  folder_.cell().policy.every_steps = 1;
  const Record record = measure();
  EXPECT_EQ(record.error, "");
  EXPECT_GT(record.observed["skipped_saves"], 0);
  EXPECT_EQ(samples(record, "skipped_saves").at(0), record.observed["skipped_saves"]);
  EXPECT_EQ(samples(record, "failed_saves").at(0), 0);
}

TEST_F(MeasureSystem, NullWritesNothingAndIsNotProbed) {
  folder_.cell().strategy.name = "null";
  folder_.cell().threads = 2;  // not what this process was started with: it starts anew
  const Record record = measure();
  EXPECT_EQ(samples(record, "written_bytes").at(0), 0);
  EXPECT_EQ(samples(record, "retained_bytes").at(0), 0);
  EXPECT_TRUE(samples(record, "probe_new_file_ns").empty());
  EXPECT_EQ(samples(record, "paired_ratio").size(), 4U);
  EXPECT_EQ(record.observed["threads"], 2);
}

TEST_F(MeasureSystem, RestoresAreVerifiedAgainstWhatTheSaverJournaled) {
  measure();
  ASSERT_TRUE(exited_with(restore(false), ExitCode::kOk)) << folder_.text("exec.log");
  const Record warm = report("restore");
  EXPECT_EQ(warm.error, "");
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
    EXPECT_NE(folder_.text("exec.log").find("stay in the page cache"), std::string::npos);
    return;
  }
  ASSERT_TRUE(exited_with(status, ExitCode::kOk)) << folder_.text("exec.log");
  const Record cold = report("restore");
  EXPECT_EQ(cold.observed["resident_pages"], 0);
  EXPECT_GT(cold.observed["checkpoint_pages"], 0);
  // The newest checkpoint, as many bytes as the restore took from the disk.
  ASSERT_EQ(samples(cold, "probe_read_cold_ns").size(), 1U);
  const double read = samples(cold, "probe_read_bytes").at(0);
  EXPECT_GE(read, samples(saved, "logical_bytes").at(0));
  EXPECT_LT(read, samples(saved, "retained_bytes").at(0));
  EXPECT_TRUE(cold.observed.contains("read_probe_shape"));
}

}  // namespace
}  // namespace ckptbench
