// Where trials run: in memory by default, elsewhere on request, and nothing left behind.
#include "harness/run/scratch_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "harness/core/error.h"
#include "harness/platform/files.h"
#include "harness/platform/machine.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

bool memory_has_room() {
  const Filesystem memory = filesystem_of("/dev/shm");
  return memory.type == "tmpfs" && memory.free_bytes >= ScratchFolder::kMinFreeBytes;
}

TEST(ScratchFolder, IsInMemoryAndGoesWithAllThatIsInIt) {
  if (!memory_has_room()) GTEST_SKIP() << "/dev/shm has no room";
  const TempDir out = std::move(TempDir::make("scratch-test")).value();
  std::string path;
  {
    const ScratchFolder scratch("", out.path());
    path = scratch.path();
    EXPECT_TRUE(path.starts_with("/dev/shm/")) << path;
    EXPECT_EQ(scratch.describe().at("file_system"), "tmpfs");
    EXPECT_EQ(scratch.describe().at("folder"), path);
    EXPECT_TRUE(scratch.describe().at("direct_io").is_boolean());
    EXPECT_TRUE(fs::is_empty(path));
    fs::create_directories(path + "/cells/one");
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(ScratchFolder, OneRunFindsWhatAKilledOneLeft) {
  if (!memory_has_room()) GTEST_SKIP() << "/dev/shm has no room";
  const TempDir out = std::move(TempDir::make("scratch-test")).value();
  std::string killed;
  {
    const ScratchFolder first("", out.path());
    killed = first.path();
  }
  fs::create_directories(killed + "/cells/one");
  const ScratchFolder second("", out.path());
  EXPECT_EQ(second.path(), killed);
  const ScratchFolder other("", out.path() + "/other");
  EXPECT_NE(other.path(), killed);
}

TEST(ScratchFolder, ALinkOfThatNameIsNotFollowed) {
  if (!memory_has_room()) GTEST_SKIP() << "/dev/shm has no room";
  const TempDir out = std::move(TempDir::make("scratch-test")).value();
  const TempDir victim = std::move(TempDir::make("scratch-test")).value();
  std::string name;
  {
    const ScratchFolder first("", out.path());
    name = first.path();
  }
  fs::create_symlink(victim.path(), name);
  {
    const ScratchFolder second("", out.path());
    EXPECT_EQ(second.path(), out.path());
  }
  EXPECT_TRUE(fs::exists(victim.path()));
  fs::remove(name);
}

TEST(ScratchFolder, TheUsersChoiceMustExistAndStays) {
  const TempDir out = std::move(TempDir::make("scratch-test")).value();
  const std::string given = out.path() + "/a/b";
  EXPECT_THROW(ScratchFolder(given, out.path()), ExitError);
  EXPECT_FALSE(fs::exists(out.path() + "/a"));
  fs::create_directories(given);
  {
    const ScratchFolder scratch(given, out.path());
    EXPECT_EQ(scratch.path(), fs::canonical(given));
  }
  EXPECT_TRUE(fs::exists(given));
}

TEST(ScratchFolder, WithoutMemoryItIsBelowTheResults) {
  const TempDir out = std::move(TempDir::make("scratch-test")).value();
  {
    const ScratchFolder scratch("", out.path(), out.path() + "/no-such-memory");
    EXPECT_EQ(scratch.path(), out.path());
  }
  EXPECT_TRUE(fs::exists(out.path()));
}

}  // namespace
}  // namespace ckptbench
