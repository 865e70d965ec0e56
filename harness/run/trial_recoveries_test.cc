// How a recovery that is to be killed ends decides which one counts; and each runs apart from the
// process before it.
#include "harness/run/trial_recoveries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kPhaseFired =
    R"({"fault":"kill","kind":"phase","phase":"sync","edge":"before","occurrence":1,"pid":7})";

// Recoveries that go well, but for the one that is to be killed, which does as the test says.
class Recoveries : public testing::Test {
 protected:
  enum class Killed { kFinishes, kLeavesWithZero, kCrashes, kMeetsTheFault };

  class Runner : public JobRunner {
   public:
    Runner(Recoveries& all, std::string name) : all_(all), name_(std::move(name)) {}
    ProcessEnd run(const JobFiles& files, double) override {
      const std::string job = std::filesystem::path(files.log).stem().string();
      all_.ran_.push_back(job + " " + name_);
      const bool killed = job == "recover-killed";
      return killed && all_.killed_ != Killed::kFinishes ? end_early(files) : finish(files);
    }

   private:
    static void note(const JobFiles& files, JournalEntry entry) {
      std::ofstream(files.journal, std::ios::app) << format_entry(entry);
    }
    static ProcessEnd finish(const JobFiles& files) {
      RecoveryReport report;
      report.outcome = RecoveryReport::Outcome::kRestored;
      report.resave_durable = true;
      report.anew = read_job(files.job).value().by_number;
      std::ofstream(files.report) << json_text(report);
      note(files, {.event = Event::kRestored});
      note(files, {.event = Event::kEnd});
      return {.exited = true};
    }
    ProcessEnd end_early(const JobFiles& files) const {
      note(files, {.event = Event::kStart});
      if (all_.killed_ == Killed::kLeavesWithZero) return {.exited = true};
      if (all_.killed_ == Killed::kCrashes) return {.signal = SIGSEGV};
      note(files, {.event = Event::kRequested, .step = 9});
      std::ofstream(files.faults) << kPhaseFired << "\n";
      return {.signal = SIGKILL};
    }

    Recoveries& all_;
    std::string name_;
  };

  void SetUp() override {
    cell_.fault = {"phase", {{"phase", "sync"}}};
    evidence_.cell = cell_;
  }
  void kill(Killed how) {
    killed_ = how;
    const Status status = recoveries_.kill();
    ASSERT_TRUE(status.ok());
  }

  TempDir folder_ = std::move(TempDir::make("recoveries")).value();
  std::string path_ = folder_.path();
  Runner first_{*this, "first"};
  Runner other_{*this, "other"};
  Baselines baselines_{path_, path_};
  NamedInfo strategy_;
  std::vector<KnownFailure> known_;
  TrialSetup setup_{first_, other_, baselines_, strategy_, known_};
  Cell cell_;
  TrialEvidence evidence_;
  TrialRecoveries recoveries_{cell_, path_, setup_, evidence_};
  std::vector<std::string> ran_;
  Killed killed_ = Killed::kFinishes;
};

TEST_F(Recoveries, EachRunsApartFromTheProcessBeforeIt) {
  recoveries_.run();
  EXPECT_THAT(ran_, ElementsAre("recover-1 other", "recover-2 first"));
  EXPECT_TRUE(evidence_.recovery && evidence_.second);
  EXPECT_EQ(recoveries_.journals().size(), 2U);
  EXPECT_EQ(evidence_.resumed_journals.size(), 2U);
}

TEST_F(Recoveries, AfterOneThatTheFaultEndsTheNextCounts) {
  kill(Killed::kMeetsTheFault);
  EXPECT_TRUE(evidence_.fault.fired);
  EXPECT_FALSE(recoveries_.lived() || recoveries_.ended_early());
  ASSERT_EQ(evidence_.journal.entries.size(), 1U) << "the save that it requested";
  EXPECT_EQ(evidence_.journal.entries[0].step, 9U);
  recoveries_.run();
  EXPECT_THAT(ran_, ElementsAre("recover-killed other", "recover-1 first", "recover-2 other"));
  EXPECT_FALSE(evidence_.recovery->anew);
}

TEST_F(Recoveries, OneThatFinishesHasLived) {
  kill(Killed::kFinishes);
  EXPECT_TRUE(recoveries_.lived());
  EXPECT_FALSE(recoveries_.ended_early());
}

// Exit code 0 is no sign that it has lived: a strategy can end the process with it.
TEST_F(Recoveries, OneThatEndsItselfBeforeTheFaultIsTheOneThatCounts) {
  for (const Killed how : {Killed::kCrashes, Killed::kLeavesWithZero}) {
    TrialEvidence evidence;
    evidence.cell = cell_;
    TrialRecoveries recoveries(cell_, path_, setup_, evidence);
    ran_.clear();
    killed_ = how;
    ASSERT_TRUE(recoveries.kill().ok());
    EXPECT_FALSE(recoveries.lived());
    EXPECT_TRUE(recoveries.ended_early());
    EXPECT_EQ(evidence.recovered.exited, how == Killed::kLeavesWithZero);
    EXPECT_EQ(evidence.cell.fault.kind, Fault{}.kind) << "it met none";
    recoveries.run();
    EXPECT_THAT(ran_,
                ElementsAre("recover-killed other", "recover-1-asked-1 first", "recover-2 other"));
    ASSERT_TRUE(evidence.recovery);
    EXPECT_TRUE(evidence.recovery->anew);
  }
}

}  // namespace
}  // namespace ckptbench
