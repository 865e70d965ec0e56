// A user's own strategy that is wrong must make the run red, through the real worker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "harness/cli/system/bench_process.h"
#include "results/record_store.h"

namespace ckptbench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Right, but for what a class below overrides.
constexpr const char* kClasses = R"(
import os, threading, time, torch

class Right:
    def __init__(self, directory):
        self.directory = directory
    def write(self, state, step):
        path = os.path.join(self.directory, "checkpoint.pt")
        with open(path + ".tmp", "wb") as file:
            torch.save({"step": step, "state": state}, file)
            file.flush()
            os.fsync(file.fileno())
        os.rename(path + ".tmp", path)
    def save(self, state, step):
        self.write(state, step)
    def restore(self):
        path = os.path.join(self.directory, "checkpoint.pt")
        if not os.path.exists(path):
            return None
        checkpoint = torch.load(path)
        return checkpoint["state"], checkpoint["step"]

class DeleteFirst(Right):
    def save(self, state, step):
        for name in os.listdir(self.directory):
            os.unlink(os.path.join(self.directory, name))
        self.write(state, step)

class Corrupts(Right):
    def restore(self):
        found = super().restore()
        if found is not None:
            for tensor in found[0].values():
                if tensor.is_floating_point() and tensor.numel() > 100:
                    tensor.view(-1)[0] += 1
        return found

class Undeclared(Right):
    def save(self, state, step):
        copy = {name: tensor.clone() for name, tensor in state.items()}
        thread = threading.Thread(target=lambda: (time.sleep(0.005), self.write(copy, step)))
        thread.start()
        self.thread = thread
    def wait(self):
        self.thread.join()

class Contradicts(Right):
    def wait(self):
        raise OSError(5, "Input/output error")

class Hangs(Right):
    def save(self, state, step):
        if step > 2:
            time.sleep(1000)
        self.write(state, step)

class Dies(Right):
    def save(self, state, step):
        if step > 2:
            os._exit(1)
        self.write(state, step)

class DiesTheSecondTime(Right):
    def save(self, state, step):
        if step == 2:
            mark = os.path.join(os.path.dirname(os.path.abspath(__file__)), "mark")
            try:
                os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                os._exit(1)
        self.write(state, step)

# A save more takes the file's name in the fourth process that trains from the start, and in later
# ones: two undisturbed runs and one armed one come first.
class OftenTooFew(Right):
    def save(self, state, step):
        self.write(state, step)
        runs = os.path.join(os.path.dirname(os.path.abspath(__file__)), "runs")
        if step == 2:
            with open(runs, "ab") as file:
                file.write(b".")
        if step == 6 and os.path.getsize(runs) >= 4:
            self.write(state, step)

class NeverDone(Right):
    background = True
)";

struct OwnRun {
  Finished finished;
  std::vector<Record> records;
};

class OwnStrategy : public testing::Test {
 protected:
  // One kill per entry of `faults`, or, without any, one trial that nothing disturbs.
  OwnRun run(const std::string& class_name, const std::string& faults,
             const std::string& more = "") {
    const std::string file = folder_.path() + "/mine.py";
    std::ofstream(file) << kClasses;
    name_ = "python:" + file + ":" + class_name;
    const std::string suite = write_suite(folder_.path(), R"(name = "own"
seed = 1
[[trial]]
workloads = ["digits-mlp"]
strategies = [")" + name_ + R"("]
policy = {every_steps = 2, keep_last = 2}
steps = 7
more_steps = 1
deadline_s = 20
)" + faults + more_of(more));
    const std::string out = folder_.path() + "/out-" + std::to_string(++runs_);
    OwnRun own{run_bench({"run", suite, "--out", out}), {}};
    if (own.finished.exit_code == 2) return own;
    auto stored = read_records(out + "/results.jsonl");
    if (stored) own.records = std::move(stored).value().records;
    return own;
  }

 private:
  std::string more_of(std::string more) const {
    const size_t at = more.find("NAME");
    return at == std::string::npos ? more : more.replace(at, 4, name_);
  }

  TempDir folder_ = fresh_folder();
  std::string name_;
  int runs_ = 0;
};

std::vector<std::string> verdicts(const OwnRun& own) {
  std::vector<std::string> out;
  for (const Record& record : own.records) out.push_back(short_text(record.verdict.value()));
  return out;
}

