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

class OwnProgress : public testing::Test {
 protected:
  Finished run(const std::string& group, const std::string& name, double deadline_s,
               const std::string& faults = "") {
    std::ofstream(folder_.path() + "/own.py") << kProgressClasses;
    const std::string suite =
        "name = \"own\"\nseed = 1\n[[" + group +
        "]]\nworkloads = [\"digits-mlp\"]\nstrategies = [\"python:" + folder_.path() +
        "/own.py:" + name +
        "\"]\npolicy = {every_steps = 2}\nsteps = 5\nmore_steps = " + std::to_string(more_steps_) +
        "\ndeadline_s = " + std::to_string(deadline_s) + "\n" + faults + "\n";
    Finished finished =
        run_bench({"run", write_suite(folder_.path(), suite), "--out", folder_.path() + "/out"});
    records_ = read_records(folder_.path() + "/out/results.jsonl").value().records;
    return finished;
  }
  std::string verdict() const {
    return records_.empty() || !records_.back().verdict ? "" : short_text(*records_.back().verdict);
  }
  std::string why() const { return records_.back().verdict->explanation; }

  uint64_t more_steps_ = 2;
  TempDir folder_ = fresh_folder();
  std::vector<Record> records_;
};

// Each save takes as long as the deadline, and more in all, but never stands still for so long.
TEST_F(OwnProgress, ASlowStrategyThatGoesOnIsNoHang) {
  const Finished finished = run("trial", "Steady", 2);
  EXPECT_EQ(finished.exit_code, 0) << finished.output;
  EXPECT_EQ(verdict(), "BIT-EXACT") << why();
}

// In the recovery, which has no log of its operations.
TEST_F(OwnProgress, ASlowRestoreThatGoesOnIsNoHang) {
  const Finished finished = run("trial", "SlowNames", 2);
  EXPECT_EQ(finished.exit_code, 0) << finished.output;
  EXPECT_EQ(verdict(), "BIT-EXACT") << why();
}

TEST_F(OwnProgress, SleepingAndSpinningForeverAreHangs) {
  for (const char* name : {"Sleeps", "Spins"}) {
    const Finished finished = run("trial", name, 3);
    EXPECT_EQ(finished.exit_code, 1) << name << finished.output;
    EXPECT_THAT(verdict(), HasSubstr("HANG")) << name << why();
    std::filesystem::remove_all(folder_.path() + "/out");
  }
}

// Names that no run repeats: the point is found all the same.
TEST_F(OwnProgress, ARandomNameIsHit) {
  const Finished finished =
      run("trial", "Named", 30, "file_ops = {operations = [\"rename\"], count = 1}");
  EXPECT_EQ(finished.exit_code, 0) << finished.output;
  EXPECT_THAT(verdict(), HasSubstr("ROLLED-BACK")) << why();
}

TEST_F(OwnProgress, WhatIsMappedCannotBeHitAndSaysSo) {
  run("trial", "Mapped", 30, "file_ops = {count = 1}");
  EXPECT_EQ(verdict(), "VACUOUS");
  EXPECT_THAT(why(), HasSubstr("checkpoint.pt.mapped was mapped to be written"));
}

// Nothing shows in the directory; resumed runs count, too.
TEST_F(OwnProgress, WhatAResumedRunDoesInTheBackgroundIsAFinding) {
  more_steps_ = 8;
  const Finished finished = run("trial", "SyncsLateAfterARestart", 30);
  EXPECT_EQ(finished.exit_code, 1) << finished.output;
  EXPECT_EQ(verdict(), "BIT-EXACT +UNDECLARED-BACKGROUND") << why();
}

// As many bytes as before, and no call that anybody sees.
TEST_F(OwnProgress, WhatIsRewrittenByRawCallsCannotBeHitAndSaysSo) {
  run("trial", "RawInPlace", 30, "file_ops = {count = 1}");
  EXPECT_EQ(verdict(), "VACUOUS");
  EXPECT_THAT(why(), HasSubstr("checkpoint.pt was changed without a file operation seen"));
}

TEST_F(OwnProgress, ASweepOfWhatIsMappedProvesNothing) {
  run("sweep", "Mapped", 30, "file_ops = {operations = [\"rename\"]}");
  ASSERT_EQ(records_.size(), 5u);  // two saves, two renames each, and the end
  for (const Record& record : records_) {
    EXPECT_EQ(short_text(*record.verdict), "VACUOUS") << record.point;
  }
  EXPECT_THAT(why(), HasSubstr("none fired"));
}

}  // namespace
}  // namespace ckptbench
