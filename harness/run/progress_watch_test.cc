// Real processes, watched as a job is.
#include "harness/run/progress_watch.h"

#include <gtest/gtest.h>

#include "faults/api/preload_library.h"
#include "harness/platform/files.h"
#include "harness/platform/process.h"

namespace ckptbench {
namespace {

using State = ProgressWatch::State;

struct Watched {
  State state;  // the last that was seen
  bool ended;   // by itself, with exit code 0
};

class Progress : public testing::Test {
 protected:
  // Runs a line of sh until it ends or the watch no longer says kGoing.
  Watched watch(const std::string& line, double deadline_s) {
    SpawnOptions options;
    options.argv = {"sh", "-c", line};
    return watch(options, deadline_s);
  }
  Watched watch(const SpawnOptions& options, double deadline_s) {
    auto process = Process::spawn(options);
    EXPECT_TRUE(process) << process.error().message;
    ProgressWatch watch(files_, deadline_s);
    for (;;) {
      if (process.value().wait(Until::seconds(watch.pause_s())) == WaitEnd::kReady) {
        return {State::kGoing, process.value().status()->exit_code == 0};
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

// Much longer than the deadline in all, and never without a sign of life for so long: an entry, or
// an operation on a file that moves next to no bytes, with a log and without.
TEST_F(Progress, SlowButSteadyGoesOn) {
  const Watched end = watch("i=0; while [ $i -lt 60 ]; do echo entry >> " + files_.journal +
                                "; sleep 0.1; i=$((i+1)); done",
                            2);
  EXPECT_TRUE(end.ended);
}

TEST_F(Progress, SlowFileOperationsGoOn) {
  SpawnOptions options;
  options.argv = {CKPT_FAULT_PROBE, "slow-names", folder_.path()};
  EXPECT_EQ(watch(options, 1).state, State::kHangs) << "nothing counts them";
  options.environment = {"LD_PRELOAD=" + ld_preload(CKPT_FAULT_LIBRARY),
                         "CKPTFAULT_ROOT=" + folder_.path()};
  EXPECT_TRUE(watch(options, 1).ended);
  options.environment.push_back("CKPTFAULT_LOG=" + files_.faults);
  EXPECT_TRUE(watch(options, 1).ended);
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
