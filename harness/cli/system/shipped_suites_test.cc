// What CI would otherwise not run of the shipped suites: the trials of `default`, and what `quick`
// must find of the broken strategies by docs/detection.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "harness/cli/system/bench_process.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;

constexpr char kSkip[] =
    "hundreds of trials: minutes under a sanitizer, and the quick suite and the kills in recovery "
    "run there";

// One line of the table: the share of the seeds with which each suite finds a strategy.
using Shares = std::map<std::string, std::string>;

std::vector<std::string> columns(const std::string& line) {
  std::vector<std::string> out;
  std::istringstream text(line.substr(1));
  for (std::string column; std::getline(text, column, '|');) {
    const size_t begin = column.find_first_not_of(' ');
    const size_t end = column.find_last_not_of(' ');
    out.push_back(begin == std::string::npos ? "" : column.substr(begin, end - begin + 1));
  }
  return out;
}

// By strategy.
std::map<std::string, Shares> shares_of(const std::string& markdown) {
  std::map<std::string, Shares> table;
  std::vector<std::string> heads;
  std::istringstream lines(markdown);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("|") || line.starts_with("|---")) continue;
    const std::vector<std::string> cells = columns(line);
    if (heads.empty()) {
      heads = cells;
      continue;
    }
    for (size_t i = 1; i < cells.size(); ++i) table[cells[0]][heads.at(i)] = cells[i];
  }
  return table;
}

std::map<std::string, Shares> documented() {
  return shares_of(read_file(CKPT_DOCS "/detection.md").value());
}

// Without the lines "[12/313] …", which hide what follows them where a log is cut.
std::string without_progress(const std::string& output) {
  std::string rest;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("[")) rest += line + "\n";
  }
  return rest;
}

TEST(ShippedSuites, EveryTrialOfDefaultEndsAsItMay) {
  if (kSanitized) GTEST_SKIP() << kSkip;
  const TempDir folder = fresh_folder();
  const Finished run = run_bench({"run", "default", "--kind", "trial", "--out", folder.path()});
  EXPECT_EQ(run.exit_code, 0) << without_progress(run.output);
}

TEST(ShippedSuites, DetectionIsDocumentedForEveryBrokenStrategy) {
  const std::map<std::string, Shares> table = documented();
  const Finished list = run_bench({"list"});
  size_t listed = 0;
  std::istringstream lines(list.output);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    if (!name.starts_with("broken-")) continue;
    EXPECT_TRUE(table.contains(name)) << name << ": docs/detection.md has no line for it";
    ++listed;
  }
  EXPECT_EQ(listed, table.size());
  EXPECT_GT(listed, 0u) << list.output;
}

// A share that has fallen shows here, although some other seed or suite still finds the strategy.
TEST(ShippedSuites, QuickFindsWhatItIsSaidToFindWithEverySeed) {
  if (kSanitized) GTEST_SKIP() << kSkip;
  const TempDir folder = fresh_folder();
  // Most of its time goes by in waiting for deadlines.
  const Finished run = run_bench(
      {"selftest", "quick", "--seeds", "1", "--jobs", "4", "--out", folder.path() + "/out"});
  EXPECT_THAT(run.output, HasSubstr("broken strategies found"));
  const std::map<std::string, Shares> found = shares_of(run.output);
  size_t compared = 0;
  for (const auto& [strategy, shares] : documented()) {
    if (shares.at("quick") != "3 of 3") continue;
    ASSERT_TRUE(found.contains(strategy)) << run.output;
    EXPECT_EQ(found.at(strategy).at("quick"), "1 of 1") << strategy;
    ++compared;
  }
  EXPECT_GT(compared, 0u);
}

// What no other test would miss if a table of `default` went.
TEST(ShippedSuites, DefaultFindsWhatQuickDoesNot) {
  if (kSanitized) GTEST_SKIP() << kSkip;
  const TempDir folder = fresh_folder();
  std::vector<std::string> arguments{"selftest", "default", "--seeds",
                                     "1",        "--out",   folder.path() + "/out"};
  std::vector<std::string> expected;
  for (const auto& [strategy, shares] : documented()) {
    if (shares.at("quick") == "3 of 3" || shares.at("default") != "3 of 3") continue;
    expected.push_back(strategy);
    arguments.insert(arguments.end(), {"--strategy", strategy});
  }
  ASSERT_FALSE(expected.empty());
  const Finished run = run_bench(arguments);
  const std::map<std::string, Shares> found = shares_of(run.output);
  for (const std::string& strategy : expected) {
    ASSERT_TRUE(found.contains(strategy)) << run.output;
    EXPECT_EQ(found.at(strategy).at("default"), "1 of 1") << strategy;
  }
}

}  // namespace
}  // namespace ckptbench