// The explanation of a hang names a file that is there after the run, and has more than a name.
void expect_stacks(const Record& record) {
  const std::string& why = record.verdict->explanation;
  const std::string before = "stacks in ";
  const size_t at = why.find(before);
  ASSERT_NE(at, std::string::npos) << why;
  const size_t begin = at + before.size();
  const std::string path = why.substr(begin, why.find_first_of(";\n", begin) - begin);
  const auto stacks = read_file(path);
  ASSERT_TRUE(stacks) << why;
  EXPECT_GT(stacks.value().size(), 100U) << why;
  EXPECT_THAT(why, Not(HasSubstr("neither its report nor its log")));
}

constexpr const char* kAfterUnlink =
    "file_ops = {operations = [\"unlink\"], when = [\"after\"], occurrences = [1, 2]}\n";

TEST_F(OwnStrategy, OneThatIsRightPasses) {
  const OwnRun own = run("Right", "file_ops = {operations = [\"rename\"], occurrences = [2]}\n");
  EXPECT_EQ(own.finished.exit_code, 0) << own.finished.output;
  EXPECT_EQ(verdicts(own), std::vector<std::string>{"ROLLED-BACK(2)"});
}

// Of work in the background no two runs are alike: a point that one run does not have, the next
// may.
TEST_F(OwnStrategy, AFaultThatARunDoesNotMeetIsTriedAgain) {
  const OwnRun own =
      run("OftenTooFew", "file_ops = {operations = [\"rename\"], occurrences = [4]}\n");
  EXPECT_EQ(own.finished.exit_code, 0) << own.finished.output;
  EXPECT_EQ(verdicts(own), std::vector<std::string>{"BIT-EXACT"});
  ASSERT_EQ(own.records.size(), 1u);
  EXPECT_EQ(own.records[0].observed.value("runs", 0), 2) << own.records[0].observed;
}

TEST_F(OwnStrategy, AFaultThatNoRunMeetsIsVacuous) {
  const OwnRun own = run("Right", "file_ops = {operations = [\"rename\"], occurrences = [4]}\n");
  EXPECT_EQ(own.finished.exit_code, 3) << own.finished.output;
  EXPECT_EQ(verdicts(own), std::vector<std::string>{"VACUOUS"});
  ASSERT_EQ(own.records.size(), 1u);
  EXPECT_EQ(own.records[0].observed.value("runs", 0), 3) << own.records[0].observed;
  EXPECT_THAT(own.finished.output,
              AllOf(HasSubstr("the fault never fired"), HasSubstr("so in each of 3 runs")));
}

TEST_F(OwnStrategy, DeletingBeforeWritingLosesWhatSaveHasAcknowledged) {
  const OwnRun own = run("DeleteFirst", kAfterUnlink);
  EXPECT_EQ(own.finished.exit_code, 1) << own.finished.output;
  EXPECT_EQ(verdicts(own), (std::vector<std::string>{"SILENT-RESTART", "SILENT-RESTART"}));
}

TEST_F(OwnStrategy, SilentCorruptionIsExitCode1AndMayBeListed) {
  OwnRun own = run("Corrupts", "");
  EXPECT_EQ(own.finished.exit_code, 1) << own.finished.output;
  ASSERT_EQ(own.records.size(), 1u);
  EXPECT_EQ(own.records[0].verdict->data, DataVerdict::kSilentCorrupt);
  const std::string known = R"(
[[known_failures]]
strategy = "NAME"
fault = "none"
verdict = "VERDICT"
reason = "being mended"
)";
  const auto listed = [&](std::string verdict) {
    std::string text = known;
    return text.replace(text.find("VERDICT"), 7, verdict);
  };
  own = run("Corrupts", "", listed("SILENT-CORRUPT"));
  EXPECT_EQ(own.finished.exit_code, 0) << own.finished.output;
  EXPECT_THAT(own.finished.output, HasSubstr("1 known failures of 1 records"));
  EXPECT_TRUE(own.records.at(0).observed.contains("known_failures"));
  own = run("Corrupts", "", listed("LOST-ACK"));
  EXPECT_EQ(own.finished.exit_code, 1) << own.finished.output;
  own = run("Right", "", listed("SILENT-CORRUPT") + "tried = 1\n");
  EXPECT_EQ(own.finished.exit_code, 0) << own.finished.output;
  EXPECT_THAT(own.finished.output, HasSubstr("no longer fails with SILENT-CORRUPT"));
}

