#include "harness/suite/cell_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "faults/testing/added_kind.h"
#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kSuite = R"(name = "golden"
seed = 5
[[measure]]
workloads = ["digits-mlp"]
strategies = ["sync", {name = "compressed", level = 3}]
policy = {every_steps = 4}
[[trial]]
workloads = ["digits-mlp"]
strategies = ["sync"]
policy = {every_steps = 2}
phases = {names = ["write", "publish"], edges = ["before"], occurrences = [1, 2]}
file_ops = [{count = 2}, {operations = ["rename"], when = ["after"], occurrences = [3]}]
moments = {count = 1}
[[sweep]]
workloads = ["digits-mlp"]
strategies = ["sync"]
policy = {every_steps = 2}
)";

Suite parse(const std::string& text) {
  auto suite = parse_suite(text, "golden.toml");
  EXPECT_TRUE(suite.ok()) << (suite.ok() ? "" : suite.error().message);
  return suite.ok() ? std::move(suite).value() : Suite{};
}

std::vector<Cell> plan(const std::string& text, const PlanOverrides& overrides = {}) {
  auto cells = make_plan(parse(text), overrides);
  EXPECT_TRUE(cells.ok()) << (cells.ok() ? "" : cells.error().message);
  return cells.ok() ? std::move(cells).value() : std::vector<Cell>{};
}

std::vector<std::string> ids(const std::vector<Cell>& cells) {
  std::vector<std::string> out;
  for (const Cell& cell : cells) out.push_back(cell.id);
  return out;
}

TEST(Plan, GoldenIds) {
  EXPECT_THAT(ids(plan(kSuite)),
              ElementsAre("measure.digits-mlp.sync.s5",                          //
                          "measure.digits-mlp.compressed-level-3.s5",            //
                          "trial.digits-mlp.sync.phase-write-before-1.s5",       //
                          "trial.digits-mlp.sync.phase-write-before-2.s5",       //
                          "trial.digits-mlp.sync.phase-publish-before-1.s5",     //
                          "trial.digits-mlp.sync.phase-publish-before-2.s5",     //
                          "trial.digits-mlp.sync.file_op-any-share1-before.s5",  //
                          "trial.digits-mlp.sync.file_op-any-share2-before.s5",  //
                          "trial.digits-mlp.sync.file_op-rename-3-after.s5",     //
                          "trial.digits-mlp.sync.moment-1.s5",                   //
                          "sweep.digits-mlp.sync.file_op-any-all-before.s5",     //
                          "sweep.digits-mlp.sync.file_op-any-all-after.s5",      //
                          "sweep.digits-mlp.sync.file_op-write-all-partial.s5"));
}

TEST(Plan, RepeatsOfARowAreSpreadOverTheSuite) {
  const auto cells = plan(R"(name = "twice"
seed = 5
[[measure]]
workloads = ["digits-mlp"]
strategies = ["sync", "async"]
policy = {every_steps = 4}
repeat = 2
[[measure]]
workloads = ["digits-cnn"]
strategies = ["sync"]
policy = {every_steps = 4}
)");
  EXPECT_THAT(ids(cells), ElementsAre("measure.digits-mlp.sync.r1.s5",   //
                                      "measure.digits-mlp.async.r1.s5",  //
                                      "measure.digits-cnn.sync.s5",      //
                                      "measure.digits-mlp.sync.r2.s5",   //
                                      "measure.digits-mlp.async.r2.s5"));
  EXPECT_EQ(cells.front().repeat, 1u);
  EXPECT_EQ(cells.back().repeat, 2u);
}

std::vector<double> shares(const std::vector<Cell>& cells) {
  std::vector<double> out;
  for (const Cell& cell : cells) {
    const auto share = cell.fault.params.find("share");
    if (cell.fault.kind == "file_op" && share != cell.fault.params.end()) {
      out.push_back(std::stod(share->second));
    }
  }
  return out;
}

// With its row in the list and nothing else (faults/fault_kinds_test.cc has the rest of the story).
TEST(Plan, AnAddedKindOfFaultIsPlanned) {
  const FaultKinds kinds = kinds_with_added();
  std::string text = kSuite;
  text.replace(text.find("moments = {count = 1}"), 21, "whispers = {words = [\"hush\", \"psst\"]}");
  EXPECT_THAT(parse_suite(text, "golden.toml").error().message, HasSubstr("unknown key"));
  const auto suite = parse_suite(text, "golden.toml", kinds);
  ASSERT_TRUE(suite) << suite.error().message;
  const auto cells = make_plan(suite.value(), {}, kinds);
  ASSERT_TRUE(cells) << cells.error().message;
  const Cell& last = cells.value().at(cells.value().size() - 4);
  EXPECT_EQ(last.id, "trial.digits-mlp.sync.whisper-psst.s5");
  EXPECT_EQ(describe(last.fault, kinds), "whisper 'psst'");
  text.replace(text.find("\"hush\""), 6, "\"hsh\"");
  EXPECT_THAT(parse_suite(text, "golden.toml", kinds).error().message,
              HasSubstr("did you mean 'hush'"));
}

