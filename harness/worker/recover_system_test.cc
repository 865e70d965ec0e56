// Recoveries by the real worker: what it proves of a restore, and what it asks for after a refusal.
#include <gtest/gtest.h>

#include "harness/core/retained_report.h"
#include "harness/worker/testing/worker_driver.h"

namespace ckptbench {
namespace {

void run_job(JobFolder& folder, JobRole role, const std::string& name) {
  ASSERT_TRUE(exited_with(exec_job(folder, folder.write(role, name)), ExitCode::kOk))
      << folder.text("exec.log");
}

TEST(RecoverSystem, WhatARestoreLeavesUnfilledIsNamedAndNotTrainedOn) {
  JobFolder folder;
  folder.cell().strategy.name = "broken-no-rng";
  run_job(folder, JobRole::kTrain, "train");
  run_job(folder, JobRole::kRecover, "recover");
  RecoveryReport report = folder.recovery("recover");
  EXPECT_EQ(report.outcome, RecoveryReport::Outcome::kRestored);
  EXPECT_EQ(report.unfilled, std::vector<std::string>{"rng.cpu"});
  EXPECT_NE(report.load_error.find("rng.cpu"), std::string::npos) << report.load_error;
  EXPECT_TRUE(report.continuation.empty());
  EXPECT_FALSE(report.resave_durable);
  // All but what was left out is that of the step.
  ComponentDigests trained = folder.digests("train").at(8);
  EXPECT_NE(report.restored, trained);
  report.restored.erase(Role::kRng);
  trained.erase(Role::kRng);
  EXPECT_EQ(report.restored, trained);
}

std::vector<uint64_t> steps_of(const std::vector<JournalEntry>& entries) {
  std::vector<uint64_t> steps;
  for (const JournalEntry& entry : entries) steps.push_back(entry.step);
  return steps;
}

// What only the first save of a resumed process gets right is met by the second.
TEST(RecoverSystem, AResumedRunSavesMoreThanOnceAndRetains) {
  JobFolder folder;
  run_job(folder, JobRole::kTrain, "train");
  run_job(folder, JobRole::kRecover, "recover");
  const auto journal = folder.journal("recover");
  EXPECT_EQ(steps_of(only(journal, Event::kRequested)), (std::vector<uint64_t>{10, 12}));
  EXPECT_EQ(steps_of(reported_durable(journal)), (std::vector<uint64_t>{10, 12}));
  const auto retains = only(journal, Event::kRetain);
  ASSERT_EQ(retains.size(), 2U);
  EXPECT_EQ(retains[0].keeps, (std::vector<uint64_t>{4, 5}));
  EXPECT_EQ(retains[1].keeps, (std::vector<uint64_t>{5, 6}));
  EXPECT_EQ(folder.recovery("recover").resaved_step, 12U);
  EXPECT_TRUE(folder.recovery("recover").resave_durable);
  run_job(folder, JobRole::kRecover, "resume");
  EXPECT_EQ(folder.recovery("resume").step, 12U);
  EXPECT_EQ(folder.recovery("resume").restored, folder.digests("recover").at(12));
}

// Where the policy asks for no save in the further updates, one lies half way all the same; where
// it asks for many, each is requested.
TEST(RecoverSystem, ItsSavesFollowThePolicyAndOneLiesHalfWay) {
  for (const auto& [every_steps, steps] :
       {std::pair(uint64_t{7}, std::vector<uint64_t>{9, 11}),
        std::pair(uint64_t{1}, std::vector<uint64_t>{9, 10, 11, 12})}) {
    JobFolder folder;
    folder.cell().policy.every_steps = every_steps;
    run_job(folder, JobRole::kTrain, "train");
    run_job(folder, JobRole::kRecover, "recover");
    EXPECT_EQ(steps_of(only(folder.journal("recover"), Event::kRequested)), steps) << every_steps;
    EXPECT_TRUE(folder.recovery("recover").resave_durable) << every_steps;
  }
}

TEST(RecoverSystem, AfterARefusalOlderCheckpointsAreAskedForByName) {
  JobFolder folder;
  folder.cell().strategy.name = "broken-no-fallback";
  run_job(folder, JobRole::kReference, "reference");
  run_job(folder, JobRole::kTrain, "train");
  std::filesystem::resize_file(folder.path("checkpoints/checkpoint-4.bin"), 300);
  run_job(folder, JobRole::kRecover, "recover");
  const RecoveryReport report = folder.recovery("recover");
  EXPECT_EQ(report.outcome, RecoveryReport::Outcome::kRestored);
  EXPECT_TRUE(report.by_number);
  EXPECT_NE(report.reason.find("checkpoint-4.bin"), std::string::npos) << report.reason;
  EXPECT_EQ(report.step, 6U);
  EXPECT_EQ(report.restored, folder.digests("reference").at(6));
  ASSERT_EQ(report.continuation.size(), folder.cell().more_steps);
  EXPECT_EQ(report.continuation.back().digests,
            folder.digests("reference").at(6 + folder.cell().more_steps));
  EXPECT_TRUE(report.resave_durable) << report.resave_error;
}

TEST(RecoverSystem, WhereNothingOlderLoadsEachAttemptIsTold) {
  JobFolder folder;
  folder.cell().strategy.name = "broken-no-fallback";
  run_job(folder, JobRole::kTrain, "train");
  // The same directory, another model: both checkpoints are whole, and neither fits.
  folder.cell().workload.params["hidden"] = "16";
  run_job(folder, JobRole::kRecover, "recover");
  const RecoveryReport report = folder.recovery("recover");
  EXPECT_EQ(report.outcome, RecoveryReport::Outcome::kRefused);
  ASSERT_EQ(report.tried.size(), 2U);
  EXPECT_TRUE(report.tried[0].starts_with("seq 4 (step 8): "));
  EXPECT_TRUE(report.tried[1].starts_with("seq 3 (step 6): "));
}

// After a process that ended in its restore: the newest is not restored by itself, and what ended a
// process is left out.
TEST(RecoverSystem, AFurtherProcessAsksByNumberAtOnce) {
  JobFolder folder;
  run_job(folder, JobRole::kReference, "reference");
  run_job(folder, JobRole::kTrain, "train");
  Job job = folder.job(JobRole::kRecover, "recover");
  job.by_number = true;
  job.asked = {4};
  ASSERT_TRUE(exited_with(exec_job(folder, folder.write(job)), ExitCode::kOk))
      << folder.text("exec.log");
  const RecoveryReport report = folder.recovery("recover");
  EXPECT_TRUE(report.anew);
  EXPECT_TRUE(report.by_number);
  EXPECT_EQ(report.asked, (std::vector<uint64_t>{4, 3}));
  EXPECT_EQ(report.step, 6U);
  EXPECT_EQ(report.restored, folder.digests("reference").at(6));
  EXPECT_TRUE(report.resave_durable) << report.resave_error;
}

// Notes outside its directory which of its members are called.
constexpr const char* kNoting = R"(
import os, torch
class Noting:
    def __init__(self, directory):
        self.directory = directory
    def note(self, word):
        with open(os.path.join(os.path.dirname(__file__), "calls"), "a") as calls:
            calls.write(word + " ")
    def path(self, step):
        return os.path.join(self.directory, f"{step:09d}.pt")
    def save(self, state, step):
        self.note("save")
        torch.save(state, self.path(step))
    def steps(self):
        return sorted((int(name[:9]) for name in os.listdir(self.directory)), reverse=True)
    def list(self):
        self.note("list")
        return self.steps()
    def restore(self, step=None):
        self.note("restore")
        steps = self.steps() if step is None else [step]
        return (torch.load(self.path(steps[0])), steps[0]) if steps else None
    def retain(self, steps):
        self.note("retain")
        for step in set(self.steps()) - set(steps):
            os.unlink(self.path(step))
)";

TEST(RecoverSystem, AResumedRunListsBeforeItTrains) {
  JobFolder folder;
  std::ofstream(folder.path("noting.py")) << kNoting;
  folder.cell().strategy.name = "python:" + folder.path("noting.py") + ":Noting";
  run_job(folder, JobRole::kTrain, "train");
  std::filesystem::remove(folder.path("calls"));
  run_job(folder, JobRole::kRecover, "recover");
  const std::string calls = folder.text("calls");
  EXPECT_EQ(calls, "restore list save retain save retain ");
}

// In a resumed run its wait() takes back what durable() has said.
constexpr const char* kTakingBack = R"(
import os, torch
class TakingBack:
    background = True
    def __init__(self, directory):
        self.path = os.path.join(directory, "c.pt")
        self.resumed = os.path.exists(self.path)
        self.newest = None
    def save(self, state, step):
        torch.save((state, step), self.path + ".tmp")
        os.replace(self.path + ".tmp", self.path)
        self.newest = step
    def done(self):
        return True
    def durable(self):
        return self.newest
    def wait(self):
        if self.resumed:
            raise OSError("the upload failed")
    def restore(self):
        return torch.load(self.path) if os.path.exists(self.path) else None
)";

