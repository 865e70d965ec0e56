// What docs/design.md says about adding a fault kind: one that nothing else in the project knows is
// planned, made definite, armed, read back and described, with nothing but its row in the list. (A
// suite plans it in harness/suite/cell_plan_test.cc.)
#include "faults/fault_kinds.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "faults/fault_log.h"
#include "faults/testing/added_kind.h"
#include "harness/platform/files.h"
#include "harness/platform/unique_fd.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;

class AddedKind : public testing::Test {
 protected:
  FaultKinds kinds_ = kinds_with_added();
  Fault fault_{"whisper", {{"word", "hush"}}};
};

TEST_F(AddedKind, IsDescribedAndClassified) {
  EXPECT_EQ(describe(fault_, kinds_), "whisper 'hush'");
  EXPECT_EQ(describe(fault_), "whisper");  // not among the shipped ones
  EXPECT_EQ(fault_class_of(fault_, kinds_), FaultClass::kNone);
  EXPECT_EQ(kinds_.armed_in(fault_), JobRole::kTrain);
}

TEST_F(AddedKind, IsMadeDefinite) {
  UndisturbedFacts run;
  run.saves = 3;
  Fault fault{"whisper", {}};
  EXPECT_FALSE(kinds_.resolve(fault, run));
  EXPECT_EQ(fault.params.at("word"), "3 saves");
}

TEST_F(AddedKind, IsArmedAndLeavesItsEvidence) {
  const TempDir folder = TempDir::make("added-kind").value();
  const std::string log = folder.path() + "/faults.jsonl";
  const UniqueFd fd(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644));
  Trace trace;
  const auto armed = kinds_.arm(
      fault_, {.directory = folder.path(), .log_path = log, .log_fd = fd.get(), .trace = trace});
  EXPECT_FALSE(read_fault_log(log, kinds_).value().fired);
  armed->save_requested();
  const auto evidence = read_fault_log(log, kinds_);
  ASSERT_TRUE(evidence) << evidence.error().message;
  EXPECT_TRUE(evidence.value().fired);
  EXPECT_EQ(evidence.value().point, "whispered hush");
  EXPECT_FALSE(read_fault_log(log));  // the shipped kinds cannot read it
}

TEST(FaultKindsTest, MistakesAreNamed) {
  const auto message = [](const Fault& fault) { return fault_kinds().read(fault).error().message; };
  EXPECT_THAT(message({"phse", {}}), HasSubstr("did you mean 'phase'"));
  EXPECT_THAT(message({"phase", {{"phase", "snyc"}}}),
              HasSubstr("'snyc', expected one of capture"));
  EXPECT_THAT(message({"moment", {{"share", "2"}}}), HasSubstr("a number in [0, 1]"));
  EXPECT_THAT(message({"file_op", {{"opration", "write"}}}), HasSubstr("did you mean 'operation'"));
}

TEST(FaultKindsTest, EveryShippedKindDescribesItself) {
  for (const FaultKind& kind : fault_kinds().rows()) {
    EXPECT_FALSE(describe({kind.name, {}}).empty()) << kind.name;
    EXPECT_FALSE(kind.summary.empty() || kind.column.empty()) << kind.name;
    EXPECT_NE(kind.arm, nullptr) << kind.name;
    EXPECT_EQ(kind.suite_key.empty(), kind.plan == nullptr) << kind.name;
    EXPECT_EQ(fault_kinds().find(kind.name), &kind);
  }
  EXPECT_EQ(describe({"phase", {{"phase", "sync"}, {"occurrence", "2"}}}), "kill before sync #2");
  EXPECT_EQ(describe({"moment", {{"share", "0.25"}}}), "kill at 25.0 % of the run");
}

TEST(PhaseKind, AppliesWhereTheStrategyHasPhasesAndPassesThem) {
  Fault sync{"phase", {{"phase", "sync"}}};
  EXPECT_FALSE(fault_kinds().applies(sync, false));
  EXPECT_THAT(fault_kinds().applies(sync, true)->why, HasSubstr("no phase sync"));
  UndisturbedFacts run;
  EXPECT_FALSE(fault_kinds().resolve(sync, run));  // not reported
  run.phases = {{"sync", 0}};
  EXPECT_EQ(fault_kinds().resolve(sync, run)->outcome, HarnessOutcome::kNotApplicable);
  Fault restore{"phase", {{"phase", "restore"}}};
  EXPECT_EQ(fault_kinds().armed_in(restore), JobRole::kRecover);
  run.phases = {{"restore", 0}};
  EXPECT_FALSE(fault_kinds().resolve(restore, run));
}

TEST(MomentKind, AShareBecomesATime) {
  UndisturbedFacts run;
  run.first_save_to_end_ns = 2e9;
  Fault fault{"moment", {{"share", "0.25"}}};
  EXPECT_FALSE(fault_kinds().resolve(fault, run));
  EXPECT_EQ(fault.params.at("at_ns"), "500000000");
}

}  // namespace
}  // namespace ckptbench
