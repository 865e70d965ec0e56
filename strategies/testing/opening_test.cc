// Opening a directory that holds what no writer of ours made, and opening one to read it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "strategies/format/names.h"
#include "strategies/testing/contract_samples.h"

namespace ckptbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

bool write_text(const std::string& path, const std::string& text) {
  return static_cast<bool>(std::ofstream(path) << text);
}

class Opening : public ::testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Strategy> open() { return bench.open(GetParam()); }
  ContractBench bench;
};

TEST_P(Opening, AHostileNumberInANameDoesNotStopSaves) {
  for (const char* name : {"ckpt-18446744073709551615.manifest", "ckpt-00000000.manifest"}) {
    ASSERT_TRUE(write_text(bench.directory() + "/" + name, "x"));
  }
  const auto state = small_state(1);
  EXPECT_EQ(words(save_and_wait(*open(), *state, 1)), "durable");
  EXPECT_EQ(words(open()->restore(state->view(), {}, nullptr)), "restored 1");
}

TEST_P(Opening, TheLastNumberIsAClearError) {
  const std::string name = fmt::format("/ckpt-{}.manifest", kMaxSeq);
  ASSERT_TRUE(write_text(bench.directory() + name, "x"));
  const auto state = small_state(1);
  EXPECT_THAT(words(save_and_wait(*open(), *state, 1)), HasSubstr("sequence numbers end at"));
}

std::map<std::string, std::string> content_of(const std::string& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    files[entry.path().filename().string()] = read_file(entry.path().string()).value();
  }
  return files;
}

TEST_P(Opening, OpeningForReadingNeedsNoLeaseAndChangesNothing) {
  const auto state = small_state(1);
  const auto writer = open();
  EXPECT_EQ(words(save_and_wait(*writer, *state, 1)), "durable");
  ASSERT_TRUE(write_text(bench.directory() + "/ckpt-00000009.r0000.safetensors.tmp", "unfinished"));
  const auto before = content_of(bench.directory());
  {
    const auto reader = bench.open(GetParam(), {}, ContractBench::Mode::kReadOnly);
    ASSERT_NE(reader, nullptr);
    EXPECT_THAT(seqs_of(reader->list()), ElementsAre(1));
    EXPECT_EQ(words(reader->restore(state->view(), {}, nullptr)), "restored 1");
    EXPECT_THAT(words(save_and_wait(*reader, *state, 2)), HasSubstr("opened for reading"));
  }
  EXPECT_EQ(content_of(bench.directory()), before);
  EXPECT_EQ(words(save_and_wait(*writer, *state, 2)), "durable");
}

// Other programs made them, so they are left alone; nothing waits for the other end of a pipe.
TEST_P(Opening, FoldersLinksAndPipesWithACheckpointsNameAreLeftAlone) {
  const auto state = small_state(1);
  EXPECT_EQ(words(save_and_wait(*open(), *state, 1)), "durable");
  const auto path = [&](const char* name) { return bench.directory() + "/" + name; };
  std::filesystem::create_directory(path("ckpt-00000002.r0000.safetensors"));
  std::filesystem::create_directory(path("ckpt-00000003.manifest.tmp"));
  std::filesystem::create_directory(path("ckpt-00000004.manifest"));
  ASSERT_EQ(::mkfifo(path("ckpt-00000005.manifest").c_str(), 0600), 0);
  std::filesystem::create_symlink(path("ckpt-00000001.manifest"), path("ckpt-00000006.manifest"));
  const auto strategy = open();
  ASSERT_NE(strategy, nullptr);
  const RestoreOutcome outcome = strategy->restore(state->view(), {}, nullptr);
  ASSERT_EQ(words(outcome), "restored 1");
  EXPECT_THAT(std::get<Restored>(outcome).passed_over, ElementsAre(HasSubstr("symbolic link")));
  EXPECT_EQ(words(save_and_wait(*strategy, *state, 7)), "durable");
  EXPECT_TRUE(std::filesystem::is_directory(path("ckpt-00000003.manifest.tmp")));
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(7, 1));
}

TEST_P(Opening, AFolderOrPipeWithARecordsNameKeepsNoOlderCheckpoint) {
  const auto state = small_state(1);
  EXPECT_EQ(words(save_and_wait(*open(), *state, 1)), "durable");
  const auto path = [&](const char* name) { return bench.directory() + "/" + name; };
  std::filesystem::create_directory(path("ckpt-00000003.manifest"));
  ASSERT_EQ(::mkfifo(path("ckpt-00000004.manifest").c_str(), 0600), 0);
  const auto strategy = open();
  EXPECT_EQ(words(save_and_wait(*strategy, *state, 2)), "durable");
  ASSERT_THAT(seqs_of(strategy->list()), ElementsAre(5, 1));
  const std::array<uint64_t, 1> keep{5};
  ASSERT_TRUE(strategy->retain(keep));
  ASSERT_TRUE(strategy->drain());
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(5));
  EXPECT_TRUE(std::filesystem::is_directory(path("ckpt-00000003.manifest")));
  EXPECT_TRUE(std::filesystem::is_fifo(path("ckpt-00000004.manifest")));
}

INSTANTIATE_TEST_SUITE_P(Native, Opening, ::testing::ValuesIn(keeping_compositions()),
                         [](const auto& info) { return test_name(info.param); });

}  // namespace
}  // namespace ckptbench
