#include "harness/suite/suite.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/core/one_line.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kGood = R"(name = "small"
seed = 7
[[measure]]
workloads = ["digits-mlp", {name = "char-gpt", size = "1m", freeze = 0.5}]
strategies = ["sync", "staged+planes+zstd@dir"]
policy = {every_steps = 10, keep_last = 3}
pairs = 2
[[trial]]
workloads = "digits-mlp"
strategies = ["sync"]
policy = {every_steps = 2}
phases = {names = ["write"], edges = ["before"]}
file_ops = [{count = 2}, {operations = ["rename"], occurrences = [1]}]
moments = {count = 1}
)";

constexpr const char* kTrial = R"(name = "one"
[[trial]]
workloads = "digits-mlp"
strategies = ["sync"]
policy = {every_steps = 2}
)";

TEST(Suite, ReadsWhatItSays) {
  const auto suite = parse_suite(kGood, "small.toml");
  ASSERT_TRUE(suite.ok()) << suite.error().message;
  const SuiteGroup& measure = suite.value().groups.at(0);
  EXPECT_EQ(suite.value().seed, 7u);
  EXPECT_EQ(measure.line, 3);
  EXPECT_EQ(measure.workloads.at(1).name, "char-gpt");
  EXPECT_EQ(measure.workloads.at(1).params.at("freeze"), "0.5");
  EXPECT_EQ(measure.cell.policy.keep_last, 3u);
  const SuiteGroup& trial = suite.value().groups.at(1);
  EXPECT_EQ(trial.workloads.at(0).name, "digits-mlp");
  ASSERT_EQ(trial.faults.size(), 4u);
  EXPECT_EQ(trial.faults.at(0).first, "phase");
  EXPECT_EQ(trial.faults.at(2).second.wholes("occurrences"), std::vector<uint64_t>{1});
  EXPECT_EQ(trial.faults.at(3).second.whole("count"), 1u);
}

struct Bad {
  const char* name;
  const char* from;
  const char* to;
  const char* where;  // how the error begins
  const char* says;   // and what it contains
};

void PrintTo(const Bad& bad, std::ostream* out) {
  *out << bad.name;
}

class BadSuite : public ::testing::TestWithParam<Bad> {};

