// A user's own strategy that is wrong must make the run red, through the real worker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "harness/cli/system/bench_process.h"
#include "harness/cli/system/numbered_files.h"
#include "harness/core/json_text.h"
#include "results/record_store.h"

namespace ckptbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

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

class DeclinesWhileIdle(DeclinesTheThird):
    may_skip = True

# Its third save is in flight until it has declined the fourth.
class MayDecline(DeclinesTheThird):
    may_skip = True
    def __init__(self, directory):
        super().__init__(directory)
        self.thread = None
        self.declined = threading.Event()
    def save(self, state, step):
        self.saves += 1
        if not self.done():
            self.declined.set()
            return
        held = self.saves == 3
        copy = {name: tensor.clone() for name, tensor in state.items()}
        def work():
            if held:
                self.declined.wait()
            self.write(copy, step)
            self.newest = step
        self.thread = threading.Thread(target=work)
        self.thread.start()
        if not held:
            self.thread.join()
    def done(self):
        return self.thread is None or not self.thread.is_alive()
    def wait(self):
        self.declined.set()
        if self.thread is not None:
            self.thread.join()

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

// Classes, and where they are killed: once per entry of `faults` and class, or, without any, one
// trial each that nothing disturbs.
struct OwnTable {
  std::vector<std::string> class_names;
  std::string faults;
  uint64_t steps = 7;
};

// A run of ckptbench with classes of mine.py, which stands in a folder of its own. One for many
// classes: starting Python takes longer than the trials.
class OwnRun {
 public:
  // FILE in `more`, the rest of the suite, stands for the file's path.
  explicit OwnRun(const std::vector<OwnTable>& tables, std::string more = "") {
    std::ofstream(file_) << kNumberedFiles << kClasses;
    for (size_t at; (at = more.find("FILE")) != std::string::npos;) more.replace(at, 4, file_);
    std::string suite = "name = \"own\"\nseed = 1\n";
    for (const OwnTable& table : tables) suite += text_of(table);
    finished_ = run_bench({"run", write_suite(folder_.path(), suite + more), "--out", out()});
    if (finished_.exit_code == 2) return;
    auto stored = read_records(out() + "/results.jsonl");
    if (stored) records_ = std::move(stored).value().records;
  }

  const Finished& finished() const { return finished_; }
  std::string out() const { return folder_.path() + "/out"; }
  const std::vector<Record>& records() const { return records_; }

  std::vector<Record> of(const std::string& class_name) const {
    return of_class(records_, class_name);
  }
  // Of its trials, each of which must be refused.
  std::vector<std::string> refused(const std::string& class_name) const {
    std::vector<std::string> out;
    for (const Record& record : of(class_name)) {
      EXPECT_FALSE(record.allowed) << record.cell.id;
      out.push_back(short_text(record.verdict.value()));
    }
    return out;
  }
  std::vector<std::string> verdicts() const {
    std::vector<std::string> out;
    for (const Record& record : records_) out.push_back(short_text(record.verdict.value()));
    return out;
  }

 private:
  std::string text_of(const OwnTable& table) const {
    std::string strategies;
    for (const std::string& class_name : table.class_names)
      strategies += "\"python:" + file_ + ":" + class_name + "\", ";
    return "[[trial]]\nworkloads = [\"digits-mlp\"]\nstrategies = [" + strategies +
           "]\npolicy = {every_steps = 2, keep_last = 2}\nsteps = " + std::to_string(table.steps) +
           "\nmore_steps = 1\ndeadline_s = 20\n" + table.faults + "\n";
  }

  TempDir folder_ = fresh_folder();
  const std::string file_ = folder_.path() + "/mine.py";
  Finished finished_;
  std::vector<Record> records_;
};

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

constexpr const char* kAtFirstRename =
    "file_ops = {operations = [\"rename\"], occurrences = [1]}\n";

