// Trials by hand: the real worker trains, meets a fault, recovers and resumes.
#include <gtest/gtest.h>

#include "faults/fault_log.h"
#include "harness/core/json_text.h"
#include "harness/core/phase.h"
#include "harness/platform/testing/file_size_limit.h"
#include "harness/worker/testing/worker_driver.h"

namespace ckptbench {
namespace {

void run_reference(JobFolder& folder) {
  ASSERT_TRUE(
      exited_with(exec_job(folder, folder.write(JobRole::kReference, "reference")), ExitCode::kOk))
      << folder.text("exec.log");
}

TEST(TrainSystem, SavingChangesNoStepAndEndsInOrder) {
  JobFolder folder;
  run_reference(folder);
  Job job = folder.job(JobRole::kTrain, "train");
  job.samples_leaks = true;
  ASSERT_TRUE(exited_with(exec_job(folder, folder.write(job)), ExitCode::kOk));
  const auto reference = folder.digests("reference");
  const auto trained = folder.digests("train");
  EXPECT_EQ(reference.size(), 13U);  // steps 0 to 8, and four more
  ASSERT_EQ(trained.size(), 9U);
  for (const auto& [step, digests] : trained) EXPECT_EQ(digests, reference.at(step)) << step;
  EXPECT_NE(reference.at(3), reference.at(4));
  const auto journal = folder.journal("train");
  EXPECT_EQ(only(journal, Event::kRequested).size(), 4U);
  EXPECT_EQ(reported_durable(journal).size(), 4U);
  EXPECT_EQ(only(journal, Event::kRetired).size(), 2U);  // keep_last = 2
  EXPECT_EQ(journal.back().event, Event::kEnd);
  const auto report = parse_json(folder.text("train.report.json"));
  EXPECT_EQ(report["observed"]["descriptors"].size(), 4U);
  EXPECT_EQ(report["observed"]["phases"]["publish"], 4);
}

TEST(TrainSystem, AReferenceRunSaysHowLargeItsStateIs) {
  JobFolder folder;
  run_reference(folder);
  const auto report = parse_json(folder.text("reference.report.json"));
  EXPECT_GT(report.value("state_bytes", uint64_t{0}), uint64_t{10000});
}

// Only the run that looks for leaks waits for deletions after each save: elsewhere they overlap.
TEST(TrainSystem, AJudgedRunTakesNoSamples) {
  JobFolder folder;
  ASSERT_TRUE(exited_with(exec_job(folder, folder.write(JobRole::kTrain, "train")), ExitCode::kOk));
  const auto report = parse_json(folder.text("train.report.json"));
  EXPECT_EQ(report["observed"]["phases"]["publish"], 4);
  EXPECT_TRUE(report["observed"]["descriptors"].empty());
}

TEST(TrainSystem, RequestedIsJournaledBeforeAnythingElseOfASave) {
  JobFolder folder;
  ASSERT_TRUE(exited_with(exec_job(folder, folder.write(JobRole::kTrain, "train")), ExitCode::kOk));
  std::map<uint64_t, Event> last;
  for (const JournalEntry& entry : folder.journal("train")) {
    if (!entry.by.empty() && entry.by != "observer") continue;  // says again what is known
    if (entry.event == Event::kCaptured) {
      EXPECT_EQ(last[entry.step], Event::kRequested);
    }
    if (entry.event == Event::kDurable) {
      EXPECT_EQ(last[entry.step], Event::kCaptured);
    }
    last[entry.step] = entry.event;
  }
}

// What the oracle asks of a recovery, in short: one reference step between floor and last request,
// a continuation that matches, and a second resume from its own save.
void expect_recovery(JobFolder& folder, uint64_t floor, uint64_t last) {
  const auto reference = folder.digests("reference");
  for (const std::string name : {"recover", "resume"}) {
    ASSERT_TRUE(exited_with(exec_job(folder, folder.write(JobRole::kRecover, name)), ExitCode::kOk))
        << folder.text("exec.log");
    const RecoveryReport report = folder.recovery(name);
    ASSERT_NE(report.outcome, RecoveryReport::Outcome::kRefused) << report.reason;
    EXPECT_GE(report.step, floor);
    EXPECT_LE(report.step, last);
    if (reference.count(report.step) > 0) {
      EXPECT_EQ(report.restored, reference.at(report.step)) << name;
    }
    ASSERT_EQ(report.continuation.size(), folder.cell().more_steps);
    for (const StepDigests& step : report.continuation) {
      if (reference.count(step.step) > 0) {
        EXPECT_EQ(step.digests, reference.at(step.step));
      }
    }
    EXPECT_TRUE(report.resave_durable) << report.resave_error;
    floor = last = report.resaved_step;
  }
}

void expect_kill_and_recovery(JobFolder& folder, Job job, const std::string& preload) {
  run_reference(folder);
  job.fault_log_path = folder.path("train.faults.jsonl");
  EXPECT_TRUE(killed(exec_job(folder, folder.write(job), preload))) << folder.text("exec.log");
  const auto evidence = read_fault_log(job.fault_log_path);
  ASSERT_TRUE(evidence.ok());
  EXPECT_TRUE(evidence.value().fired);
  const auto journal = folder.journal("train");
  EXPECT_TRUE(only(journal, Event::kEnd).empty());
  const auto requested = only(journal, Event::kRequested);
  ASSERT_FALSE(requested.empty());
  const auto durable = reported_durable(journal);
  expect_recovery(folder, durable.empty() ? 0 : durable.back().step, requested.back().step);
}

void expect_restore_is_passed(JobFolder& folder) {
  folder.cell().fault = {"phase", {{"phase", "restore"}}};
  Job job = folder.job(JobRole::kRecover, "recover");
  job.fault_log_path = folder.path("recover.faults.jsonl");
  EXPECT_TRUE(killed(exec_job(folder, folder.write(job)))) << folder.text("exec.log");
  EXPECT_TRUE(read_fault_log(job.fault_log_path).value().fired);
}

// A phase that no strategy passed could be killed nowhere, and its trials would be NOT-APPLICABLE.
TEST(TrainSystem, EveryPhaseIsPassedByTheStrategiesThatHaveIt) {
  for (const std::string strategy : {"sync", "async", "compressed", "incremental"}) {
    JobFolder folder;
    folder.cell().strategy.name = strategy;
    folder.cell().policy.keep_last = 1;  // two saves, the first and the last, are never merged
    ASSERT_TRUE(
        exited_with(exec_job(folder, folder.write(JobRole::kTrain, "train")), ExitCode::kOk));
    const auto passed = parse_json(folder.text("train.report.json"))["observed"]["phases"];
    ASSERT_EQ(passed.size(), static_cast<size_t>(kPhaseCount));
    for (int i = 0; i < kPhaseCount; ++i) {
      const auto phase = static_cast<Phase>(i);
      if (phase == Phase::kRestore) continue;
      const bool has =
          phase != Phase::kStage || strategy != "sync";  // sync writes from the tensors
      const std::string name(phase_name(phase));
      EXPECT_EQ(passed.at(name).get<int>() > 0, has) << strategy << " " << name;
    }
    expect_restore_is_passed(folder);
  }
}

TEST(TrainSystem, KilledAtAPhase) {
  for (const char* strategy : {"sync", "async"}) {
    JobFolder folder;
    folder.cell().strategy.name = strategy;
    folder.cell().fault = {"phase", {{"phase", "publish"}, {"occurrence", "3"}}};
    expect_kill_and_recovery(folder, folder.job(JobRole::kTrain, "train"), "");
  }
}

TEST(TrainSystem, KilledAtAFileOperation) {
  JobFolder folder;
  folder.cell().fault = {"file_op",
                         {{"operation", "rename"}, {"occurrence", "3"}, {"when", "after"}}};
  expect_kill_and_recovery(folder, folder.job(JobRole::kTrain, "train"), CKPT_FAULT_LIBRARY);
}

TEST(TrainSystem, KilledAtAMoment) {
  JobFolder folder;
  folder.cell().steps = 200;
  folder.cell().fault = {"moment", {{"at_ns", "3000000"}}};
  expect_kill_and_recovery(folder, folder.job(JobRole::kTrain, "train"), "");
}

TEST(TrainSystem, AMomentAfterTheLastStepStillFires) {
  JobFolder folder;
  folder.cell().steps = 2;
  folder.cell().fault = {"moment", {{"at_ns", "300000000"}}};
  expect_kill_and_recovery(folder, folder.job(JobRole::kTrain, "train"), "");
}

TEST(TrainSystem, AFaultWithoutALogIsNotArmed) {
  JobFolder folder;
  folder.cell().fault = {"phase", {{"phase", "capture"}}};
  EXPECT_TRUE(exited_with(exec_job(folder, folder.write(JobRole::kTrain, "train")), ExitCode::kOk));
}

TEST(TrainSystem, FileOperationsWithoutThePreloadLibraryAreAnError) {
  JobFolder folder;
  Job job = folder.job(JobRole::kTrain, "train");
  job.fault_log_path = folder.path("train.faults.jsonl");
  EXPECT_TRUE(exited_with(exec_job(folder, folder.write(job)), ExitCode::kEnvironment));
  EXPECT_NE(folder.text("exec.log").find("LD_PRELOAD"), std::string::npos);
}

TEST(TrainSystem, AnOpaquePeerHasNoPhase) {
  JobFolder folder;
  folder.cell().strategy.name = "torch-save";
  folder.cell().fault = {"phase", {{"phase", "write"}}};
  Job job = folder.job(JobRole::kTrain, "train");
  job.fault_log_path = folder.path("train.faults.jsonl");
  ASSERT_TRUE(exited_with(exec_job(folder, folder.write(job)), ExitCode::kOk));
  const auto journal = folder.journal("train");
  ASSERT_EQ(journal.back().event, Event::kEnd);
  EXPECT_TRUE(journal.back().detail.starts_with("not-applicable: torch-save"));
}

TEST(TrainSystem, NothingToRecoverTrainsFromTheStart) {
  JobFolder folder;
  run_reference(folder);
  ASSERT_TRUE(
      exited_with(exec_job(folder, folder.write(JobRole::kRecover, "recover")), ExitCode::kOk));
  const RecoveryReport report = folder.recovery("recover");
  EXPECT_EQ(report.outcome, RecoveryReport::Outcome::kNothing);
  EXPECT_EQ(report.restored, folder.digests("reference").at(0));
  EXPECT_EQ(report.continuation.at(0).digests, folder.digests("reference").at(1));
}

TEST(TrainSystem, ARefusedStateIsNotTrainedOn) {
  JobFolder folder;
  ASSERT_TRUE(exited_with(exec_job(folder, folder.write(JobRole::kTrain, "train")), ExitCode::kOk));
  // The same directory, another model: names fit, shapes do not.
  folder.cell().workload.params["hidden"] = "16";
  ASSERT_TRUE(
      exited_with(exec_job(folder, folder.write(JobRole::kRecover, "recover")), ExitCode::kOk));
  const RecoveryReport report = folder.recovery("recover");
  EXPECT_EQ(report.outcome, RecoveryReport::Outcome::kRefused);
  EXPECT_FALSE(report.reason.empty());
  EXPECT_TRUE(report.continuation.empty());
}

TEST(TrainSystem, ABusyWriterSkipsASaveAndSaysWhy) {
  JobFolder folder;
  folder.cell().workload.params["hidden"] = "1024";
  folder.cell().strategy = {.name = "compressed",
                            .params = {{"zstd_level", "19"}, {"busy", "skip"}}};
  folder.cell().policy.every_steps = 1;
  run_reference(folder);
  ASSERT_TRUE(exited_with(exec_job(folder, folder.write(JobRole::kTrain, "train")), ExitCode::kOk))
      << folder.text("exec.log");
  const auto journal = folder.journal("train");
  const auto skipped = only(journal, Event::kSkipped);
  const auto durable = reported_durable(journal);
  ASSERT_FALSE(skipped.empty());
  ASSERT_FALSE(durable.empty());
  EXPECT_EQ(only(journal, Event::kRequested).size(), 8U);
  EXPECT_EQ(skipped.size() + durable.size(), 8U);  // each request is one of the two
  EXPECT_TRUE(only(journal, Event::kFailed).empty());
  EXPECT_EQ(skipped[0].detail, "the previous save is still being written");
  EXPECT_EQ(journal.back().event, Event::kEnd);
  expect_recovery(folder, durable.back().step, durable.back().step);
}

TEST(TrainSystem, AFailedSaveIsAValueAndTrainingGoesOn) {
  JobFolder folder;
  folder.cell().workload.params["hidden"] = "4096";  // 4 MB and more of state
  {
    const FileSizeLimit limit(1 << 20);
    ASSERT_TRUE(
        exited_with(exec_job(folder, folder.write(JobRole::kTrain, "train")), ExitCode::kOk))
        << folder.text("exec.log");
  }
  const auto journal = folder.journal("train");
  std::map<std::string, int> failed;
  for (const JournalEntry& entry : only(journal, Event::kFailed)) ++failed[entry.by];
  EXPECT_EQ(failed, (std::map<std::string, int>{{"observer", 4}, {"wait", 4}}));
  EXPECT_TRUE(reported_durable(journal).empty());
  EXPECT_EQ(only(journal, Event::kStep).back().step, 8U);
  EXPECT_EQ(journal.back().event, Event::kEnd);
}

TEST(TrainSystem, AThrowingSaveEndsTheRunWithItsNameInTheJournal) {
  JobFolder folder;
  folder.cell().strategy.name = "broken-raises";
  const int status = exec_job(folder, folder.write(JobRole::kTrain, "train"));
  EXPECT_TRUE(exited_with(status, ExitCode::kNotAllowed)) << folder.text("exec.log");
  const auto journal = folder.journal("train");
  EXPECT_EQ(reported_durable(journal).size(), 1U);
  EXPECT_EQ(journal.back().event, Event::kFailed);
  EXPECT_EQ(journal.back().step, 4U);  // the second save
  EXPECT_TRUE(journal.back().detail.starts_with("exception: write checkpoint-2.bin"));
  EXPECT_NE(folder.text("exec.log").find(journal.back().detail), std::string::npos);
}

TEST(TrainSystem, AManualFileSavesOnceAndGoesAway) {
  JobFolder folder;
  folder.cell().policy = {.manual_file = folder.path("save-now")};
  std::ofstream(folder.path("save-now")) << "please";
  ASSERT_TRUE(exited_with(exec_job(folder, folder.write(JobRole::kTrain, "train")), ExitCode::kOk));
  const auto requested = only(folder.journal("train"), Event::kRequested);
  ASSERT_EQ(requested.size(), 1U);
  EXPECT_EQ(requested[0].step, 1U);
  EXPECT_FALSE(std::filesystem::exists(folder.path("save-now")));
}

TEST(TrainSystem, BestMetricSurvivesAResume) {
  JobFolder folder;
  folder.cell().policy = {.monitor = "loss", .best_only = true};
  run_reference(folder);
  ASSERT_TRUE(exited_with(exec_job(folder, folder.write(JobRole::kTrain, "train")), ExitCode::kOk));
  const auto requested = only(folder.journal("train"), Event::kRequested);
  ASSERT_FALSE(requested.empty());
  expect_recovery(folder, requested.back().step, requested.back().step);
  EXPECT_EQ(folder.recovery("recover").restored.count(Role::kPolicy), 1U);
}

TEST(TrainSystem, BadJobsAreNamed) {
  JobFolder folder;
  folder.cell().strategy.name = "snyc";
  EXPECT_TRUE(
      exited_with(exec_job(folder, folder.write(JobRole::kTrain, "train")), ExitCode::kUsage));
  EXPECT_NE(folder.text("exec.log").find("did you mean 'sync'"), std::string::npos);
  folder.cell().strategy.name = "sync";
  folder.cell().policy.best_only = true;
  EXPECT_TRUE(
      exited_with(exec_job(folder, folder.write(JobRole::kTrain, "train")), ExitCode::kUsage));
  folder.cell().policy.best_only = false;
  folder.cell().device = "cuda";
  EXPECT_TRUE(exited_with(exec_job(folder, folder.write(JobRole::kTrain, "train")),
                          ExitCode::kEnvironment));
  EXPECT_TRUE(exited_with(exec_job(folder, folder.path("missing.json")), ExitCode::kUsage));
}

}  // namespace
}  // namespace ckptbench
