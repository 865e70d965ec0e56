// A user's own strategy that is wrong must make the run red, through the real worker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "harness/cli/system/bench_process.h"
#include "harness/cli/system/numbered_files.h"
#include "harness/core/json_text.h"
#include "harness/core/selection_text.h"
#include "results/record_store.h"

namespace ckptbench {
namespace {

using ::testing::ElementsAre;
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

class SyncsLate(Right):
    def save(self, state, step):
        self.write(state, step)
        def sync():
            fd = os.open(self.directory, os.O_RDONLY)
            for _ in range(20):
                time.sleep(0.001)
                os.fsync(fd)
            os.close(fd)
        threading.Thread(target=sync).start()

class TemporaryLate(Right):
    def save(self, state, step):
        self.write(state, step)
        def note():
            name = os.path.join(self.directory, f"note-{step}")
            for _ in range(20):
                time.sleep(0.001)
                open(name, "w").close()
                os.unlink(name)
        threading.Thread(target=note).start()

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

class DeclinesTheThird(Right):
    background = True
    def __init__(self, directory, busy="wait"):
        super().__init__(directory)
        self.saves = 0
        self.newest = None
    def save(self, state, step):
        self.saves += 1
        if self.saves != 3:
            self.write(state, step)
            self.newest = step
    def done(self):
        return True
    def durable(self):
        return self.newest
    def wait(self):
        pass

class MayDecline(DeclinesTheThird):
    background = True
    may_skip = True
    def done(self):
        return True
    def wait(self):
        pass

class NeverDone(Right):
    background = True

class Numbered(NumberedFiles):
    def restore(self, step=None):
        steps = self.list() if step is None else [step]
        return (torch.load(self.path(steps[0])), steps[0]) if steps else None
    def retain(self, steps):
        for step in self.list()[1:]:
            os.unlink(self.path(step))

class InheritsRetain(Numbered):
    pass

Elsewhere = type("Elsewhere", (Numbered,), {})
class HiddenRetain(Elsewhere):
    pass
)";

struct OwnRun {
  Finished finished;
  std::vector<Record> records;
  std::string out;  // its results
};

class OwnStrategy : public testing::Test {
 protected:
  // One kill per entry of `faults` and class, or, without any, one trial each that nothing
  // disturbs. One run for many classes: starting Python takes longer than the trials.
  OwnRun run(const std::vector<std::string>& class_names, const std::string& faults,
             const std::string& more = "") {
    const std::string file = folder_.path() + "/mine.py";
    std::ofstream(file) << kNumberedFiles << kClasses;
    std::string strategies;
    for (const std::string& class_name : class_names)
      strategies += "\"python:" + file + ":" + class_name + "\", ";
    const std::string suite = write_suite(folder_.path(), R"(name = "own"
seed = 1
[[trial]]
workloads = ["digits-mlp"]
strategies = [)" + strategies + R"(]
policy = {every_steps = 2, keep_last = 2}
steps = 7
more_steps = 1
deadline_s = 20
)" + faults + with_file(more, file));
    const std::string out = folder_.path() + "/out-" + std::to_string(++runs_);
    OwnRun own{run_bench({"run", suite, "--out", out}), {}, out};
    if (own.finished.exit_code == 2) return own;
    auto stored = read_records(out + "/results.jsonl");
    if (stored) own.records = std::move(stored).value().records;
    return own;
  }

 private:
  static std::string with_file(std::string more, const std::string& file) {
    const size_t at = more.find("FILE");
    return at == std::string::npos ? more : more.replace(at, 4, file);
  }

