// A whole run on a terminal of 80 columns, as a user sees it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string_view>

#include "harness/cli/system/bench_process.h"
#include "results/text_table.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kControl = "\x1b[";

class OnATerminal : public testing::Test {
 protected:
  void SetUp() override {
    const std::string file = folder_.path() + "/a-long-folder-of-experiments-on-saves/own.py";
    std::filesystem::create_directories(std::filesystem::path(file).parent_path());
    std::ofstream(file) << "import os, torch\n"
                           "class Right:\n"
                           "    def __init__(self, directory):\n"
                           "        self.path = os.path.join(directory, 'checkpoint.pt')\n"
                           "    def save(self, state, step):\n"
                           "        torch.save((state, step), self.path + '.new')\n"
                           "        os.rename(self.path + '.new', self.path)\n"
                           "    def restore(self):\n"
                           "        if not os.path.exists(self.path): return None\n"
                           "        return torch.load(self.path)\n";
    suite_ = write_suite(folder_.path(), fmt::format(R"(name = "own"
seed = 1
[[trial]]
workloads = ["digits-mlp"]
strategies = ["python:{}:Right"]
policy = {{every_steps = 2}}
steps = 5
more_steps = 2
deadline_s = 60
)",
                                                     file));
  }

  // What the terminal gets.
  std::string run(const std::string& variables) {
    const std::string out = folder_.path() + "/out";
    std::filesystem::remove_all(out);
    const Finished finished =
        run_shell(fmt::format("script -qec 'stty cols 80 -onlcr; {} {} run {} --out {}' /dev/null",
                              variables, bench_program(), suite_, out));
    EXPECT_EQ(finished.exit_code, 0) << finished.output;
    return finished.output;
  }

  TempDir folder_ = fresh_folder();
  std::string suite_;
};

TEST_F(OnATerminal, ADumbOneGetsPlainLines) {
  const std::string text = run("TERM=dumb");
  EXPECT_THAT(text, Not(HasSubstr(kControl)));
  EXPECT_THAT(text, Not(HasSubstr("\r")));
  EXPECT_THAT(text, HasSubstr("(python:own.py:Right) BIT-EXACT\n"));
}

TEST_F(OnATerminal, TheRewrittenLineFitsAndHasNoColourWhereNoneIsWanted) {
  const std::string text = run("TERM=xterm NO_COLOR=1");
  EXPECT_THAT(text, HasSubstr("left: trial of python:own.py:Right on digits-mlp\r\x1b[K"));
  for (size_t at = text.find(kControl); at != std::string::npos; at = text.find(kControl, at + 1)) {
    const std::string shown = text.substr(at + 3, text.find_first_of("\r\n", at) - at - 3);
    EXPECT_EQ(text[at + 2], 'K');
    EXPECT_LT(display_width(shown), 80U) << shown;
  }
}

}  // namespace
}  // namespace ckptbench