TEST_P(BadSuite, NamesFileLineAndWhatWasExpected) {
  std::string text = kGood;
  const size_t at = text.find(GetParam().from);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, std::string(GetParam().from).size(), GetParam().to);
  const auto suite = parse_suite(text, "small.toml");
  ASSERT_FALSE(suite.ok());
  EXPECT_THAT(suite.error().message, StartsWith(GetParam().where));
  EXPECT_THAT(suite.error().message, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadSuite,
    ::testing::Values(
        Bad{"syntax", "seed = 7", "seed = = 7", "small.toml:2: ", ""},
        Bad{"top_key", "seed = 7", "sede = 7", "small.toml:2: ", "did you mean 'seed'"},
        Bad{"table", "[[measure]]", "[[mesure]]", "small.toml:3: ", "did you mean 'measure'"},
        Bad{"group_key", "pairs = 2", "pair = 2", "small.toml:7: ", "did you mean 'pairs'"},
        Bad{"policy_key", "keep_last", "keep_lst", "small.toml:6: ", "did you mean 'keep_last'"},
        Bad{"fault_key", "edges", "edge", "small.toml:12: ", "did you mean 'edges'"},
        Bad{"phase", "names = [\"write\"]", "names = [\"wrte\"]",
            "small.toml:12: ", "did you mean 'write'"},
        Bad{"edge", "\"before\"", "\"befor\"", "small.toml:12: ", "did you mean 'before'"},
        Bad{"operation", "\"rename\"", "\"renam\"", "small.toml:13: ", "did you mean 'rename'"},
        Bad{"negative", "pairs = 2", "pairs = -2", "small.toml:7: ", ">= 1, got -2"},
        Bad{"zero", "occurrences = [1]", "occurrences = [0]", "small.toml:13: ", ">= 1, got 0"},
        Bad{"wrong_type", "pairs = 2", "pairs = \"two\"",
            "small.toml:7: ", "expected a whole number, got a string"},
        Bad{"not_a_name", "workloads = \"digits-mlp\"", "workloads = 3",
            "small.toml:9: ", "got a whole number"},
        Bad{"list_param", "freeze = 0.5", "freeze = [1]", "small.toml:4: ", "freeze must be"},
        Bad{"nameless", "name = \"char-gpt\", ", "", "small.toml:4: ", "needs a name"},
        Bad{"empty_list", "[\"sync\"]", "[]", "small.toml:10: ", "at least one"},
        Bad{"no_strategies", "strategies = [\"sync\"]\n", "",
            "small.toml:8: ", "strategies: missing"},
        Bad{"workload_singular", "workloads = \"digits-mlp\"", "workload = \"digits-mlp\"",
            "small.toml:9: ", "did you mean 'workloads'"},
        Bad{"strategy_singular", "strategies = [\"sync\"]\n", "strategys = [\"sync\"]\n",
            "small.toml:10: ", "did you mean 'strategies'"},
        Bad{"policy_written_wrong", "policy = {every_steps = 2}", "polcy = {every_steps = 2}",
            "small.toml:11: ", "did you mean 'policy'"},
        Bad{"suite_name_written_wrong", "name = \"small\"", "nam = \"small\"",
            "small.toml:1: ", "did you mean 'name'"},
        Bad{"never_saves", "{every_steps = 2}", "{keep_last = 2}",
            "small.toml:11: ", "never saves"},
        Bad{"weights_alone", "{every_steps = 2}", "{every_steps = 2, contents = \"weights\"}",
            "small.toml:8: ", "contents = \"weights\" resumes no training"},
        Bad{"no_policy", "policy = {every_steps = 2}\n", "", "small.toml:8: ", "policy: missing"},
        Bad{"both", "{count = 2}", "{count = 2, occurrences = [1]}",
            "small.toml:13: ", "either count or occurrences"},
        Bad{"moment_range", "{count = 1}", "{at = [1.5]}", "small.toml:14: ", "in [0, 1]"},
        Bad{"suite_name", "\"small\"", "\"../up\"", "small.toml:1: ", "lower-case"},
        Bad{"no_name", "name = \"small\"\n", "", "small.toml:1: ", "name: missing"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Suite, NeedsAGroup) {
  const auto suite = parse_suite("name = \"empty\"\n", "empty.toml");
  ASSERT_FALSE(suite.ok());
  EXPECT_THAT(suite.error().message, HasSubstr("at least one [[measure]]"));
}

constexpr const char* kKnown = R"([[known_failures]]
strategy = "python:my.py:Mine"
verdict = "DETECTED-UNRECOVERABLE"
reason = "one file, in place"
)";

TEST(KnownFailures, AreReadFromASuiteAndFromTheirOwnFile) {
  const auto suite = parse_suite(std::string(kGood) + kKnown, "small.toml");
  ASSERT_TRUE(suite) << suite.error().message;
  ASSERT_EQ(suite.value().known_failures.size(), 1u);
  const KnownFailure& known = suite.value().known_failures[0];
  EXPECT_EQ(known.strategy, "python:my.py:Mine");
  EXPECT_EQ(known.fault, "kill");
  EXPECT_EQ(known.tried, 50u);
  EXPECT_FALSE(known.first_save);
  EXPECT_TRUE(known.file.starts_with("small.toml:")) << known.file;
  const auto own = parse_known_failures(
      std::string(kKnown) + "first_save = true\nsource = \"https://x.org/1\"\n", "k.toml");
  ASSERT_TRUE(own) << own.error().message;
  EXPECT_EQ(own.value()[0].file, "k.toml:1");
  EXPECT_TRUE(own.value()[0].first_save);
}

TEST(KnownFailures, AMistakeNamesTheLine) {
  const auto message = [](const std::string& text) {
    const auto known = parse_known_failures(text, "k.toml");
    return known ? "read" : known.error().message;
  };
  EXPECT_THAT(message(kKnown), HasSubstr("k.toml:1: source: missing"));
  std::string text = kKnown;
  text.replace(text.find("DETECTED"), 8, "NOTICED");
  EXPECT_THAT(message(text + "source = \"https://x.org/1\"\n"),
              HasSubstr("'NOTICED-UNRECOVERABLE' is no data verdict and no finding"));
  EXPECT_THAT(message("[[known_failures]]\nstrategy = \"a\"\nverdict = \"LEAK\"\n"),
              HasSubstr("reason: missing"));
}

// toml++ asserts there: a line of the file is named nevertheless.
TEST(Suite, WhatTheParserDidNotExpectIsAnErrorWithItsLine) {
  for (const char* text :
       {"name = \"a\"\n[[/weep]]\n", "[[/weep]]", "a = 1\n[/]\nb = 2\n", "a = 1\nb = β\n"}) {
    const auto suite = parse_suite(text, "s.toml");
    ASSERT_FALSE(suite.ok()) << text;
    const bool first = text[0] == '[';
    EXPECT_THAT(suite.error().message, StartsWith(first ? "s.toml:1: " : "s.toml:2: "));
  }
}

TEST(Suite, AnErrorIsOneLine) {
  for (const char* text : {"\"a\\nb\" = 1", "name = \"a\\u001b[2J\"", "a = \x1b"}) {
    const auto suite = parse_suite(text, "s.toml");
    ASSERT_FALSE(suite.ok()) << text;
    EXPECT_EQ(suite.error().message, one_line(suite.error().message));
  }
}

TEST(Suite, CountsHaveALimit) {
  for (const char* count :
       {"moments = {count = 9223372036854775807}", "file_ops = {count = 9223372036854775807}"}) {
    const auto suite = parse_suite(fmt::format("{}{}\n", kTrial, count), "s.toml");
    ASSERT_FALSE(suite.ok()) << count;
    EXPECT_THAT(suite.error().message, HasSubstr("count: expected a whole number <= 20000"));
  }
}

}  // namespace
}  // namespace ckptbench
