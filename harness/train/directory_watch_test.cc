#include "harness/train/directory_watch.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "harness/platform/files.h"

namespace ckptbench {
namespace {

TEST(DirectoryWatch, NamesWhatIsAddedChangedRenamedOrRemoved) {
  const TempDir folder = std::move(TempDir::make("watch")).value();
  const auto path = [&](const std::string& name) { return folder.path() + "/" + name; };
  DirectoryWatch watch(folder.path());
  EXPECT_EQ(watch.first_change(), "") << "nothing was taken";
  watch.take();
  EXPECT_EQ(watch.first_change(), "");
  std::filesystem::create_directory(path("step-2"));
  std::ofstream(path("step-2/data")) << "abc";
  EXPECT_EQ(watch.first_change(), "step-2/data");
  watch.take();
  EXPECT_EQ(watch.first_change(), "");
  std::ofstream(path("step-2/data"), std::ios::app) << "d";
  EXPECT_EQ(watch.first_change(), "step-2/data");
  watch.take();
  std::filesystem::rename(path("step-2/data"), path("step-2/renamed"));
  EXPECT_EQ(watch.first_change(), "step-2/renamed");
  watch.take();
  std::filesystem::remove(path("step-2/renamed"));
  EXPECT_EQ(watch.first_change(), "step-2/renamed");
}

}  // namespace
}  // namespace ckptbench