TEST(Plan, TheSeedAloneDecidesTheSample) {
  const auto once = shares(plan(kSuite));
  EXPECT_EQ(once, shares(plan(kSuite)));
  EXPECT_NE(once, shares(plan(kSuite, {{}, {}, 6})));
  ASSERT_EQ(once.size(), 2u);
  EXPECT_LT(once[0], 0.5);
  EXPECT_GE(once[1], 0.5);
}

// The draw of the golden suite, written down: a change of it would make old ids mean new faults.
TEST(Plan, GoldenDraw) {
  const auto drawn = shares(plan(kSuite));
  ASSERT_EQ(drawn.size(), 2u);
  EXPECT_DOUBLE_EQ(drawn[0], 0.48076652742649062);
  EXPECT_DOUBLE_EQ(drawn[1], 0.60805964435384052);
  EXPECT_EQ(plan(kSuite).at(9).fault.kind, "moment");
}

TEST(Plan, ACellElsewhereChangesNoDraw) {
  std::string more = kSuite;
  more.replace(more.find("[\"digits-mlp\"]"), 14, "[\"digits-cnn\", \"digits-mlp\"]");
  EXPECT_EQ(shares(plan(kSuite)), shares(plan(more)));
}

TEST(Plan, OverridesReplaceTheListsOfEveryGroup) {
  PlanOverrides overrides;
  overrides.strategies = {{"async", {}}};
  overrides.seed = 9;
  const auto cells = plan(kSuite, overrides);
  for (const Cell& cell : cells) {
    EXPECT_EQ(cell.strategy.name, "async");
    EXPECT_EQ(cell.seed, 9u);
  }
  EXPECT_EQ(ids(cells).front(), "measure.digits-mlp.async.s9");
}

TEST(Plan, IdenticalCellsAreAnErrorUnlessOverridesMadeThem) {
  std::string twice = kSuite;
  twice +=
      "[[sweep]]\nworkloads = [\"digits-mlp\"]\nstrategies = [\"sync\", \"async\"]\n"
      "policy = {every_steps = 2}\n";
  const auto refused = make_plan(parse(twice));
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("line 18 plans sweep.digits-mlp.sync"));
  EXPECT_THAT(refused.error().message, HasSubstr("line 14"));
  EXPECT_EQ(plan(twice, {{}, {{"async", {}}}, {}}).size(), 12u);
}

TEST(Plan, CellsThatDifferOnlyInPolicyHaveDifferentIds) {
  std::string twice = kSuite;
  twice +=
      "[[sweep]]\nworkloads = [\"digits-mlp\"]\nstrategies = [\"sync\"]\n"
      "policy = {every_steps = 3}\n";
  const auto all = ids(plan(twice));
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size());
}

TEST(Plan, IdsAreSafeFileNames) {
  PlanOverrides overrides;
  overrides.strategies = {{"python:../a b/x.py:C", {{"path", "/x/y"}}}};
  for (const std::string& id : ids(plan(kSuite, overrides))) {
    EXPECT_EQ(id.find_first_of("/ :\"'\\"), std::string::npos) << id;
  }
}

TEST(Plan, CellsSurviveTheirFile) {
  for (const Cell& cell : plan(kSuite)) {
    const nlohmann::json json = cell;
    EXPECT_EQ(nlohmann::json(json.get<Cell>()), json) << cell.id;
  }
}

TEST(Plan, PhaseSampleIsASubsetOfTheProduct) {
  std::string text = kSuite;
  text.replace(text.find("occurrences = [1, 2]}"), 21, "occurrences = [1, 2], sample = 2}");
  const auto some = ids(plan(text));
  const auto all = ids(plan(kSuite));
  EXPECT_EQ(some.size(), all.size() - 2);
  for (const std::string& id : some) EXPECT_NE(std::find(all.begin(), all.end(), id), all.end());
}

TEST(CellPlan, ALongNameStillMakesAnIdThatAFolderCanHave) {
  Suite suite = parse(kSuite);
  suite.groups.resize(1);
  const std::string longest(5000, 'w');
  suite.groups[0].workloads = {{longest + "a", {}}, {longest + "b", {}}};
  const auto cells = make_plan(suite);
  ASSERT_TRUE(cells) << cells.error().message;
  std::set<std::string> ids;
  for (const Cell& cell : cells.value()) {
    EXPECT_LE(cell.id.size(), 255u);
    EXPECT_TRUE(ids.insert(cell.id).second);
  }
}

TEST(CellPlan, MoreCellsThanASuiteMayHaveAreRefusedBeforeTheyAreMade) {
  Suite suite = parse(kSuite);
  suite.groups.resize(2);
  const auto refuse = [&] {
    const auto cells = make_plan(suite);
    ASSERT_FALSE(cells);
    EXPECT_THAT(cells.error().message, HasSubstr("more than 20000 cells"));
  };
  auto& phases = suite.groups[1].faults.at(0).second.values;
  const auto as_parsed = phases;
  phases.at("occurrences").assign(100'000, "1");
  phases.at("names").assign(100'000, "write");
  refuse();
  phases = as_parsed;
  phases.at("occurrences").assign(30'000, "1");
  refuse();
}

}  // namespace
}  // namespace ckptbench
