// What is recorded of a real strategy beside its bytes: that its threads ran, how it wrote.
#include "harness/measure/accounting.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "harness/core/json_text.h"
#include "harness/measure/watched_saves.h"
#include "harness/platform/testing/temp_directory.h"

namespace ckptbench {
namespace {

// A small cell as far as its accounting.
class AccountedCell {
 public:
  AccountedCell() {
    job_.cell.id = "accounted";
    job_.cell.kind = CellKind::kMeasure;
    job_.cell.strategy.name = "sync";
    job_.cell.workload.name = "digits-mlp";
    job_.cell.policy.every_steps = 2;
    job_.cell.steps = 4;
    job_.role = JobRole::kMeasure;
    job_.checkpoint_dir = path("checkpoints");
    job_.journal_path = path("measure.journal.jsonl");
    job_.report_path = path("measure.report.json");
    job_.scratch_dir = folder_.path();
  }

  Selection& strategy() { return job_.cell.strategy; }
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }

  nlohmann::json account() {
    std::filesystem::remove_all(job_.checkpoint_dir);
    std::filesystem::create_directory(job_.checkpoint_dir);
    JobContext context(job_, [](const std::string&) { return make_cpu_device(); });
    MeasureRig rig(context);
    rig.warm_up();
    Accounting accounting(rig);
    rig.open();
    rig.saver->prepare(rig.state.view());
    nlohmann::json observed;
    accounting.run(observed);
    return observed;
  }

 private:
  TempDirectory folder_;
  Job job_;
};

TEST(Accounting, TheThreadsOfAStrategyAreCountedAsTheyRun) {
  AccountedCell cell;
  // Small chunks, so that there is work for each of them.
  cell.strategy().params = {{"writers", "2"}, {"chunk_bytes", "4096"}};
  const int two = cell.account().value("threads_added", -1);
  cell.strategy().params["writers"] = "3";
  nlohmann::json three = cell.account();
  EXPECT_GE(two, 1);
  EXPECT_EQ(three["threads_added"], two + 1);
  EXPECT_EQ(three["processes_added"], 0);
  cell.strategy().params["chunk_bytes"] = "1048576";
  EXPECT_EQ(cell.account()["threads_added"], 0) << "asked for, and nothing to do";
}

TEST(Accounting, HowFilesAreWrittenIsWhatTheWatchedSavesDid) {
  AccountedCell cell;
  const auto watch = [&](bool direct) {
    SaveSequence save = claimed_save({9}, true).sequence;
    save.kinds = {{.direct = direct}};
    std::ofstream(cell.path(kWatchReport)) << json_text(WatchedSaves{{save}});
  };
  watch(true);
  cell.strategy().params = {{"direct", "false"}};
  EXPECT_EQ(cell.account()["direct_io"], true);
  watch(false);
  cell.strategy().params = {};
  EXPECT_EQ(cell.account()["direct_io"], false) << "what was seen whole counts, not what by chance";
  std::filesystem::remove(cell.path(kWatchReport));
  cell.strategy() = {.name = "null"};
  EXPECT_TRUE(cell.account()["direct_io"].is_null()) << "nothing was seen";
}

}  // namespace
}  // namespace ckptbench