// Classes that are wrong, each in its way.
const OwnRun& wrong_ones() {
  static const OwnRun run(
      {{{"DeclinesTheThird", "DeclinesTheThird:busy=skip", "DeclinesWhileIdle", "Undeclared",
         "SyncsLate", "TemporaryLate", "Contradicts", "InheritsRetain", "Corrupts", "HiddenRetain"},
        ""},
       {{"MayDecline"}, "", 9},
       {{"DeleteFirst", "Dies", "Hangs"}, kAfterUnlink},
       {{"Undeclared", "DiesTheSecondTime"}, kAtFirstRename}},
      known("python:FILE:Corrupts", "LOST-ACK"));
  return run;
}

TEST(OwnStrategy, OneThatIsRightPasses) {
  const OwnRun own(
      {{{"Right"}, "file_ops = {operations = [\"rename\"], occurrences = [2]}\n"}, {{"Right"}, ""}},
      known("sync", "LOST-ACK") + known("python:FILE:Right", "SILENT-CORRUPT") + "tried = 1\n");
  EXPECT_EQ(own.finished().exit_code, 0) << own.finished().output;
  EXPECT_THAT(own.verdicts(), UnorderedElementsAre("ROLLED-BACK(2)", "BIT-EXACT"));
  EXPECT_THAT(own.finished().output, HasSubstr("no longer fails with SILENT-CORRUPT"));
}

// What makes the run of one alone end with 1 is that its record is not allowed
// (SilentCorruptionIsRefusedUnlessItIsListed).
TEST(OwnStrategy, WhatIsWrongWithoutAnyFaultIsRefused) {
  if (kSanitized) GTEST_SKIP() << kManyPythons;
  const OwnRun& own = wrong_ones();
  EXPECT_EQ(own.finished().exit_code, 1) << own.finished().output;
  // The name of a parameter means nothing: the class has to declare that it may skip.
  // One that does has a save in flight when it skips.
  for (const char* name : {"DeclinesTheThird", "DeclinesTheThird:busy=skip", "DeclinesWhileIdle"})
    EXPECT_THAT(own.refused(name), ElementsAre("ROLLED-BACK(2) +SAVE-FAILED"));
  EXPECT_THAT(own.finished().output,
              HasSubstr("1 of 3 saves failed, the first of step 6: skipped while no earlier save "
                        "was in flight"));
  const auto declared = own.of("MayDecline");
  ASSERT_EQ(declared.size(), 1u);
  EXPECT_TRUE(declared[0].allowed);
  EXPECT_EQ(short_text(*declared[0].verdict), "ROLLED-BACK(2)");
  EXPECT_THAT(declared[0].verdict->explanation, HasSubstr("1 of 4 saves were skipped"));
  // What leaves no trace is an operation all the same.
  for (const char* name : {"SyncsLate", "TemporaryLate"})
    EXPECT_THAT(own.refused(name), ElementsAre(HasSubstr("UNDECLARED-BACKGROUND")));
  EXPECT_THAT(own.refused("Contradicts"), ElementsAre("BIT-EXACT +ACK-CONFLICT"));
  EXPECT_THAT(own.refused("InheritsRetain"), ElementsAre("BIT-EXACT +RETENTION-BROKEN"));
}

// An undisturbed run that fails: no trial may pass as one that nothing disturbed, and none waits
// for the deadline again.
TEST(OwnStrategy, WhatAKillAfterADeletionShowsIsRefused) {
  if (kSanitized) GTEST_SKIP() << kManyPythons;
  const OwnRun& own = wrong_ones();
  EXPECT_THAT(own.refused("DeleteFirst"), ElementsAre("SILENT-RESTART", "SILENT-RESTART"));
  EXPECT_THAT(own.refused("Dies"),
              ElementsAre("NOT-RUN +TRAINER-KILLED", "NOT-RUN +TRAINER-KILLED"));
  EXPECT_THAT(own.refused("Hangs"), ElementsAre("NOT-RUN +HANG", "NOT-RUN +HANG"));
  EXPECT_THAT(own.finished().output,
              HasSubstr("the strategy's undisturbed run was killed at its deadline"));
  for (const Record& record : own.of("Hangs")) expect_stacks(record);
}

