// Real processes, watched as a job is.
#include "harness/run/progress_watch.h"

#include <gtest/gtest.h>

#include "harness/platform/files.h"
#include "harness/platform/process.h"

namespace ckptbench {
namespace {

using State = ProgressWatch::State;

struct Watched {
  State state;  // the last that was seen
  bool ended;   // by itself
};

class Progress : public testing::Test {
 protected:
  // Runs a line of sh until it ends or the watch no longer says kGoing.
  Watched watch(const std::string& line, double deadline_s) {
    SpawnOptions options;
    options.argv = {"sh", "-c", line};
    auto process = Process::spawn(options);
    EXPECT_TRUE(process) << process.error().message;
    ProgressWatch watch(files_, deadline_s);
    for (;;) {
      if (process.value().wait(Until::seconds(watch.pause_s())) == WaitEnd::kReady) {
        return {State::kGoing, true};
      }
      const State state = watch.look(process.value().pid());
      if (state != State::kGoing) return {state, false};
    }
  }

  TempDir folder_ = TempDir::make("progress").value();
  JobFiles files_ = job_files(folder_.path(), "train");
};

TEST_F(Progress, SleepingForeverHangs) {
  EXPECT_EQ(watch("sleep 1000", 0.3).state, State::kHangs);
}

TEST_F(Progress, SpinningForeverHangs) {
  EXPECT_EQ(watch("while :; do :; done", 0.3).state, State::kHangs);
}

// Much longer than the deadline in all, and never without an entry for so long.
TEST_F(Progress, SlowButSteadyGoesOn) {
  for (const std::string& file : {files_.journal, files_.faults}) {
    const Watched end = watch(
        "i=0; while [ $i -lt 60 ]; do echo entry >> " + file + "; sleep 0.1; i=$((i+1)); done", 2);
    EXPECT_TRUE(end.ended) << file;
  }
}

TEST_F(Progress, AChildsWorkIsTheJobs) {
  const Watched end = watch("i=0; while [ $i -lt 30 ]; do head -c 100000 /dev/zero | cat > " +
                                folder_.path() + "/x; sleep 0.2; i=$((i+1)); done",
                            2);
  EXPECT_TRUE(end.ended);
}

TEST_F(Progress, EndlessProgressMeetsTheHarnesssOwnLimit) {
  const Watched end =
      watch("while :; do echo entry >> " + files_.journal + "; sleep 0.01; done", 0.2);
  EXPECT_EQ(end.state, State::kTooLong);
}

}  // namespace
}  // namespace ckptbench
