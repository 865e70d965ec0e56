// Which checkpoints a fresh process is asked for after both resumes, and which must be gone by
// then.
#include "harness/run/retention_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/platform/files.h"

namespace ckptbench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The process that is asked gives no report.
class SilentRunner : public JobRunner {
 public:
  ProcessEnd run(const JobFiles&, double) override { return {}; }
};

// The journals of a trial's processes, in order.
class Journals {
 public:
  // Each process acknowledges checkpoints and asks to retain.
  void begin() {
    paths_.push_back(folder_.path() + "/" + std::to_string(paths_.size()) + ".jsonl");
    writer_.emplace(JournalWriter::open(paths_.back(), 0).value());
  }
  void durable(uint64_t seq) {
    writer_->append({.event = Event::kDurable, .step = 2 * seq, .seq = seq});
  }
  void retain(const std::vector<uint64_t>& keeps, const std::vector<uint64_t>& drops) {
    writer_->append({.event = Event::kRetain, .keeps = keeps, .drops = drops});
  }
  std::optional<RetentionEvidence> check(bool opaque = true) {
    SilentRunner runner;
    Cell cell;
    cell.kind = CellKind::kTrial;
    NamedInfo strategy;
    strategy.opaque = opaque;
    return check_retention(cell, folder_.path(), paths_, strategy, runner);
  }

 private:
  TempDir folder_ = TempDir::make("retention").value();
  std::vector<std::string> paths_;
  std::optional<JournalWriter> writer_;
};

TEST(RetentionCheck, WhatALaterRequestStillFindsMustBeGone) {
  Journals trial;
  trial.begin();
  for (const uint64_t seq : {1, 2, 3}) trial.durable(seq);
  trial.retain({2, 3}, {1});
  trial.begin();  // a resumed run lists what the killed one has left
  trial.durable(4);
  trial.retain({3, 4}, {1, 2});
  const auto evidence = trial.check();
  ASSERT_TRUE(evidence);
  EXPECT_THAT(evidence->kept, ElementsAre(3, 4));
  EXPECT_THAT(evidence->let_go, ElementsAre(1));
}

// Deleting in the background may end with the process; the next request makes up for it.
TEST(RetentionCheck, TheLastRequestMayBeUnderWay) {
  Journals trial;
  trial.begin();
  for (const uint64_t seq : {1, 2, 3}) trial.durable(seq);
  trial.retain({2, 3}, {1});
  const auto evidence = trial.check();
  ASSERT_TRUE(evidence);
  EXPECT_THAT(evidence->let_go, IsEmpty());
}

TEST(RetentionCheck, WhatIsKeptOrMadeAnewIsNotLetGo) {
  Journals trial;
  trial.begin();
  for (const uint64_t seq : {1, 2, 3, 4}) trial.durable(seq);
  trial.retain({3, 4}, {1, 2});
  trial.begin();  // what was newer is lost, and step 4 is saved again
  trial.durable(2);
  trial.retain({1, 2}, {});
  trial.durable(5);
  trial.retain({2, 5}, {1});
  const auto evidence = trial.check();
  ASSERT_TRUE(evidence);
  EXPECT_THAT(evidence->let_go, IsEmpty());
}

// What is kept may need what is let go, and the list shows both.
TEST(RetentionCheck, ABaseOfACompositionMayStay) {
  Journals trial;
  trial.begin();
  for (const uint64_t seq : {1, 2, 3}) trial.durable(seq);
  trial.retain({2}, {1});
  trial.retain({3}, {2});
  EXPECT_THAT(trial.check(false)->let_go, IsEmpty());
  EXPECT_THAT(trial.check(true)->let_go, ElementsAre(1));
}

}  // namespace
}  // namespace ckptbench
