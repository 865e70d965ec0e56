// What a strategy may have left in its folder comes back in a copy as it was.
#include "harness/platform/folder_copy.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "harness/platform/testing/temp_directory.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

void fill(const std::string& folder) {
  fs::create_directories(folder + "/step-4");
  std::ofstream(folder + "/step-4/state") << "four";
  std::ofstream(folder + "/older") << "two";
  fs::create_symlink("step-4", folder + "/newest");
  ASSERT_EQ(::mkfifo((folder + "/control").c_str(), 0600), 0);
  const auto now = fs::file_time_type::clock::now();
  fs::last_write_time(folder + "/older", now - 10h);
  fs::last_write_time(folder + "/step-4/state", now - 9h);
  fs::last_write_time(folder + "/step-4", now - 8h);
}

TEST(FolderCopy, KeepsTimesLinksAndPipes) {
  const TempDirectory top;
  fill(top / "from");
  const Status copied = copy_folder(top / "from", top / "to");
  ASSERT_TRUE(copied.ok()) << copied.error().message;
  for (const std::string name : {"/older", "/step-4/state", "/step-4"}) {
    EXPECT_EQ(fs::last_write_time((top / "to") + name), fs::last_write_time((top / "from") + name))
        << name;
  }
  EXPECT_EQ(fs::file_size(top / "to/step-4/state"), 4U);
  EXPECT_EQ(fs::read_symlink(top / "to/newest"), "step-4");
  EXPECT_TRUE(fs::is_fifo(top / "to/control"));
}

TEST(FolderCopy, SaysWhatCannotBeCopied) {
  const TempDirectory top;
  const Status copied = copy_folder(top / "absent", top / "to");
  ASSERT_FALSE(copied.ok());
  EXPECT_EQ(copied.error().message, (top / "absent") + ": No such file or directory");
}

}  // namespace
}  // namespace ckptbench
