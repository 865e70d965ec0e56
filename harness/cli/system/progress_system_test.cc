// What counts as progress, and what changes unseen: strategies of a user's own, through the real
// worker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "harness/cli/system/bench_process.h"
#include "results/record_store.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kProgressClasses = R"(
import ctypes, io, mmap, os, tempfile, threading, time, torch, uuid

class Right:
    def __init__(self, directory):
        self.path = os.path.join(directory, "checkpoint.pt")
    def save(self, state, step):
        with open(self.path + ".tmp", "wb") as file:
            torch.save({"step": step, "state": state}, file)
        os.rename(self.path + ".tmp", self.path)
    def restore(self):
        if not os.path.exists(self.path):
            return None
        checkpoint = torch.load(self.path)
        return checkpoint["state"], checkpoint["step"]

class Steady(Right):
    def save(self, state, step):
        for part in range(8):
            time.sleep(0.25)
            with open(self.path + ".part", "wb") as file:
                file.write(b"x")
        super().save(state, step)

class SlowNames(Right):
    def restore(self):
        found = super().restore()
        name = self.path + ".a"
        open(name, "w").close()
        for _ in range(30):
            os.rename(name, name + "b")
            os.rename(name + "b", name)
            time.sleep(0.2)
        os.unlink(name)
        return found

class SyncsLateAfterARestart(Right):
    restarted = False
    def restore(self):
        self.restarted = True
        return super().restore()
    def save(self, state, step):
        super().save(state, step)
        def sync():
            fd = os.open(os.path.dirname(self.path), os.O_RDONLY)
            for _ in range(20):
                time.sleep(0.001)
                os.fsync(fd)
            os.close(fd)
        if self.restarted:
            threading.Thread(target=sync).start()

class RawInPlace(Right):
    fd = None
    def save(self, state, step):
        buffer = io.BytesIO()
        torch.save({"step": step, "state": state}, buffer)
        data = buffer.getvalue().ljust(300000, b"x")
        if self.fd is None:
            self.fd = os.open(self.path, os.O_RDWR | os.O_CREAT)
            os.pwrite(self.fd, data, 0)
        else:
            ctypes.CDLL(None).syscall(18, self.fd, data, ctypes.c_size_t(len(data)),
                                      ctypes.c_long(0))

class Spins(Right):
    def save(self, state, step):
        while step > 2:
            pass
        super().save(state, step)

class Sleeps(Right):
    def save(self, state, step):
        if step > 2:
            time.sleep(1000)
        super().save(state, step)

class Named(Right):
    def save(self, state, step):
        with tempfile.NamedTemporaryFile(dir=os.path.dirname(self.path),
                                         prefix=f"c-{uuid.uuid4()}-",
                                         delete=False) as file:
            torch.save({"step": step, "state": state}, file)
        os.replace(file.name, self.path)

class Mapped(Right):
    def save(self, state, step):
        super().save(state, step)
        with open(self.path, "rb") as file:
            content = file.read()
        path = self.path + ".mapped"
        with open(path, "wb") as file:
            file.truncate(len(content))
        with open(path, "r+b") as file:
            with mmap.mmap(file.fileno(), len(content)) as view:
                view[:] = content
        os.rename(path, self.path)
)";

// A table of a suite: these classes, with a save every second step.
std::string table(const std::string& kind, const std::string& file,
                  const std::vector<std::string>& classes, const std::string& more) {
  std::string strategies;
  for (const std::string& name : classes) strategies += "\"python:" + file + ":" + name + "\", ";
  return "[[" + kind + "]]\nworkloads = [\"digits-mlp\"]\nstrategies = [" + strategies +
         "]\npolicy = {every_steps = 2}\nsteps = 5\n" + more + "\n";
}

