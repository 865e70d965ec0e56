#include "harness/platform/folder_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "harness/platform/files.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class WalkFolder : public testing::Test {
 protected:
  void make(const std::string& file) const {
    fs::create_directories(fs::path(folder_.path() + "/" + file).parent_path());
    std::ofstream(folder_.path() + "/" + file) << "x";
  }
  // What was visited; `then` is called at each entry.
  std::set<std::string> names(const std::function<void(const fs::path&)>& then) const {
    std::set<std::string> out;
    const Status status =
        walk_folder(folder_.path(), [&](const fs::path& path, const struct stat&) {
          out.insert(path.lexically_relative(folder_.path()).string());
          then(path);
        });
    EXPECT_TRUE(status.ok()) << status.error().message;
    return out;
  }
  TempDir folder_ = TempDir::make("folder_walk_test").value();
};

TEST_F(WalkFolder, FindsEntriesAtAnyDepthAndFollowsNoLink) {
  make("a/b/c");
  make("d");
  fs::create_directory_symlink(folder_.path() + "/a", folder_.path() + "/link");
  EXPECT_THAT(names([](const fs::path&) {}),
              UnorderedElementsAre("a", "a/b", "a/b/c", "d", "link"));
}

// In whatever order the entries come: each folder is removed when it is first seen, but one.
TEST_F(WalkFolder, AFolderThatVanishesHidesNoOther) {
  for (int i = 0; i < 8; ++i) make(std::to_string(i) + "/file");
  size_t removed = 0;
  const auto found = names([&](const fs::path& path) {
    if (!fs::is_directory(path)) return;
    if (path.filename() != "5") removed += fs::remove_all(path) > 0 ? 1 : 0;
  });
  EXPECT_EQ(removed, 7u);
  EXPECT_TRUE(found.contains("5/file"));
  EXPECT_EQ(found.size(), 9u) << "eight folders and what lies in the one that stayed";
}

TEST_F(WalkFolder, AFolderThatIsNotThereIsAnError) {
  const Status status = walk_folder(folder_.path() + "/none", [](const fs::path&, const auto&) {});
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message, HasSubstr("/none"));
}

}  // namespace
}  // namespace ckptbench
