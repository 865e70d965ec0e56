#include "faults/file_op/file_op_kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "faults/fault_kinds.h"

namespace ckptbench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Two files that two threads write, a rename, and a name that no run repeats.
UndisturbedFacts small_run() {
  UndisturbedFacts run;
  run.saves = 1;
  run.operations = {{"open", "a.tmp", "", 1, 0},       {"open", "b", "", 1, 0},
                    {"write", "b", "", 1, 8},          {"write", "a.tmp", "", 1, 8},
                    {"write", "a.tmp", "", 2, 8},      {"rename", "a.tmp", "a", 1, 0},
                    {"open", "run-48213/x", "", 1, 0}, {"open", "run-48213/x", "", 2, 0}};
  return run;
}

std::vector<std::string> points(const Fault& fault, const UndisturbedFacts& run = small_run()) {
  std::vector<std::string> out;
  for (const Fault& point : fault_kinds().points(fault, run)) {
    const ParamText& params = point.params;
    out.push_back(params.at("operation") + " " + params.at("path") + " " +
                  (params.contains("counted") ? "#" : "") + params.at("occurrence"));
  }
  return out;
}

TEST(FileOpPoints, EachOperationOfAnUndisturbedRunIsOne) {
  EXPECT_THAT(points({"file_op", {}}),
              ElementsAre("open a.tmp #1", "open b #1", "write b #1", "write a.tmp #1",
                          "write a.tmp #2", "rename a.tmp #1", "open run-*/x 1", "open run-*/x 2"));
  EXPECT_THAT(points({"file_op", {{"operation", "write"}, {"when", "partial"}, {"path", "a*"}}}),
              ElementsAre("write a.tmp #1", "write a.tmp #2"));
  EXPECT_THAT(points({"file_op", {{"operation", "rename"}, {"path", "a"}}}),
              ElementsAre("rename a.tmp #1"));
}

// Of two runs that make the same names but for one word.
TEST(FileOpPoints, WhatASecondRunDoesNotHaveIsAPattern) {
  UndisturbedFacts run;
  run.operations = {{"open", "a.pt", "", 1, 0}, {"rename", "a.314.tmp", "a.pt", 1, 0}};
  run.again = {{"open", "a.pt", "", 1, 0}, {"rename", "a.315.tmp", "a.pt", 1, 0}};
  EXPECT_THAT(points({"file_op", {}}, run), ElementsAre("open a.pt #1", "rename a.*.tmp 1"));
}

TEST(FileOpShares, ResolveToOneOfThePoints) {
  const auto resolved = [](const std::string& operation, const std::string& share) {
    Fault fault{"file_op", {{"operation", operation}, {"occurrence", "0"}, {"share", share}}};
    const auto unmet = fault_kinds().resolve(fault, small_run());
    return unmet ? unmet->why : describe(fault);
  };
  EXPECT_EQ(resolved("any", "0"), "kill before open #1 of a.tmp");
  EXPECT_EQ(resolved("any", "0.5"), "kill before write #1 of a.tmp");
  EXPECT_EQ(resolved("any", "0.3"), "kill before open #2 of run-*/x");
  EXPECT_EQ(resolved("any", "0.9"), "kill before rename #1 of a.tmp");
  EXPECT_EQ(resolved("any", "1"), "kill before rename #1 of a.tmp");
  EXPECT_EQ(resolved("write", "0.99"), "kill before write #2 of a.tmp");
  EXPECT_THAT(resolved("fsync", "0.5"), HasSubstr("makes no fsync of"));
}

// One rename among a hundred writes is as likely as all of them.
TEST(FileOpShares, EachKindOfOperationHasItsPart) {
  UndisturbedFacts run;
  for (uint64_t i = 1; i <= 100; ++i) run.operations.push_back({"write", "a", "", i, 0});
  run.operations.push_back({"rename", "a", "b", 1, 0});
  size_t renames = 0;
  for (int i = 0; i < 10; ++i) {
    Fault fault{"file_op", {{"occurrence", "0"}, {"share", "0." + std::to_string(i)}}};
    ASSERT_FALSE(fault_kinds().resolve(fault, run));
    renames += describe(fault) == "kill before rename #1 of a";
  }
  EXPECT_EQ(renames, 5u);
}

