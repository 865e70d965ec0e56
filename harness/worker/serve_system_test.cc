// The fork server: one child at a time, nothing left of it, stacks on demand.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "harness/platform/files.h"
#include "harness/platform/proc.h"
#include "harness/worker/testing/worker_driver.h"

namespace ckptbench {
namespace {

constexpr char kOpensPipe[] = "wait_for_partner";  // Linux: a pipe is opened that has no other end

// The function of the kernel in which the process waits.
std::string place_in_kernel(pid_t pid) {
  const auto place = read_file("/proc/" + std::to_string(pid) + "/wchan");
  return place ? place.value() : place.error().message;
}

class ServeSystem : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(server_.receive(), nlohmann::json({{"ready", true}})); }

  pid_t start(const std::string& job_path) {
    server_.send({{"job", job_path}, {"log", folder_.path("log")}});
    const nlohmann::json answer = server_.receive();
    return answer.is_object() ? answer.value("started", -1) : -1;
  }
  int run(JobRole role, const std::string& name) {
    const pid_t pid = start(folder_.write(role, name));
    const nlohmann::json answer = server_.receive();
    EXPECT_EQ(answer.value("exited", -1), pid);
    return answer.value("status", -1);
  }
  // Opening a pipe without a reader hangs for good, inside the job.
  pid_t start_hanging(const std::string& name) {
    const Job job = folder_.job(JobRole::kTrain, name);
    EXPECT_EQ(::mkfifo(job.journal_path.c_str(), 0600), 0);
    return start(folder_.write(job));
  }
  // Of the job that runs, asked for once, when it hangs: who finds a hang asks no second time.
  std::string stacks_of_hanging(pid_t pid) {
    for (int i = 0; i < 10000 && place_in_kernel(pid) != kOpensPipe; ++i) ::usleep(1000);
    EXPECT_EQ(place_in_kernel(pid), kOpensPipe);
    const std::string stacks = folder_.path("stacks.txt");
    std::filesystem::remove(stacks);
    server_.send({{"stacks", stacks}});
    for (int j = 0; j < 5000 && !std::filesystem::exists(stacks); ++j) ::usleep(1000);
    return folder_.text("stacks.txt");
  }
  void expect_kill_ends(pid_t pid) {
    server_.send({{"kill", true}});
    const nlohmann::json ended = server_.receive();
    EXPECT_EQ(ended.value("exited", -1), pid);
    EXPECT_TRUE(killed(ended.value("status", 0)));
  }

  JobFolder folder_;
  WorkerProcess server_{{"serve"}, folder_.path("server.log")};
};

TEST_F(ServeSystem, HasOneThreadAndForkedJobsTrainAsFreshOnes) {
  EXPECT_EQ(threads_of(server_.pid()).size(), 1U);
  EXPECT_TRUE(exited_with(run(JobRole::kReference, "forked"), ExitCode::kOk));
  EXPECT_TRUE(exited_with(run(JobRole::kReference, "again"), ExitCode::kOk));
  ASSERT_TRUE(
      exited_with(exec_job(folder_, folder_.write(JobRole::kReference, "fresh")), ExitCode::kOk));
  EXPECT_EQ(folder_.digests("forked"), folder_.digests("fresh"));
  EXPECT_EQ(folder_.digests("again"), folder_.digests("fresh"));
}

