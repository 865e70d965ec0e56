// The suites that docs/suites.md shows are accepted as they stand there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>

#include "harness/cli/system/bench_process.h"

namespace ckptbench {
namespace {

constexpr const char* kPythonClass =
    "import torch\n"
    "class Mine:\n"
    "    survives = \"process\"\n"
    "    def __init__(self, directory, level=1): pass\n"
    "    def save(self, state, step): pass\n"
    "    def restore(self): return None\n";

// Blocks that hold a table with cells.
std::vector<std::string> shown_suites() {
  const std::string text = read_file(std::string(CKPT_DOCS) + "/suites.md").value();
  std::vector<std::string> suites;
  constexpr std::string_view kOpening = "```toml\n";
  for (size_t at = text.find(kOpening); at != std::string::npos; at = text.find(kOpening, at)) {
    at += kOpening.size();
    const std::string block = text.substr(at, text.find("```", at) - at);
    if (block.find("[[measure]]") != std::string::npos) suites.push_back(block);
  }
  return suites;
}

TEST(DocumentedSuites, AreAccepted) {
  const std::vector<std::string> suites = shown_suites();
  EXPECT_GE(suites.size(), 2U);
  for (const std::string& text : suites) {
    const TempDir folder = fresh_folder();
    const std::string source = folder.path() + "/my.py";
    std::ofstream(source) << kPythonClass;
    const std::string suite = write_suite(
        folder.path(), std::regex_replace(text, std::regex("python:my.py"), "python:" + source));
    const Finished run = run_bench({"run", suite, "--dry-run"});
    EXPECT_EQ(run.exit_code, 0) << run.output;
  }
}

}  // namespace
}  // namespace ckptbench