// One run of all: starting Python takes longer than the trials.
class ProgressRun {
 public:
  ProgressRun() {
    const std::string file = folder_.path() + "/own.py";
    std::ofstream(file) << kProgressClasses;
    const std::string suite =
        "name = \"own\"\nseed = 1\n" +
        table("trial", file, {"Steady", "SlowNames"}, "more_steps = 2\ndeadline_s = 2") +
        table("trial", file, {"Sleeps", "Spins"}, "more_steps = 2\ndeadline_s = 3") +
        table("trial", file, {"SyncsLateAfterARestart"}, "more_steps = 8\ndeadline_s = 30") +
        table("trial", file, {"Mapped", "RawInPlace"},
              "more_steps = 2\ndeadline_s = 30\nfile_ops = {count = 1}") +
        table("trial", file, {"Named"},
              "more_steps = 2\ndeadline_s = 30\n"
              "file_ops = {operations = [\"rename\"], count = 1}") +
        table("sweep", file, {"Mapped"},
              "more_steps = 2\ndeadline_s = 30\nfile_ops = {operations = [\"rename\"]}");
    const std::string out = folder_.path() + "/out";
    finished_ = run_bench({"run", write_suite(folder_.path(), suite), "--jobs", "4", "--out", out});
    auto stored = read_records(out + "/results.jsonl");
    if (stored) records_ = std::move(stored).value().records;
  }

  const Finished& finished() const { return finished_; }

  std::vector<Record> of(CellKind kind, const std::string& class_name) const {
    std::vector<Record> out = of_class(records_, class_name);
    std::erase_if(out, [&](const Record& record) { return record.cell.kind != kind; });
    return out;
  }

 private:
  TempDir folder_ = fresh_folder();
  Finished finished_;
  std::vector<Record> records_;
};

const ProgressRun& progress_run() {
  static const ProgressRun run;
  return run;
}

// The only trial of this class.
Record trial_of(const std::string& class_name) {
  std::vector<Record> records = progress_run().of(CellKind::kTrial, class_name);
  if (records.size() != 1) throw std::runtime_error(progress_run().finished().output);
  return records.front();
}

void expect_verdict(const Record& record, const std::string& expected, bool allowed) {
  EXPECT_EQ(short_text(*record.verdict), expected) << record.verdict->explanation;
  EXPECT_EQ(record.allowed, allowed) << record.cell.id;
}

// Each save takes as long as the deadline, and more in all, but never stands still for so long.
TEST(OwnProgress, ASlowStrategyThatGoesOnIsNoHang) {
  expect_verdict(trial_of("Steady"), "BIT-EXACT", true);
}

// In the recovery, which has no log of its operations.
TEST(OwnProgress, ASlowRestoreThatGoesOnIsNoHang) {
  expect_verdict(trial_of("SlowNames"), "BIT-EXACT", true);
}

TEST(OwnProgress, SleepingAndSpinningForeverAreHangs) {
  for (const char* name : {"Sleeps", "Spins"})
    expect_verdict(trial_of(name), "NOT-RUN +HANG", false);
  EXPECT_EQ(progress_run().finished().exit_code, 1) << progress_run().finished().output;
}

// Names that no run repeats: the point is found all the same.
TEST(OwnProgress, ARandomNameIsHit) {
  const Record record = trial_of("Named");
  EXPECT_THAT(short_text(*record.verdict), StartsWith("ROLLED-BACK"))
      << record.verdict->explanation;
  EXPECT_TRUE(record.allowed);
}

TEST(OwnProgress, WhatIsMappedCannotBeHitAndSaysSo) {
  const Record record = trial_of("Mapped");
  EXPECT_EQ(short_text(*record.verdict), "VACUOUS");
  EXPECT_THAT(record.verdict->explanation,
              HasSubstr("checkpoint.pt.mapped was mapped to be written"));
}

// Nothing shows in the directory; resumed runs count, too.
TEST(OwnProgress, WhatAResumedRunDoesInTheBackgroundIsAFinding) {
  expect_verdict(trial_of("SyncsLateAfterARestart"), "BIT-EXACT +UNDECLARED-BACKGROUND", false);
}

// As many bytes as before, and no call that anybody sees.
TEST(OwnProgress, WhatIsRewrittenByRawCallsCannotBeHitAndSaysSo) {
  const Record record = trial_of("RawInPlace");
  EXPECT_EQ(short_text(*record.verdict), "VACUOUS");
  EXPECT_THAT(record.verdict->explanation,
              HasSubstr("checkpoint.pt was changed without a file operation seen"));
}

TEST(OwnProgress, ASweepOfWhatIsMappedProvesNothing) {
  const std::vector<Record> records = progress_run().of(CellKind::kSweep, "Mapped");
  ASSERT_EQ(records.size(), 5u);  // two saves, two renames each, and the end
  for (const Record& record : records) {
    EXPECT_EQ(short_text(*record.verdict), "VACUOUS") << record.point;
  }
  EXPECT_THAT(records.back().verdict->explanation, HasSubstr("none fired"));
}

}  // namespace
}  // namespace ckptbench