TEST(ServePython, HasOneThreadAndItsForkedJobsBehaveAsFreshOnes) {
  JobFolder folder;
  folder.cell().strategy.name = "python:torch_save";
  WorkerProcess server({"serve", "--python"}, folder.path("server.log"));
  ASSERT_EQ(server.receive(), nlohmann::json({{"ready", true}})) << folder.text("server.log");
  EXPECT_EQ(threads_of(server.pid()).size(), 1U);
  EXPECT_NE(
      read_file("/proc/" + std::to_string(server.pid()) + "/maps").value().find("libtorch_python"),
      std::string::npos);
  const auto run = [&](JobRole role, const std::string& name) {
    server.send({{"job", folder.write(role, name)}, {"log", folder.path("log")}});
    server.receive();
    return server.receive().value("status", -1);
  };
  ASSERT_TRUE(exited_with(run(JobRole::kTrain, "forked"), ExitCode::kOk)) << folder.text("log");
  EXPECT_TRUE(exited_with(run(JobRole::kRecover, "recover"), ExitCode::kOk)) << folder.text("log");
  EXPECT_EQ(folder.recovery("recover").outcome, RecoveryReport::Outcome::kRestored);
  JobFolder fresh;
  fresh.cell().strategy.name = "python:torch_save";
  ASSERT_TRUE(exited_with(exec_job(fresh, fresh.write(JobRole::kTrain, "fresh")), ExitCode::kOk));
  EXPECT_EQ(folder.digests("forked"), fresh.digests("fresh"));
}

TEST_F(ServeSystem, ByItselfItHasNoPython) {
  const std::string maps = read_file("/proc/" + std::to_string(server_.pid()) + "/maps").value();
  EXPECT_EQ(maps.find("libtorch_python"), std::string::npos);
}

TEST(ServePython, WithoutPythonItSaysSo) {
  JobFolder folder;
  ::setenv("CKPT_PYTHON", "/no/such/python3", 1);
  WorkerProcess server({"serve", "--python"}, folder.path("server.log"));
  ::unsetenv("CKPT_PYTHON");
  EXPECT_TRUE(exited_with(server.wait(), ExitCode::kEnvironment)) << folder.text("server.log");
  EXPECT_NE(folder.text("server.log").find("cannot import torch"), std::string::npos)
      << folder.text("server.log");
}

TEST_F(ServeSystem, KilledTrialsRecoverAndTheServerGoesOn) {
  folder_.cell().strategy.name = "async";
  folder_.cell().fault = {"phase", {{"phase", "write"}, {"occurrence", "3"}}};
  Job job = folder_.job(JobRole::kTrain, "train");
  job.fault_log_path = folder_.path("faults.jsonl");
  const pid_t pid = start(folder_.write(job));
  const nlohmann::json ended = server_.receive();
  EXPECT_EQ(ended.value("exited", -1), pid);
  EXPECT_TRUE(killed(ended.value("status", 0)));
  EXPECT_TRUE(exited_with(run(JobRole::kRecover, "recover"), ExitCode::kOk));
  EXPECT_EQ(folder_.recovery("recover").outcome, RecoveryReport::Outcome::kRestored);
}

// One after the other: what the first has written must not hide the second's.
TEST_F(ServeSystem, EachHangingChildGivesItsStacksAndIsKilled) {
  for (const std::string name : {"first", "second"}) {
    const pid_t pid = start_hanging(name);
    ASSERT_GT(pid, 0);
    const std::string text = stacks_of_hanging(pid);
    EXPECT_NE(text.find("thread " + std::to_string(pid)), std::string::npos) << text;
    EXPECT_NE(text.find("JournalWriter"), std::string::npos) << text;
    expect_kill_ends(pid);
  }
}

// Nobody else would ever end it.
TEST_F(ServeSystem, AJobEndsWithAServerThatIsKilled) {
  const pid_t pid = start_hanging("train");
  ASSERT_GT(pid, 0);
  ::kill(server_.pid(), SIGKILL);
  server_.wait();
  const auto is_running = [&] {
    const auto stat = stat_of_thread(pid, pid);
    return stat && stat->state != 'Z';
  };
  const int64_t until_ns = now_ns() + kTestDeadlineNs;
  while (is_running() && now_ns() < until_ns) ::usleep(1000);
  EXPECT_FALSE(is_running());
}

