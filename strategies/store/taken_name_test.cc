// Names of the store that something else bears already: a save replaces nothing, and opening gives
// no number of which anything stays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "harness/platform/testing/temp_directory.h"
#include "strategies/store/dir_store.h"
#include "strategies/testing/file_ops_recorder.h"
#include "strategies/testing/store_samples.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

constexpr const char* kDataName = "ckpt-00000001.r0000.a";
constexpr const char* kRecordName = "ckpt-00000001.manifest";

using MakeEntry = std::function<void(const std::string& path)>;

const std::vector<MakeEntry>& foreign_entries() {
  static const std::vector<MakeEntry> kinds{
      [](const std::string& path) { std::ofstream(path) << "another's"; },
      [](const std::string& path) { fs::create_symlink("nowhere", path); },
      [](const std::string& path) { fs::create_directory(path); },
      [](const std::string& path) { ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0); }};
  return kinds;
}

std::string failure_of(const Status& status) {
  return status ? "" : status.error().message;
}

class TakenName : public testing::Test {
 protected:
  std::unique_ptr<DirStore> open() {
    auto store = DirStore::open({.directory = directory_.path(), .run_id = "test"});
    EXPECT_TRUE(store) << store.error().message;
    return std::move(store).value();
  }
  // A save that meets what `make` puts at `name` just before the name would be given.
  std::string save_into(DirStore& store, const std::string& name, const MakeEntry& make) {
    auto set = std::move(store.begin(1, 0)).value();
    EXPECT_TRUE(set->write("r0000.a", 0, random_bytes(5000, 1)));
    const bool record = name == kRecordName;
    if (record) {
      EXPECT_TRUE(set->sync());
    }
    make(directory_ / name);
    return failure_of(record ? set->commit(random_bytes(10, 1)) : set->sync());
  }
  // Which file lies there, with its content's length where it has one.
  auto identity(const std::string& name) {
    const auto id = id_at(directory_ / name);
    return std::pair(id ? id.value().inode : 0, fs::symlink_status(directory_ / name).type());
  }
  std::vector<std::string> names() { return directory_entries(directory_.path()).value(); }

  const TempDirectory directory_;
};

TEST_F(TakenName, ASaveReplacesNothing) {
  const auto store = open();
  for (const std::string name : {kDataName, kRecordName}) {
    for (const MakeEntry& make : foreign_entries()) {
      std::pair<ino_t, fs::file_type> before;
      const std::string error = save_into(*store, name, [&](const std::string& path) {
        make(path);
        before = identity(name);
      });
      EXPECT_THAT(error, HasSubstr("rename to " + directory_ / name + " failed: File exists"));
      EXPECT_EQ(identity(name), before);
      EXPECT_THAT(names(), UnorderedElementsAre("LEASE", name)) << "what the save had written";
      fs::remove(directory_ / name);
    }
  }
}

// As NFS: each first try says EINVAL.
TEST_F(TakenName, NorWhereTheFileSystemKnowsNoSuchRename) {
  FileOpsRecorder recorder(directory_.path());
  std::set<std::string> tried;
  recorder.decide([&](const std::string& operation) {
    return operation.starts_with("rename ") && tried.insert(operation).second ? EINVAL : 0;
  });
  const auto store = open();
  EXPECT_EQ(commit_checkpoint(*store, 2, {{"r0000.a", random_bytes(9, 2)}}), "");
  EXPECT_EQ(check_checkpoint(*store, 2), "");
  EXPECT_EQ(tried.size(), 2u);
  for (const MakeEntry& make : foreign_entries()) {
    tried.clear();
    EXPECT_THAT(save_into(*store, kDataName, make), HasSubstr("File exists"));
    EXPECT_TRUE(id_at(directory_ / kDataName));
    fs::remove(directory_ / kDataName);
  }
}

TEST_F(TakenName, ALinkInThePlaceOfARecordIsSeenAtOnceAndStays) {
  const auto store = open();
  for (const char* target : {"nowhere", "LEASE"}) {
    fs::create_symlink(target, directory_ / kRecordName);
    const auto begun = store->begin(1, 0);
    ASSERT_FALSE(begun) << target;
    EXPECT_THAT(begun.error().message, HasSubstr("checkpoint 1 exists already"));
    EXPECT_TRUE(store->drop(1, {}));
    EXPECT_TRUE(fs::is_symlink(directory_ / kRecordName)) << "a deletion";
    fs::remove(directory_ / kRecordName);
  }
}

TEST_F(TakenName, WhatOpeningLeavesInPlaceKeepsItsNumber) {
  const std::vector<std::string> files{"r0000.a", "r0000.a.tmp", "manifest", "manifest.tmp"};
  for (const bool kinds_known : {true, false}) {
    for (size_t kind = 1; kind < foreign_entries().size(); ++kind) {
      for (size_t i = 0; i < files.size(); ++i) {
        const TempDirectory directory;
        const std::string path = directory / ("ckpt-00000007." + files[i]);
        foreign_entries()[kind](path);
        std::ofstream(directory / "ckpt-00000009.r0000.a") << "left";
        FileOpsRecorder recorder(directory.path());
        if (!kinds_known) recorder.know_no_kinds();
        const auto store = DirStore::open({.directory = directory.path(), .run_id = "test"});
        ASSERT_TRUE(store) << store.error().message;
        EXPECT_EQ(store.value()->taken_up_to(), 7u) << path << " " << kind;
        EXPECT_TRUE(id_at(path));
        EXPECT_FALSE(id_at(directory / "ckpt-00000009.r0000.a"));
      }
    }
  }
}

TEST_F(TakenName, OnlyAFileOrALinkIsListed) {
  for (const bool kinds_known : {true, false}) {
    const TempDirectory directory;
    for (size_t kind = 0; kind < foreign_entries().size(); ++kind) {
      foreign_entries()[kind](directory /
                              ("ckpt-0000000" + std::to_string(kind + 1) + ".manifest"));
    }
    FileOpsRecorder recorder(directory.path());
    if (!kinds_known) recorder.know_no_kinds();
    const auto store = DirStore::open({.directory = directory.path(), .run_id = "test"});
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_THAT(store.value()->list().value(), testing::ElementsAre(2, 1));
  }
}

}  // namespace
}  // namespace ckptbench