TEST_F(OwnStrategy, AKnownFailureOfAStrategyThatIsNowhereIsRefused) {
  const auto known = [](const std::string& name) {
    return "[[known_failures]]\nstrategy = \"" + name +
           "\"\nverdict = \"LOST-ACK\"\nreason = \"r\"\n";
  };
  const OwnRun misspelt = run("Right", "", known("snyc"));
  EXPECT_EQ(misspelt.finished.exit_code, 2) << misspelt.finished.output;
  EXPECT_THAT(misspelt.finished.output, HasSubstr("suite.toml:"));
  EXPECT_THAT(misspelt.finished.output, HasSubstr("did you mean 'sync'?"));
  const OwnRun other = run("Right", "", known("sync"));
  EXPECT_EQ(other.finished.exit_code, 0) << other.finished.output;
}

TEST_F(OwnStrategy, BackgroundWorkThatIsNotDeclaredIsAFinding) {
  const OwnRun own = run("Undeclared", "");
  EXPECT_EQ(own.finished.exit_code, 1) << own.finished.output;
  EXPECT_THAT(own.finished.output, HasSubstr("UNDECLARED-BACKGROUND"));
}

// A kill may come before any file changes: what the undisturbed run showed counts in each trial.
TEST_F(OwnStrategy, BackgroundWorkThatIsNotDeclaredIsAFindingOfEachKill) {
  const OwnRun own =
      run("Undeclared", "file_ops = {operations = [\"rename\"], occurrences = [1]}\n");
  EXPECT_EQ(own.finished.exit_code, 1) << own.finished.output;
  EXPECT_THAT(verdicts(own), testing::Each(HasSubstr("UNDECLARED-BACKGROUND")));
}

TEST_F(OwnStrategy, AWaitThatContradictsTheReturnOfSaveIsAFinding) {
  const OwnRun own = run("Contradicts", "");
  EXPECT_EQ(own.finished.exit_code, 1) << own.finished.output;
  EXPECT_EQ(verdicts(own), std::vector<std::string>{"BIT-EXACT +ACK-CONFLICT"});
}

TEST_F(OwnStrategy, BackgroundWithoutDoneIsOneLineBeforeAnythingRuns) {
  const OwnRun own = run("NeverDone", "");
  EXPECT_EQ(own.finished.exit_code, 2) << own.finished.output;
  EXPECT_THAT(own.finished.output, HasSubstr("background = True, but the class has no done()"));
}

// No trial of theirs may pass as one that nothing disturbed, and none waits for the deadline again.
TEST_F(OwnStrategy, TrialsOfOneWhoseUndisturbedRunFailsAreNotRun) {
  OwnRun own = run("Dies", kAfterUnlink);
  EXPECT_EQ(own.finished.exit_code, 1) << own.finished.output;
  EXPECT_EQ(verdicts(own),
            (std::vector<std::string>{"NOT-RUN +TRAINER-KILLED", "NOT-RUN +TRAINER-KILLED"}));
  own = run("Hangs", kAfterUnlink);
  EXPECT_EQ(own.finished.exit_code, 1) << own.finished.output;
  EXPECT_EQ(verdicts(own), (std::vector<std::string>{"NOT-RUN +HANG", "NOT-RUN +HANG"}));
  EXPECT_THAT(own.finished.output,
              HasSubstr("the strategy's undisturbed run was killed at its deadline"));
  for (const Record& record : own.records) expect_stacks(record);
}

// Two undisturbed runs are compared: one that fails is a finding, not half a comparison.
TEST_F(OwnStrategy, TrialsOfOneWhoseSecondUndisturbedRunFailsAreNotRun) {
  const OwnRun own =
      run("DiesTheSecondTime", "file_ops = {operations = [\"rename\"], occurrences = [2]}\n");
  EXPECT_EQ(own.finished.exit_code, 1) << own.finished.output;
  EXPECT_EQ(verdicts(own), std::vector<std::string>{"NOT-RUN +TRAINER-KILLED"});
}

}  // namespace
}  // namespace ckptbench