TEST(FileOpRecovery, IsArmedThereAfterAKillInTraining) {
  Fault fault{"file_op",
              {{"during", "recovery"}, {"first", "0.375"}, {"occurrence", "0"}, {"share", "0"}}};
  EXPECT_EQ(fault_kinds().armed_in(fault), JobRole::kRecover);
  const auto first = fault_kinds().before_recovery(fault, small_run());
  ASSERT_TRUE(first);
  EXPECT_EQ(describe(*first), "kill before write #1 of a.tmp");
  EXPECT_FALSE(fault_kinds().resolve(fault, small_run()));
  EXPECT_EQ(describe(fault), "kill before open #1 of a.tmp in the recovery");
  EXPECT_EQ(fault_kinds().armed_in(fault), JobRole::kRecover);
  EXPECT_FALSE(fault_kinds().before_recovery({"file_op", {}}, small_run()));
}

// The recovery then meets a file of which only a part was written.
TEST(FileOpRecovery, MayFollowAKillHalfWayThroughAWrite) {
  const Fault fault{"file_op", {{"during", "recovery"}, {"first", "0.95"}, {"occurrence", "0"}}};
  const auto first = fault_kinds().before_recovery(fault, small_run());
  ASSERT_TRUE(first);
  EXPECT_EQ(describe(*first), "kill partial write #2 of a.tmp");
}

TEST(FileOpShares, ADefiniteFaultStaysAsItIs) {
  Fault fault{"file_op", {{"operation", "write"}, {"occurrence", "9"}}};
  const Fault before = fault;
  EXPECT_FALSE(fault_kinds().resolve(fault, small_run()));
  EXPECT_EQ(fault, before);
}

// What a run does that lacks the last write of a.tmp.
std::string nearest_of(Fault fault) {
  std::vector<FileOperation> missed = small_run().operations;
  missed.erase(missed.begin() + 4);
  EXPECT_FALSE(fault_kinds().resolve(fault, small_run()));
  const auto nearest = fault_kinds().nearest(fault, small_run(), missed);
  if (!nearest) return "none";
  EXPECT_EQ(fault_kinds().armed_in(*nearest), fault_kinds().armed_in(fault));
  return describe(*nearest);
}

TEST(FileOpNearest, APointThatWasDrawnMoves) {
  const ParamText last_write{{"operation", "write"}, {"occurrence", "0"}, {"share", "0.99"}};
  EXPECT_EQ(nearest_of({"file_op", last_write}), "kill before write #1 of a.tmp");
  ParamText recovery = last_write;
  recovery.insert({{"during", "recovery"}, {"first", "0.5"}});
  EXPECT_EQ(nearest_of({"file_op", recovery}), "kill before write #1 of a.tmp in the recovery");
}

TEST(FileOpNearest, APointThatTheSuiteNamesDoesNot) {
  const ParamText second{{"operation", "write"}, {"path", "a.tmp"}, {"occurrence", "2"}};
  EXPECT_EQ(nearest_of({"file_op", second}), "none");
}

TEST(FileOpShares, WhatChangesUnseenCannotBeHit) {
  UndisturbedFacts run = small_run();
  run.unseen = "a was filled without a file operation seen";
  for (const char* occurrence : {"0", "3"}) {
    Fault fault{"file_op", {{"occurrence", occurrence}}};
    const auto unmet = fault_kinds().resolve(fault, run);
    ASSERT_TRUE(unmet);
    EXPECT_EQ(unmet->outcome, HarnessOutcome::kVacuous);
    EXPECT_EQ(unmet->why, run.unseen.why);
  }
}

TEST(FileOpShares, WhatCouldNotBeReadIsAnErrorOfTheHarness) {
  UndisturbedFacts run = small_run();
  run.unseen = "what changed in the checkpoint directory is unknown: open a: Permission denied";
  run.unseen.unread = true;
  Fault fault{"file_op", {{"occurrence", "3"}}};
  const auto unmet = fault_kinds().resolve(fault, run);
  ASSERT_TRUE(unmet);
  EXPECT_EQ(unmet->outcome, HarnessOutcome::kHarnessError);
  EXPECT_EQ(unmet->why, run.unseen.why);
}

}  // namespace
}  // namespace ckptbench