  TempDir folder_ = fresh_folder();
  int runs_ = 0;
};

std::vector<const Record*> of_class(const OwnRun& own, const std::string& class_name) {
  std::vector<const Record*> out;
  for (const Record& record : own.records) {
    if (selection_text(record.cell.strategy).ends_with(".py:" + class_name)) out.push_back(&record);
  }
  return out;
}

// Of its trials, each of which must be refused.
std::vector<std::string> refused(const OwnRun& own, const std::string& class_name) {
  std::vector<std::string> out;
  for (const Record* record : of_class(own, class_name)) {
    EXPECT_FALSE(record->allowed) << record->cell.id;
    out.push_back(short_text(record->verdict.value()));
  }
  return out;
}

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

// A failure of a strategy's undisturbed run that its suite accepts.
std::string known(const std::string& strategy, const std::string& verdict) {
  return "\n[[known_failures]]\nstrategy = \"" + strategy + "\"\nfault = \"none\"\nverdict = \"" +
         verdict + "\"\nreason = \"being mended\"\n";
}

constexpr const char* kAfterUnlink =
    "file_ops = {operations = [\"unlink\"], when = [\"after\"], occurrences = [1, 2]}\n";

TEST_F(OwnStrategy, OneThatIsRightPasses) {
  const OwnRun own = run({"Right"}, "file_ops = {operations = [\"rename\"], occurrences = [2]}\n",
                         known("sync", "LOST-ACK"));
  EXPECT_EQ(own.finished.exit_code, 0) << own.finished.output;
  EXPECT_EQ(verdicts(own), std::vector<std::string>{"ROLLED-BACK(2)"});
}

// What makes the run of one alone end with 1 is that its record is not allowed
// (SilentCorruptionIsExitCode1AndMayBeListed).
TEST_F(OwnStrategy, WhatIsWrongWithoutAnyFaultIsRefused) {
  if (kSanitized) GTEST_SKIP() << kManyPythons;
  const OwnRun own =
      run({"DeclinesTheThird", "DeclinesTheThird:busy=skip", "MayDecline", "Undeclared",
           "SyncsLate", "TemporaryLate", "Contradicts", "InheritsRetain"},
          "");
  EXPECT_EQ(own.finished.exit_code, 1) << own.finished.output;
  // The name of a parameter means nothing: the class has to declare that it may skip.
  for (const char* name : {"DeclinesTheThird", "DeclinesTheThird:busy=skip"})
    EXPECT_THAT(refused(own, name), ElementsAre("ROLLED-BACK(2)"));
  EXPECT_THAT(own.finished.output, HasSubstr("1 of 3 saves were skipped"));
  const auto declared = of_class(own, "MayDecline");
  ASSERT_EQ(declared.size(), 1u);
  EXPECT_TRUE(declared[0]->allowed);
  EXPECT_EQ(short_text(*declared[0]->verdict), "ROLLED-BACK(2)");
  EXPECT_THAT(declared[0]->verdict->explanation, HasSubstr("1 of 3 saves were skipped"));
  EXPECT_THAT(refused(own, "Undeclared"), ElementsAre(HasSubstr("UNDECLARED-BACKGROUND")));
  // What leaves no trace is an operation all the same.
  for (const char* name : {"SyncsLate", "TemporaryLate"})
    EXPECT_THAT(refused(own, name), ElementsAre(HasSubstr("UNDECLARED-BACKGROUND")));
  EXPECT_THAT(refused(own, "Contradicts"), ElementsAre("BIT-EXACT +ACK-CONFLICT"));
  EXPECT_THAT(refused(own, "InheritsRetain"), ElementsAre("BIT-EXACT +RETENTION-BROKEN"));
}

// An undisturbed run that fails: no trial may pass as one that nothing disturbed, and none waits
// for the deadline again.
TEST_F(OwnStrategy, WhatAKillAfterADeletionShowsIsRefused) {
  if (kSanitized) GTEST_SKIP() << kManyPythons;
  const OwnRun own = run({"DeleteFirst", "Dies", "Hangs"}, kAfterUnlink);
  EXPECT_EQ(own.finished.exit_code, 1) << own.finished.output;
  EXPECT_THAT(refused(own, "DeleteFirst"), ElementsAre("SILENT-RESTART", "SILENT-RESTART"));
  EXPECT_THAT(refused(own, "Dies"),
              ElementsAre("NOT-RUN +TRAINER-KILLED", "NOT-RUN +TRAINER-KILLED"));
  EXPECT_THAT(refused(own, "Hangs"), ElementsAre("NOT-RUN +HANG", "NOT-RUN +HANG"));
  EXPECT_THAT(own.finished.output,
              HasSubstr("the strategy's undisturbed run was killed at its deadline"));
  for (const Record* record : of_class(own, "Hangs")) expect_stacks(*record);
}

// A kill may come before any file changes: what the undisturbed run showed counts in each trial.
// Two undisturbed runs are compared: one that fails is a finding, not half a comparison.
TEST_F(OwnStrategy, WhatItsUndisturbedRunsShowCountsInEachTrial) {
  if (kSanitized) GTEST_SKIP() << kManyPythons;
  const OwnRun own = run({"Undeclared", "DiesTheSecondTime"},
                         "file_ops = {operations = [\"rename\"], occurrences = [1]}\n");
  EXPECT_EQ(own.finished.exit_code, 1) << own.finished.output;
  EXPECT_THAT(refused(own, "Undeclared"), ElementsAre(HasSubstr("UNDECLARED-BACKGROUND")));
  EXPECT_THAT(refused(own, "DiesTheSecondTime"), ElementsAre("NOT-RUN +TRAINER-KILLED"));
}

TEST_F(OwnStrategy, SilentCorruptionIsExitCode1AndMayBeListed) {
  if (kSanitized) GTEST_SKIP() << kManyPythons;
  OwnRun own = run({"Corrupts"}, "");
  EXPECT_EQ(own.finished.exit_code, 1) << own.finished.output;
  ASSERT_EQ(own.records.size(), 1u);
  EXPECT_EQ(own.records[0].verdict->data, DataVerdict::kSilentCorrupt);
  own = run({"Corrupts"}, "", known("python:FILE:Corrupts", "LOST-ACK"));
  EXPECT_EQ(own.finished.exit_code, 1) << own.finished.output;
  own = run({"Right"}, "", known("python:FILE:Right", "SILENT-CORRUPT") + "tried = 1\n");
  EXPECT_EQ(own.finished.exit_code, 0) << own.finished.output;
  EXPECT_THAT(own.finished.output, HasSubstr("no longer fails with SILENT-CORRUPT"));
}

TEST_F(OwnStrategy, WhatItsSuiteListsIsKnownToAReplayToo) {
  if (kSanitized) GTEST_SKIP() << kManyPythons;
  const OwnRun own = run({"Corrupts"}, "", known("python:FILE:Corrupts", "SILENT-CORRUPT"));
  EXPECT_EQ(own.finished.exit_code, 0) << own.finished.output;
  EXPECT_THAT(own.finished.output, HasSubstr("1 known failure in 1 record\n"));
  ASSERT_EQ(own.records.size(), 1u);
  EXPECT_TRUE(own.records[0].observed.contains("known_failures"));
  const std::string id = own.records[0].cell.id;
  const Finished by_id =
      run_bench({"replay", id, "--results", own.out, "--out", own.out + "-by-id"});
  EXPECT_EQ(by_id.exit_code, 0) << by_id.output;
  EXPECT_THAT(by_id.output, HasSubstr("as recorded: SILENT-CORRUPT\n"));
  const std::string kept = own.out + "/cells/" + id + "/cell.json";
  std::filesystem::create_directories(own.out + "/cells/" + id);
  std::ofstream(kept) << json_text(own.records[0].cell);
  const Finished by_file = run_bench({"replay", kept, "--out", own.out + "-by-file"});
  EXPECT_EQ(by_file.exit_code, 0) << by_file.output;
  // Away from its results, its suite is not known.
  std::filesystem::copy(kept, own.out + "-cell.json");
  const Finished alone = run_bench({"replay", own.out + "-cell.json", "--out", own.out + "-alone"});
  EXPECT_EQ(alone.exit_code, 1) << alone.output;
}

TEST_F(OwnStrategy, AKnownFailureOfAStrategyThatIsNowhereIsRefused) {
  const OwnRun misspelt = run({"Right"}, "", known("snyc", "LOST-ACK"));
  EXPECT_EQ(misspelt.finished.exit_code, 2) << misspelt.finished.output;
  EXPECT_THAT(misspelt.finished.output, HasSubstr("suite.toml:"));
  EXPECT_THAT(misspelt.finished.output, HasSubstr("did you mean 'sync'?"));
}

// Before its first step: what the run says of retention would be wrong.
TEST_F(OwnStrategy, ARetainThatItsTextDoesNotShowIsNoRun) {
  if (kSanitized) GTEST_SKIP() << kManyPythons;
  const OwnRun own = run({"HiddenRetain"}, "");
  EXPECT_EQ(own.finished.exit_code, 3) << own.finished.output;
  EXPECT_EQ(verdicts(own), std::vector<std::string>{"HARNESS-ERROR"});
  EXPECT_THAT(own.finished.output, HasSubstr("the object has a retain(), but the text of class"));
}

TEST_F(OwnStrategy, BackgroundWithoutDoneIsOneLineBeforeAnythingRuns) {
  const OwnRun own = run({"NeverDone"}, "");
  EXPECT_EQ(own.finished.exit_code, 2) << own.finished.output;
  EXPECT_THAT(own.finished.output, HasSubstr("background = True, but the class has no done()"));
}

}  // namespace
}  // namespace ckptbench
