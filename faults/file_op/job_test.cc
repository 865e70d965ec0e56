// What the processes and threads of one job share: counts, the point, the kill.
#include <gmock/gmock.h>
#include <signal.h>

#include <set>

#include "faults/testing/probe_run.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;

class JobTest : public ProbeRun {
 protected:
  std::vector<nlohmann::json> operations() const {
    std::vector<nlohmann::json> out;
    for (const auto& line : log_lines(log_)) {
      if (!line.contains("fault")) out.push_back(line);
    }
    return out;
  }
  std::string script(const std::string& text) {
    const std::string path = folder_.path() + "/script.sh";
    std::ofstream(path) << text;
    return path;
  }
};

TEST_F(JobTest, ExecutedChildrenCountWithTheirParent) {
  const std::string sh =
      script("printf 1 > " + root_ + "/a\ncp " + root_ + "/a " + root_ + "/b\nenv -i cp " + root_ +
             "/a " + root_ + "/c\nprintf 2 > " + root_ + "/a\n");
  ASSERT_EQ(run({"sh", sh}, "").exit_code, 0);
  std::set<uint64_t> processes;
  uint64_t n = 0;
  for (const auto& line : operations()) {
    EXPECT_EQ(line.at("n").get<uint64_t>(), ++n) << line;
    processes.insert(line.at("pid").get<uint64_t>());
  }
  EXPECT_GE(processes.size(), 3u);
  std::map<std::string, uint64_t> opened;
  for (const FileOperation& operation : evidence().operations) {
    if (operation.op == "open") opened[operation.path] = operation.occurrence;
  }
  EXPECT_EQ(opened, (std::map<std::string, uint64_t>{{"a", 2}, {"b", 1}, {"c", 1}}));
}

TEST_F(JobTest, AChildAtThePointEndsTheWholeJob) {
  const std::string sh = script("printf 1 > " + root_ + "/a\ncp " + root_ + "/a " + root_ +
                                "/b\nprintf late > " + folder_.path() + "/after\n");
  const ExitStatus status = run({"sh", sh}, "kill open b #1 after");
  EXPECT_EQ(status.signal, SIGKILL);
  EXPECT_EQ(evidence().point, "after open b #1 (operation 4)");
  EXPECT_TRUE(std::filesystem::exists(root_ + "/b"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/after"));
}

TEST_F(JobTest, AnEnvironmentWrittenByHandCarriesTheRuleToo) {
  if (std::string(CKPT_PYTHON).empty()) GTEST_SKIP() << "built without torch: no Python is known";
  const std::string child = "open('" + root_ + "/c', 'w').write('x')";
  const std::string parent =
      "import os, subprocess, sys\n"
      "subprocess.run([sys.executable, '-c', sys.argv[1]], env={'PATH': '/usr/bin'}, check=True)\n"
      "pid = os.posix_spawn(sys.executable, [sys.executable, '-c', sys.argv[1]], {})\n"
      "os.waitpid(pid, 0)\n";
  ASSERT_EQ(run({CKPT_PYTHON, "-c", parent, child}, "").exit_code, 0);
  EXPECT_EQ(evidence().operations.size(), 6u);  // open, write, close; twice
}

// Four threads write to files of their own; one of them meets the point. Nobody may come past it:
// the log ends there, and what lies on disk is what the log says.
TEST_F(JobTest, NobodyComesPastThePoint) {
  for (int round = 0; round < 8; ++round) {
    const ExitStatus status =
        run({CKPT_FAULT_PROBE, "counters", root_},
            "kill write t1 #9 " + std::string(round % 2 == 0 ? "before" : "after"));
    ASSERT_EQ(status.signal, SIGKILL);
    const auto lines = log_lines(log_);
    ASSERT_TRUE(lines.back().contains("fault"));
    EXPECT_EQ(lines[lines.size() - 2].at("n"), lines.back().at("n"));
    std::map<std::string, uint64_t> written;
    for (const FileOperation& operation : evidence().operations) {
      if (operation.op == "write") written[operation.path] += operation.bytes;
    }
    if (round % 2 == 0) written["t1"] -= 1 << 18;
    for (const auto& [name, bytes] : written) {
      EXPECT_EQ(std::filesystem::file_size(root_ + "/" + name), bytes) << name;
    }
  }
}

// The kill of a process in the middle of the library's lock, again and again: the others go on.
TEST_F(JobTest, AProcessThatDiesHoldsNobodyUp) {
  const std::string sh =
      script("for i in $(seq 150); do\n  (while :; do printf x > " + root_ +
             "/f$i; done) & child=$!\n  sleep 0.005; kill -9 $child\ndone\nwait\nprintf done > " +
             root_ + "/end\n");
  EXPECT_EQ(run({"sh", sh}, "").exit_code, 0);
  EXPECT_EQ(read_file(root_ + "/end").value(), "done");
}

}  // namespace
}  // namespace ckptbench
