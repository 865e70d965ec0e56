// What the record of a measured cell says of the state that it saves.
#include "harness/measure/measure_report.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "harness/core/observed_keys.h"
#include "harness/platform/testing/temp_directory.h"

namespace ckptbench {
namespace {

class MeasureReport : public testing::Test {
 protected:
  MeasureReport() {
    job_.role = JobRole::kMeasure;
    job_.cell.strategy.name = "null";
    job_.cell.workload = {"char-gpt", {{"size", "1M"}, {"batch", "1"}}};
    job_.checkpoint_dir = folder_ / "checkpoints";
    job_.journal_path = folder_ / "journal.jsonl";
    job_.scratch_dir = folder_.path();
    std::filesystem::create_directory(job_.checkpoint_dir);
  }

  const TempDirectory folder_;
  Job job_;
};

TEST_F(MeasureReport, CountsTheTensorsThatAreSavedWithoutThoseThatShareTheirBytes) {
  for (const Contents contents : {Contents::kFull, Contents::kWeights}) {
    job_.cell.policy.contents = contents;
    JobContext context(job_, [](const std::string&) { return make_cpu_device(); });
    MeasureRig rig(context);
    rig.open();
    std::set<const std::byte*> places;
    uint64_t names = 0;
    for (const TensorView& tensor : rig.state.view().tensors) {
      if (contents == Contents::kWeights && !is_weight(tensor.role)) continue;
      ++names;
      places.insert(tensor.data);
    }
    ASSERT_LT(places.size(), names) << "none shares its bytes";
    Record record;
    fill_report(rig, {}, {}, record);
    EXPECT_EQ(record.observed[observed::kSavedTensors], places.size());
  }
}

}  // namespace
}  // namespace ckptbench
