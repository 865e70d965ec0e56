#include "faults/file_op/nearest_point.h"

#include <gtest/gtest.h>

namespace ckptbench {
namespace {

// Three saves: a part of a name that no run repeats, and an index.
std::vector<FileOperation> three_saves() {
  return {{"write", "part-1a", "", 1, 8}, {"rename", "index.tmp", "index", 1, 0},
          {"write", "part-2b", "", 1, 8}, {"rename", "index.tmp", "index", 2, 0},
          {"write", "part-3c", "", 1, 8}, {"rename", "index.tmp", "index", 3, 0}};
}

// "rename index.tmp #2"; "none".
std::string nearest(const FileRule& wanted, const std::vector<FileOperation>& missed,
                    const std::string& among = "*") {
  const auto found = nearest_point(wanted, among, three_saves(), missed);
  if (!found) return "none";
  return found->operation + " " + found->path + (found->on_its_path ? " #" : " ") +
         std::to_string(found->occurrence) + " " + found->when;
}

TEST(NearestPoint, IsTheLastOfThePatternThatTheRunHad) {
  const std::vector<FileOperation> two{{"write", "part-7e", "", 1, 8},
                                       {"rename", "index.tmp", "index", 1, 0},
                                       {"write", "part-8f", "", 1, 8},
                                       {"rename", "index.tmp", "index", 2, 0}};
  EXPECT_EQ(nearest({"write", "part-*", 3, "partial", false}, two), "write part-* 2 partial");
  EXPECT_EQ(nearest({"rename", "index.tmp", 3, "after", true}, two), "rename index.tmp #2 after");
}

TEST(NearestPoint, IsNeverPastTheOneThatIsWanted) {
  EXPECT_EQ(nearest({"write", "part-*", 2, "before", false}, three_saves()),
            "write part-* 2 before");
}

// The third write of the undisturbed run, under another name.
TEST(NearestPoint, IsOneOfItsKindWhereThePatternIsMissing) {
  const std::vector<FileOperation> others{{"write", "a", "", 1, 8},
                                          {"write", "a", "", 2, 8},
                                          {"write", "b", "", 1, 8},
                                          {"write", "b", "", 2, 8},
                                          {"open", "b", "", 1, 0}};
  EXPECT_EQ(nearest({"write", "part-3c", 1, "before", true}, others), "write * 3 before");
  EXPECT_EQ(nearest({"write", "part-2b", 1, "before", true}, others), "write * 2 before");
  EXPECT_EQ(nearest({"write", "part-9", 1, "before", true}, others), "write * 3 before")
      << "what the undisturbed run does not have lies at its end";
}

TEST(NearestPoint, StaysAmongThePathsThatTheSuiteNames) {
  const std::vector<FileOperation> others{{"write", "a.tmp", "", 1, 8}, {"write", "b", "", 1, 8}};
  EXPECT_EQ(nearest({"write", "part-3c", 1, "before", true}, others, "b*"), "none");
  const std::vector<FileOperation> part{{"write", "part-d", "", 1, 8}, {"write", "b", "", 1, 8}};
  EXPECT_EQ(nearest({"write", "part-3c", 1, "before", true}, part, "p*"), "write p* 1 before");
}

TEST(NearestPoint, IsNoneWhereTheRunHasNoneOfItsKind) {
  EXPECT_EQ(nearest({"rename", "index.tmp", 3, "after", true}, {{"write", "index", "", 1, 8}}),
            "none");
  EXPECT_EQ(nearest({"write", "part-*", 3, "partial", false}, {}), "none");
}

}  // namespace
}  // namespace ckptbench