// What the server blocks for itself would reach every program that a job starts.
TEST_F(ServeSystem, AJobHasNoSignalBlocked) {
  const pid_t pid = start_hanging("train");
  ASSERT_GT(pid, 0);
  const auto blocks_nothing = [&] {
    const std::string status = read_file("/proc/" + std::to_string(pid) + "/status").value();
    return status.find("SigBlk:\t0000000000000000\n") != std::string::npos;
  };
  const int64_t until_ns = now_ns() + kTestDeadlineNs;
  while (!blocks_nothing() && now_ns() < until_ns) ::usleep(1000);
  EXPECT_TRUE(blocks_nothing());
  expect_kill_ends(pid);
}

TEST_F(ServeSystem, TheLogOfAJobIsAddedToThatOfTheOneBefore) {
  folder_.cell().strategy.name = "snyc";
  EXPECT_TRUE(exited_with(run(JobRole::kTrain, "first"), ExitCode::kUsage));
  EXPECT_TRUE(exited_with(run(JobRole::kTrain, "second"), ExitCode::kUsage));
  const std::string log = folder_.text("log");
  const size_t first = log.find("did you mean");
  ASSERT_NE(first, std::string::npos) << log;
  EXPECT_NE(log.find("did you mean", first + 1), std::string::npos) << log;
}

TEST_F(ServeSystem, AnOrphanIsGoneBeforeExitedIsSaid) {
  std::ofstream(folder_.path("orphan.py"))
      << "import subprocess\n"
         "class Orphan:\n"
         "    def __init__(self, directory):\n"
         "        self.directory = directory\n"
         "    def save(self, state, step):\n"
         "        child = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
         "        with open(self.directory + '/pid', 'w') as file:\n"
         "            file.write(str(child.pid))\n"
         "    def wait(self):\n"
         "        pass\n"
         "    def restore(self):\n"
         "        return None\n";
  folder_.cell().strategy.name = "python:" + folder_.path("orphan.py") + ":Orphan";
  folder_.cell().policy.every_steps = 8;
  EXPECT_TRUE(exited_with(run(JobRole::kTrain, "train"), ExitCode::kOk)) << folder_.text("log");
  const std::string pid = folder_.text("checkpoints/pid");
  ASSERT_FALSE(pid.empty()) << folder_.text("log");
  EXPECT_FALSE(std::filesystem::exists("/proc/" + pid));
}

TEST_F(ServeSystem, AReportIsWholeOrAbsentWheneverTheProcessDies) {
  ASSERT_TRUE(exited_with(run(JobRole::kTrain, "train"), ExitCode::kOk));
  int whole = 0;
  for (int i = 0; i < 20; ++i) {
    const std::string name = "recover" + std::to_string(i);
    const int64_t kill_at_ns = now_ns() + i * 1'500'000;
    const pid_t pid = start(folder_.write(JobRole::kRecover, name));
    while (now_ns() < kill_at_ns) {
    }
    server_.send({{"kill", true}});
    ASSERT_EQ(server_.receive().value("exited", -1), pid);
    if (!std::filesystem::exists(folder_.path(name + ".report.json"))) continue;
    EXPECT_NO_THROW(folder_.recovery(name));
    ++whole;
  }
  EXPECT_LT(whole, 20);  // the first are killed at once
}

TEST_F(ServeSystem, EndOfInputEndsTheServerAndItsChild) {
  const pid_t pid = start_hanging("train");
  server_.close_input();
  EXPECT_EQ(server_.receive().value("exited", -1), pid);
  EXPECT_TRUE(exited_with(server_.wait(), ExitCode::kOk));
  EXPECT_FALSE(std::filesystem::exists("/proc/" + std::to_string(pid)));
}

TEST_F(ServeSystem, MalformedCommandsAreUsageErrors) {
  server_.send({{"jop", "x"}});
  EXPECT_TRUE(exited_with(server_.wait(), ExitCode::kUsage));
  EXPECT_NE(folder_.text("server.log").find("did you mean 'job'"), std::string::npos);
}

}  // namespace
}  // namespace ckptbench
