// A mistake in a user's Python strategy is told where the user looks: on the terminal, in one line,
// before anything runs where reading the file is enough.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "harness/cli/system/bench_process.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

class PythonErrors : public testing::Test {
 protected:
  // A working class, with the changes of one test.
  Finished run(const std::string& part, const std::string& with, const std::string& suite) {
    std::string text = R"(import os
import torch


class Mine:
    def __init__(self, directory):
        self.path = os.path.join(directory, "state.pt")

    def save(self, state, step):
        torch.save((state, step), self.path + ".tmp")
        os.replace(self.path + ".tmp", self.path)

    def restore(self):
        return torch.load(self.path) if os.path.exists(self.path) else None
)";
    const size_t at = text.find(part);
    if (at == std::string::npos) throw std::runtime_error("no such part: " + part);
    text.replace(at, part.size(), with);
    const Status written = write_file_atomically(file(), text, Sync::kNo);
    if (!written) throw std::runtime_error(written.error().message);
    return run_bench({"run", write_suite(folder_.path(), suite), "--out", out(), "--strategy",
                      "python:" + file() + ":Mine"});
  }
  std::string file() const { return folder_.path() + "/mine.py"; }
  std::string out() const { return folder_.path() + "/out"; }

 private:
  TempDir folder_ = fresh_folder();
};

std::string measure_suite() {
  return R"(name = "one"
[[measure]]
workloads = ["digits-mlp"]
strategies = ["sync"]
policy = {every_steps = 2, keep_last = 2}
steps = 4
pairs = 1
deadline_s = 60
)";
}

struct Mistake {
  std::string name;
  std::string part;
  std::string with;
  std::string says;

  // For names of tests: without it they are the bytes of the object.
  friend void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }
};

class ReadableMistakes : public PythonErrors, public testing::WithParamInterface<Mistake> {};

TEST_P(ReadableMistakes, AreRefusedBeforeAnythingRuns) {
  const Mistake& mistake = GetParam();
  const Finished end = run(mistake.part, mistake.with, one_trial_suite());
  EXPECT_EQ(end.exit_code, 2) << end.output;
  EXPECT_THAT(end.output, HasSubstr(file()));
  EXPECT_THAT(end.output, HasSubstr(mistake.says));
  EXPECT_EQ(std::count(end.output.begin(), end.output.end(), '\n'), 1) << end.output;
  EXPECT_FALSE(fs::exists(out()));
}

INSTANTIATE_TEST_SUITE_P(
    Python, ReadableMistakes,
    testing::Values(
        Mistake{"NoRestore", "def restore", "def restor",
                "class Mine has no method 'restore'; did you mean 'restor'?"},
        Mistake{"NoSave", "def save", "def store", "class Mine has no method 'save'"},
        Mistake{"Syntax", "def save(self, state, step):", "def save(self, state, step)",
                "mine.py:9: SyntaxError: expected ':'"},
        Mistake{"SyntaxOfTheClass", "class Mine:", "class Mine",
                "mine.py:5: SyntaxError: expected ':'"},
        Mistake{"ArgumentNotGiven", "(self, directory)", "(self, directory, level, *, x=1)",
                "mine.py:6: 'level' of __init__ has no default and is not given; expected "
                "Mine:level=VALUE"},
        Mistake{"NamedArgumentNotGiven", "(self, directory)", "(self, directory, *, n: int)",
                "mine.py:6: 'n' of __init__ has no default and is not given"},
        Mistake{"Import", "import torch", "import troch",
                "mine.py:2: imports 'troch', which is not installed"},
        Mistake{"SaveWithoutStep", "save(self, state, step)", "save(self, state)",
                "mine.py:9: save(self, state) is called as save(state, step); expected "
                "def save(self, state, step)"},
        Mistake{"RestoreWithoutDefault", "restore(self)", "restore(self, step)",
                "mine.py:13: restore(self, step) is called as restore()"},
        Mistake{"BackgroundIsAWord", "class Mine:", "class Mine:\n    background = \"yes\"",
                "mine.py:6: background = 'yes' of class Mine; expected True or False"},
        Mistake{"BackgroundIsANumber", "class Mine:", "class Mine:\n    background = 1",
                "mine.py:6: background = 1 of class Mine; expected True or False"},
        Mistake{"MaySkipIsAWord", "class Mine:", "class Mine:\n    may_skip: bool = \"no\"",
                "mine.py:6: may_skip = 'no' of class Mine; expected True or False"},
        Mistake{"SurvivesIsAList", "class Mine:", "class Mine:\n    survives = [\"process\"]",
                "mine.py:6: survives = ['process'] of class Mine; expected a string"},
        Mistake{"OfABase", "class Mine:", "class Base:\n    survives = None\n\n\nclass Mine(Base):",
                "mine.py:6: survives = None of class Mine; expected a string"},
        Mistake{"AsyncSave", "def save", "async def save",
                "mine.py:9: save is async def: ckptbench calls it and does not await it"},
        Mistake{"AsyncRestore", "def restore", "async def restore",
                "mine.py:13: restore is async def"},
        Mistake{"ClassName", "class Mine", "class Mien", "did you mean 'Mien'"}),
    [](const auto& info) { return info.param.name; });

TEST_F(PythonErrors, AnErrorInTheConstructorIsShownForATrial) {
  const Finished end = run("os.path.join", "os.path.jion", one_trial_suite());
  EXPECT_EQ(end.exit_code, 3) << end.output;
  EXPECT_THAT(end.output, HasSubstr("has no attribute 'jion'"));
  EXPECT_THAT(end.output, HasSubstr("(mine.py:7, in __init__)"));
}

TEST_F(PythonErrors, AnErrorInTheConstructorIsShownForAMeasuredCell) {
  const Finished end = run("os.path.join", "os.path.jion", measure_suite());
  EXPECT_EQ(end.exit_code, 3) << end.output;
  EXPECT_THAT(end.output, HasSubstr("has no attribute 'jion'"));
  EXPECT_THAT(end.output, HasSubstr("(mine.py:7, in __init__)"));
  EXPECT_THAT(end.output, Not(HasSubstr("log is empty")));
}

TEST_F(PythonErrors, ARestoreThatFailsIsShownForAMeasuredCell) {
  const Finished end = run("return torch.load", "return torch.laod", measure_suite());
  EXPECT_NE(end.exit_code, 0) << end.output;
  EXPECT_THAT(end.output, HasSubstr("has no attribute 'laod' (mine.py:14, in restore)"));
  EXPECT_THAT(end.output, Not(HasSubstr("log is empty")));
}

// A known failure names the class alone.
TEST_F(PythonErrors, AnArgumentThatIsGivenIsAccepted) {
  const std::string known = "[[known_failures]]\nstrategy = \"python:" + file() +
                            ":Mine\"\nverdict = \"DETECTED-UNRECOVERABLE\"\nreason = \"a test\"\n";
  const std::string suite = one_trial_suite() + known;
  ASSERT_EQ(run("(self, directory)", "(self, directory, level, **more)", suite).exit_code, 2);
  const Finished end =
      run_bench({"run", write_suite(fs::path(file()).parent_path(), suite), "--out", out(),
                 "--strategy", "python:" + file() + ":Mine:level=3"});
  EXPECT_EQ(end.exit_code, 0) << end.output;
}

TEST_F(PythonErrors, AWorkingClassIsAccepted) {
  const Finished end =
      run("import os", "import os, sys as system\nfrom os import path", one_trial_suite());
  EXPECT_EQ(end.exit_code, 0) << end.output;
}

}  // namespace
}  // namespace ckptbench
