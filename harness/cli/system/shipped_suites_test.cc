// What CI would otherwise not run of the shipped suites: the trials of `default`, and what `quick`
// must find of the broken strategies by docs/detection.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "harness/cli/system/bench_process.h"
#include "harness/core/json_text.h"
#include "harness/suite/suite.h"
#include "results/record_store.h"

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

std::string shipped(const std::string& name) {
  return read_file(CKPT_DOCS "/../suites/" + name).value();
}

// Kills of the strategy that came to a data verdict: what a known failure is missed in.
uint64_t counted_kills(const std::string& strategy, const std::vector<Record>& records) {
  return static_cast<uint64_t>(
      std::count_if(records.begin(), records.end(), [&](const Record& record) {
        return record.cell.strategy.name == strategy && !record.cell.fault.kind.empty() &&
               record.cell.fault.kind != "none" && record.verdict && record.verdict->data &&
               !record.verdict->outcome;
      }));
}

// Those in a first save take a sweep.
void expect_enough_kills(const std::string& out) {
  const std::vector<Record> records = read_records(out + "/results.jsonl").value().records;
  const auto known = parse_known_failures(shipped("known_failures.toml"), "known_failures.toml");
  for (const KnownFailure& row : known.value()) {
    if (row.first_save) continue;
    EXPECT_LE(row.tried, counted_kills(row.strategy, records)) << row.file;
  }
}

TEST(ShippedSuites, EveryTrialOfDefaultEndsAsItMay) {
  if (kSanitized) GTEST_SKIP() << kSkip;
  const TempDir folder = fresh_folder();
  const Finished run = run_bench({"run", "default", "--kind", "trial", "--out", folder.path()});
  EXPECT_EQ(run.exit_code, 0) << without_progress(run.output);
  expect_enough_kills(folder.path());
}

// The tables of `default` whose strategies take a size of their own for chunks, without their
// faults.
std::string suite_of_small_chunks() {
  std::string suite = "name = \"chunks\"\n";
  for (const SuiteGroup& group :
       parse_suite(shipped("default.toml"), "default.toml").value().groups) {
    for (const Selection& strategy : group.strategies) {
      if (!strategy.params.contains("chunk_bytes")) continue;
      std::string params;
      for (const auto& [name, value] : strategy.params) params += ", " + name + " = " + value;
      suite += "[[trial]]\nworkloads = [\"" + group.workloads.at(0).name +
               "\"]\nstrategies = [{name = \"" + strategy.name + "\"" + params +
               "}]\npolicy = {every_steps = 2, keep_last = 2}\nsteps = 5\nmore_steps = 1\n";
    }
  }
  return suite;
}

// Of the tensor that has most, in any manifest below the folder.
size_t most_chunks(const std::filesystem::path& folder) {
  size_t most = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".manifest") continue;
    const std::string text = read_file(entry.path()).value();
    const nlohmann::json manifest = parse_json(text.substr(0, text.rfind("\nxxh3-128 ")));
    for (const nlohmann::json& tensor : manifest.at("tensors")) {
      if (tensor.contains("chunks")) most = std::max(most, tensor.at("chunks").size());
    }
  }
  return most;
}

TEST(ShippedSuites, DefaultKillsSavesOfTensorsOfSeveralChunks) {
  const TempDir folder = fresh_folder();
  const std::string out = folder.path() + "/out";
  const Finished run = run_bench(
      {"run", write_suite(folder.path(), suite_of_small_chunks()), "--keep", "--out", out});
  ASSERT_EQ(run.exit_code, 0) << run.output;
  std::set<std::string> seen;
  for (const auto& cell : std::filesystem::directory_iterator(out + "/cells")) {
    const std::string name = cell.path().filename();
    EXPECT_GE(most_chunks(cell.path()), 2u) << name;
    seen.insert(name.substr(0, name.find('-', name.find("mlp."))));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"trial.digits-mlp.async", "trial.digits-mlp.compressed",
                                         "trial.digits-mlp.incremental", "trial.digits-mlp.sync"}));
}

// Of a sweep over the operations that this log of an undisturbed run has: a kill before and after
// each, and one in the middle of each write.
uint64_t points_of_sweep(const std::string& log) {
  uint64_t points = 0;
  std::istringstream lines(read_file(log).value());
  for (std::string line; std::getline(lines, line);) {
    const std::string operation = parse_json(line).value("op", "");
    if (!operation.empty()) points += operation == "write" ? 3 : 2;
  }
  return points;
}

// Else such a row could never be reported as gone. The sweep's own runs, without its kills.
TEST(ShippedSuites, ASweepHasPointsEnoughForKnownFailuresOfAFirstSave) {
  if (kSanitized) GTEST_SKIP() << kManyPythons;
  std::map<std::string, uint64_t> tried;
  const auto known = parse_known_failures(shipped("known_failures.toml"), "known_failures.toml");
  for (const KnownFailure& row : known.value()) {
    if (row.first_save) tried[row.strategy] = std::max(tried[row.strategy], row.tried);
  }
  ASSERT_FALSE(tried.empty());
  std::string suite = shipped("sweep-python.toml");
  suite.replace(suite.find("[[sweep]]"), 9, "[[trial]]");
  const TempDir folder = fresh_folder();
  const std::string out = folder.path() + "/out";
  std::vector<std::string> arguments{"run", write_suite(folder.path(), suite), "--keep", "--out",
                                     out};
  for (const auto& [strategy, count] : tried) arguments.insert(arguments.end(), {"-s", strategy});
  const Finished run = run_bench(arguments);
  ASSERT_EQ(run.exit_code, 0) << run.output;
  const std::vector<Record> records = read_records(out + "/results.jsonl").value().records;
  ASSERT_EQ(records.size(), tried.size()) << run.output;
  for (const Record& record : records) {
    EXPECT_LE(tried.at(record.cell.strategy.name),
              points_of_sweep(out + "/cells/" + record.cell.id + "/train.faults.jsonl"))
        << record.cell.id;
  }
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
