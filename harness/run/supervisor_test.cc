#include "harness/run/supervisor.h"

#include <gtest/gtest.h>

#include "harness/platform/testing/temp_directory.h"

namespace ckptbench {
namespace {

TEST(Slots, AreFewerWhereATrialTrainsOnAGpu) {
  RunSettings settings;
  settings.jobs = 16;
  settings.gpu_jobs = 8;
  std::vector<Cell> trials(3);
  EXPECT_EQ(count_slots(settings, trials), 16u);
  trials[1].device = "cuda";
  EXPECT_EQ(count_slots(settings, trials), 8u);
}

TEST(Slots, AreAsManyAsAskedFor) {
  const TempDirectory folder;
  const ScratchFolder scratch(folder.path(), folder.path());
  const RunSettings settings = make_settings({}, folder.path(), scratch, 12);
  EXPECT_EQ(settings.jobs, 12u);
  EXPECT_EQ(settings.gpu_jobs, 12u);
  EXPECT_LE(make_settings({}, folder.path(), scratch, 0).gpu_jobs, 8u);
}

}  // namespace
}  // namespace ckptbench
