#include "harness/run/job_finished.h"

#include <gtest/gtest.h>

#include <fstream>

#include "harness/core/journal.h"
#include "harness/platform/files.h"

namespace ckptbench {
namespace {

class JobFinished : public testing::Test {
 protected:
  void journal(const std::vector<Event>& events) const {
    std::ofstream file(files_.journal);
    for (const Event event : events) file << format_entry({.event = event});
  }

  TempDir folder_ = std::move(TempDir::make("job-finished")).value();
  JobFiles files_ = job_files(folder_.path(), "recover-1");
  ProcessEnd zero_{.exited = true};
};

TEST_F(JobFinished, NeedsTheEndInTheJournal) {
  EXPECT_FALSE(job_finished(zero_, files_)) << "no journal";
  journal({Event::kStart});
  EXPECT_FALSE(job_finished(zero_, files_));
  // A process that asks by number writes its report before each restore.
  std::ofstream(files_.report) << "{}";
  EXPECT_FALSE(job_finished(zero_, files_));
  journal({Event::kStart, Event::kEnd});
  EXPECT_TRUE(job_finished(zero_, files_));
}

TEST_F(JobFinished, NeedsExitCodeZero) {
  journal({Event::kStart, Event::kEnd});
  EXPECT_FALSE(job_finished({.exited = true, .exit_code = 1}, files_));
  EXPECT_FALSE(job_finished({.signal = 11}, files_));
  EXPECT_FALSE(job_finished({.signal = 9, .timed_out = true}, files_));
  EXPECT_FALSE(job_finished({}, files_));
}

}  // namespace
}  // namespace ckptbench
