#include "faults/file_op/path_pattern.h"

#include <gmock/gmock.h>

namespace ckptbench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::map<std::string, std::string> varying(const std::vector<std::string>& run,
                                           const std::vector<std::string>& another) {
  const auto opened = [](const std::vector<std::string>& paths) {
    std::vector<FileOperation> operations;
    for (const std::string& path : paths) operations.push_back({"open", path, "", 1, 0});
    return operations;
  };
  return varying_paths(opened(run), opened(another));
}

TEST(PathPattern, KnownFormsAreReplaced) {
  EXPECT_EQ(path_pattern("run-48213/tmpk3x9w2ab"), "run-*/tmp*");
  EXPECT_EQ(path_pattern("0f8e7d6c5b4a39281706.pt"), "*.pt");
  EXPECT_EQ(path_pattern("ckpt-00000012.manifest"), "ckpt-00000012.manifest");
  EXPECT_EQ(path_pattern("__0_0.distcp"), "__0_0.distcp");
  EXPECT_EQ(path_pattern("step-10/checkpoint.pt.tmp"), "step-10/checkpoint.pt.tmp");
  EXPECT_EQ(path_pattern("decade/facade.bin"), "decade/facade.bin");
}

TEST(VaryingPaths, WordsThatAnotherRunLacksAreReplaced) {
  const std::string mine = "c.pt.0f8a1b2c-aaaa-4444-8888-0123456789ab.tmp";
  const std::string other = "c.pt.ffff0000-bbbb-4444-9999-ba9876543210.tmp";
  EXPECT_THAT(varying({"c.pt", mine}, {"c.pt", other}), ElementsAre(Pair(mine, "c.pt.*.tmp")));
  EXPECT_THAT(varying({"ckpt-abcd_fgh"}, {"ckpt-x__12345"}),
              ElementsAre(Pair("ckpt-abcd_fgh", "ckpt-*")));
  EXPECT_THAT(varying({"ckpt_abcd_fgh"}, {"ckpt_zyxwvuts"}),
              ElementsAre(Pair("ckpt_abcd_fgh", "ckpt_*")));
  EXPECT_THAT(varying({"d/step-8.31/x.pt"}, {"d/step-8.32/x.pt"}),
              ElementsAre(Pair("d/step-8.31/x.pt", "d/step-8.*/x.pt")));
  EXPECT_THAT(varying({"aBcDeF", "tmpabcdefgh"}, {"xYzUvW", "tmpzyxwvuts"}),
              ElementsAre(Pair("aBcDeF", "*"), Pair("tmpabcdefgh", "tmp*")));
}

TEST(VaryingPaths, WhatBothRunsHaveStays) {
  EXPECT_THAT(varying({"step-2/a", "step-4/a"}, {"step-4/a", "step-2/a"}), IsEmpty());
  // A save that the other run skipped.
  EXPECT_THAT(varying({"step-2/a", "step-4/a"}, {"step-2/a"}),
              ElementsAre(Pair("step-4/a", "step-*/a")));
}

}  // namespace
}  // namespace ckptbench
