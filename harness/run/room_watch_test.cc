#include "harness/run/room_watch.h"

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "harness/platform/files.h"
#include "harness/platform/testing/private_mount.h"

namespace ckptbench {
namespace {

constexpr uint64_t kMiB = 1ULL << 20;

// What is written while the job runs is still there when it is looked at, and gone afterwards.
class FillingRunner : public JobRunner {
 public:
  explicit FillingRunner(std::string file) : file_(std::move(file)) {}
  ProcessEnd run(const JobFiles&, double) override {
    std::ofstream(file_) << std::string(3 * kMiB, 'x');
    return {.exited = true};
  }

 private:
  std::string file_;
};

std::string wrong_in(const std::string& folder) {
  if (::mount("none", folder.c_str(), nullptr, MS_REMOUNT, "size=4m") != 0) return "no remount";
  RoomWatch watch;
  const RoomWatch::Span whole(watch);
  FillingRunner filling(folder + "/full");
  WatchedRunner runner(filling, watch);
  std::optional<RoomWatch::Span> beside(std::in_place, watch);
  runner.run(job_files(folder, "train"), 1);
  std::filesystem::remove(folder + "/full");
  const RoomWatch::Span after(watch);
  watch.look(folder);
  if (beside->least_bytes() > kMiB) return "a trial beside the one that fills does not know of it";
  beside.reset();
  if (whole.least_bytes() > kMiB) return "what is free again is counted as free before";
  return after.least_bytes() > 3 * kMiB ? "" : "one that began later knows of it";
}

TEST(RoomWatch, TheLeastOfAllLooksCountsForEachThatRunsMeanwhile) {
  const TempDir folder = std::move(TempDir::make("room-test")).value();
  const MountedRun run =
      run_mounted("tmpfs", folder.path(), [&] { return wrong_in(folder.path()); });
  if (!run.refused.empty()) GTEST_SKIP() << run.refused;
  EXPECT_EQ(run.failure, "");
}

TEST(RoomWatch, AFolderThatIsNotThereIsNoWordOfRoom) {
  RoomWatch watch;
  const RoomWatch::Span span(watch);
  watch.look("/no/such/folder");
  EXPECT_EQ(span.least_bytes(), std::numeric_limits<uint64_t>::max());
}

}  // namespace
}  // namespace ckptbench