TEST(RecoverSystem, TheLastSaveOfAResumedRunIsWaitedForOnceMore) {
  JobFolder folder;
  std::ofstream(folder.path("taking_back.py")) << kTakingBack;
  folder.cell().strategy.name = "python:" + folder.path("taking_back.py") + ":TakingBack";
  run_job(folder, JobRole::kTrain, "train");
  EXPECT_TRUE(only(folder.journal("train"), Event::kFailed).empty());
  run_job(folder, JobRole::kRecover, "recover");
  const auto failed = only(folder.journal("recover"), Event::kFailed);
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed[0].step, 12U);
  EXPECT_EQ(failed[0].by, "wait");
  EXPECT_NE(failed[0].detail.find("the upload failed"), std::string::npos) << failed[0].detail;
}

TEST(RecoverSystem, CheckpointsAreAskedForByTheirNumbers) {
  JobFolder folder;
  run_job(folder, JobRole::kReference, "reference");
  run_job(folder, JobRole::kTrain, "train");
  Job job = folder.job(JobRole::kRetained, "retained");
  job.asked = {3, 4, 9};
  ASSERT_TRUE(exited_with(exec_job(folder, folder.write(job)), ExitCode::kOk))
      << folder.text("exec.log");
  const auto report = read_retained(folder.path("retained.report.json"));
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_TRUE(report.value().restores_by_number);
  ASSERT_EQ(report.value().listed.size(), 2U);
  EXPECT_EQ(report.value().listed[0].seq, 4U);
  EXPECT_EQ(report.value().listed[0].step, 8U);
  ASSERT_EQ(report.value().asked.size(), 3U);
  EXPECT_EQ(report.value().asked[0].error, "");
  EXPECT_EQ(report.value().asked[0].step, 6U);
  EXPECT_EQ(report.value().asked[0].digests, folder.digests("reference").at(6));
  EXPECT_NE(report.value().asked[2].error, "") << "there is none of number 9";
}

}  // namespace
}  // namespace ckptbench