// A kill may come before any file changes: what the undisturbed run showed counts in each trial.
// Two undisturbed runs are compared: one that fails is a finding, not half a comparison.
TEST(OwnStrategy, WhatItsUndisturbedRunsShowCountsInEachTrial) {
  if (kSanitized) GTEST_SKIP() << kManyPythons;
  const auto undeclared = HasSubstr("UNDECLARED-BACKGROUND");
  EXPECT_THAT(wrong_ones().refused("Undeclared"), ElementsAre(undeclared, undeclared));
  EXPECT_THAT(wrong_ones().refused("DiesTheSecondTime"), ElementsAre("NOT-RUN +TRAINER-KILLED"));
}

TEST(OwnStrategy, SilentCorruptionIsRefusedUnlessItIsListed) {
  if (kSanitized) GTEST_SKIP() << kManyPythons;
  // Listed there is another verdict.
  EXPECT_THAT(wrong_ones().refused("Corrupts"), ElementsAre("SILENT-CORRUPT"));
  const OwnRun own({{{"Corrupts"}, ""}}, known("python:FILE:Corrupts", "SILENT-CORRUPT"));
  EXPECT_EQ(own.finished().exit_code, 0) << own.finished().output;
  EXPECT_THAT(own.finished().output, HasSubstr("1 known failure in 1 record\n"));
  ASSERT_EQ(own.records().size(), 1u);
  EXPECT_TRUE(own.records()[0].observed.contains("known_failures"));
  // A replay knows it, too.
  const std::string id = own.records()[0].cell.id;
  const Finished by_id =
      run_bench({"replay", id, "--results", own.out(), "--out", own.out() + "-by-id"});
  EXPECT_EQ(by_id.exit_code, 0) << by_id.output;
  EXPECT_THAT(by_id.output, HasSubstr("as recorded: SILENT-CORRUPT\n"));
  const std::string kept = own.out() + "/cells/" + id + "/cell.json";
  std::filesystem::create_directories(own.out() + "/cells/" + id);
  std::ofstream(kept) << json_text(own.records()[0].cell);
  const Finished by_file = run_bench({"replay", kept, "--out", own.out() + "-by-file"});
  EXPECT_EQ(by_file.exit_code, 0) << by_file.output;
  // Away from its results, its suite is not known.
  std::filesystem::copy(kept, own.out() + "-cell.json");
  const Finished alone =
      run_bench({"replay", own.out() + "-cell.json", "--out", own.out() + "-alone"});
  EXPECT_EQ(alone.exit_code, 1) << alone.output;
}

TEST(OwnStrategy, AKnownFailureOfAStrategyThatIsNowhereIsRefused) {
  const OwnRun misspelt({{{"Right"}, ""}}, known("snyc", "LOST-ACK"));
  EXPECT_EQ(misspelt.finished().exit_code, 2) << misspelt.finished().output;
  EXPECT_THAT(misspelt.finished().output, HasSubstr("suite.toml:"));
  EXPECT_THAT(misspelt.finished().output, HasSubstr("did you mean 'sync'?"));
}

// Before its first step: what the run says of retention would be wrong.
TEST(OwnStrategy, ARetainThatItsTextDoesNotShowIsNoRun) {
  if (kSanitized) GTEST_SKIP() << kManyPythons;
  EXPECT_THAT(wrong_ones().refused("HiddenRetain"), ElementsAre("HARNESS-ERROR"));
  EXPECT_THAT(wrong_ones().finished().output,
              HasSubstr("the object has a retain(), but the text of class"));
}

TEST(OwnStrategy, BackgroundWithoutDoneIsOneLineBeforeAnythingRuns) {
  const OwnRun own({OwnTable{{"NeverDone"}, ""}});
  EXPECT_EQ(own.finished().exit_code, 2) << own.finished().output;
  EXPECT_THAT(own.finished().output, HasSubstr("background = True, but the class has no done()"));
}

}  // namespace
}  // namespace ckptbench
