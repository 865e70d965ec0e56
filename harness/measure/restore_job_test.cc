// What a timed restore must have before its time counts.
#include "harness/measure/restore_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include <filesystem>
#include <fstream>

#include "harness/core/json_text.h"
#include "harness/core/record.h"
#include "harness/platform/files.h"
#include "harness/train/train.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;

constexpr const char* kInMemory = "/dev/shm";

bool is_in_memory(const char* folder) {
  struct statfs info {};
  return ::statfs(folder, &info) == 0 && info.f_type == TMPFS_MAGIC;
}

// Two saves of a small model below `parent`, as a measured cell leaves them.
class SavedCell {
 public:
  explicit SavedCell(const std::string& parent = "")
      : folder_(TempDir::make("restore-job", parent).value()) {
    job_.cell.strategy.name = "sync";
    job_.cell.workload.name = "digits-mlp";
    job_.cell.policy.every_steps = 2;
    job_.cell.steps = 4;
    job_.role = JobRole::kTrain;
    job_.checkpoint_dir = path("checkpoints");
    job_.journal_path = path("measure.journal.jsonl");
    std::filesystem::create_directory(job_.checkpoint_dir);
    JobContext context(job_, make_device);
    EXPECT_EQ(run_train(context), ExitCode::kOk);
    job_.role = JobRole::kRestore;
    job_.report_path = path("restore.report.json");
  }

  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
  ExitCode restore(bool cold, const ReadIntoCache& read = read_into_cache) {
    job_.cold = cold;
    JobContext context(job_, make_device);
    return run_restore(context, read);
  }
  Record report() const { return parse_json(read_file(job_.report_path).value()).get<Record>(); }

 private:
  static std::unique_ptr<Device> make_device(const std::string&) { return make_cpu_device(); }

  TempDir folder_;
  Job job_;
};

TEST(RestoreJob, BytesThatDifferFromTheSavedOnesAreNamed) {
  SavedCell saved;
  ASSERT_EQ(saved.restore(false), ExitCode::kOk) << saved.report().error;
  EXPECT_EQ(saved.report().observed["restored_step"], 4);
  const std::string path = saved.path("measure.journal.jsonl");
  std::string journal = read_file(path).value();
  const size_t digest = journal.rfind("\"parameter\":\"") + 13;
  journal[digest] = journal[digest] == '0' ? '1' : '0';
  std::ofstream(path) << journal;
  EXPECT_EQ(saved.restore(false), ExitCode::kNotAllowed);
  EXPECT_THAT(saved.report().error,
              HasSubstr("the restored parameter differs from what was saved at step 4"));
}

// Everything else of the row is worth as much without it.
TEST(RestoreJob, PagesThatDoNotStayInMemoryLeaveOnlyTheWarmFigureOut) {
  SavedCell saved;
  int calls = 0;
  const auto short_of_memory = [&](const std::string&) {
    return Result<CachedPages>(CachedPages{.total = 10, .resident = ++calls > 2 ? 7U : 10U});
  };
  ASSERT_EQ(saved.restore(false, short_of_memory), ExitCode::kOk);
  const Record record = saved.report();
  EXPECT_EQ(record.error, "");
  EXPECT_EQ(record.observed["warm_restore_missing"],
            "7 of 10 pages are in the page cache after 5 readings; a warm restore needs memory for "
            "all");
  for (const Samples& samples : record.samples) {
    EXPECT_EQ(samples.values.size(), samples.metric == "restore_warm_ns" ? 2U : 1U)
        << samples.metric;
  }
}

// Where files lie in memory alone nothing can be evicted, so that no restore is cold.
TEST(RestoreJob, WhatIsStillInThePageCacheIsNotCold) {
  if (!is_in_memory(kInMemory)) GTEST_SKIP() << kInMemory << " is no file system in memory";
  SavedCell saved(kInMemory);
  try {
    saved.restore(true);
    ADD_FAILURE() << "restored from memory, and called cold";
  } catch (const ExitError& error) {
    EXPECT_EQ(error.code(), ExitCode::kEnvironment);
    EXPECT_THAT(error.what(), HasSubstr("pages are in the page cache"));
  }
}

}  // namespace
}  // namespace ckptbench
