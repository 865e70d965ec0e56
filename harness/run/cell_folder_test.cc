// A cell's folder: gone, kept, or kept elsewhere so that its jobs can still be run.
#include "harness/run/cell_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "harness/core/error.h"
#include "harness/platform/files.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

class CellFolderTest : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return top_.path() + "/" + name; }
  void fill(const std::string& folder) const {
    fs::create_directories(folder + "/checkpoints");
    std::ofstream(folder + "/checkpoints/one") << "bytes of " << folder;
    fs::create_symlink("one", folder + "/checkpoints/newest");
    std::ofstream(folder + "/train.job.json")
        << "{\"a\": \"" << folder << "/x\", \"b\": \"" << folder << "/y\"}";
  }

  TempDir top_ = std::move(TempDir::make("cell-folder-test")).value();
};

TEST_F(CellFolderTest, IsRemovedUnlessKept) {
  {
    const CellFolder gone(path("gone"));
    CellFolder kept(path("kept"));
    fill(gone.path());
    kept.keep_at(path("kept"));
  }
  EXPECT_FALSE(fs::exists(path("gone")));
  EXPECT_TRUE(fs::exists(path("kept")));
}

TEST_F(CellFolderTest, KeptElsewhereItsJobsNameTheirNewPlaces) {
  fs::create_directories(path("new/stale"));
  {
    CellFolder cell(path("old"));
    fill(cell.path());
    cell.keep_at(path("new"));
  }
  EXPECT_FALSE(fs::exists(path("old")));
  EXPECT_FALSE(fs::exists(path("new/stale")));
  EXPECT_EQ(read_file(path("new/train.job.json")).value(),
            "{\"a\": \"" + path("new/x") + "\", \"b\": \"" + path("new/y") + "\"}");
  EXPECT_EQ(read_file(path("new/checkpoints/newest")).value(), "bytes of " + path("old"));
  EXPECT_TRUE(fs::is_symlink(path("new/checkpoints/newest")));
}

TEST_F(CellFolderTest, WhereItCannotBeKeptItSaysSo) {
  std::ofstream(path("file")) << "in the way";
  CellFolder cell(path("old"));
  fill(cell.path());
  EXPECT_THROW(cell.keep_at(path("file/below")), ExitError);
}

}  // namespace
}  // namespace ckptbench
