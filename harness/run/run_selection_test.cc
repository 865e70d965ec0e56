#include "harness/run/run_selection.h"

#include <gtest/gtest.h>

namespace ckptbench {
namespace {

TEST(RunSelection, IsReadAsItWasWritten) {
  RunSelection selection{.suite = "mine",
                         .suite_text = "name = \"mine\"\n",
                         .given = {.workloads = {"digits-mlp:hidden=16"},
                                   .strategies = {"sync", "python:a b.py:Mine:level=3"},
                                   .kinds = {"trial", "sweep"},
                                   .seed = 0,
                                   .scratch = "/fast",
                                   .keep = true}};
  nlohmann::json fields{{"machine", "…"}};
  add_selection(selection, fields);
  auto read = selection_of(try_parse_json(json_text(fields)));
  ASSERT_TRUE(read);
  EXPECT_EQ(read.value().suite, "mine");
  EXPECT_EQ(read.value().suite_text, selection.suite_text);
  const GivenOptions& given = read.value().given;
  EXPECT_EQ(given.workloads, selection.given.workloads);
  EXPECT_EQ(given.strategies, selection.given.strategies);
  EXPECT_EQ(given.kinds, selection.given.kinds);
  EXPECT_EQ(given.seed, selection.given.seed);
  EXPECT_EQ(given.scratch, "/fast");
  EXPECT_TRUE(given.keep);

  selection.given.seed.reset();
  add_selection(selection, fields);
  EXPECT_TRUE(fields.at("selection").at("seed").is_null());
  EXPECT_FALSE(selection_of(fields).value().given.seed);
}

TEST(RunSelection, OfAnEarlierVersionHasAllKinds) {
  nlohmann::json fields;
  add_selection({.given = {.kinds = {"trial"}}}, fields);
  fields["selection"].erase("kinds");
  const auto read = selection_of(fields);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read.value().given.kinds.empty());
}

TEST(RunSelection, SaysWhatIsMissingOrWrong) {
  nlohmann::json fields{{"suite", "mine"}, {"suite_text", ""}};
  const auto missing = selection_of(fields);
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("selection"), std::string::npos);
  add_selection({}, fields);
  fields["selection"]["seed"] = "one";
  EXPECT_FALSE(selection_of(fields));
  fields["selection"]["seed"] = 1;
  fields["selection"]["keeep"] = true;
  const auto unknown = selection_of(fields);
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("'keeep'"), std::string::npos) << unknown.error().message;
  EXPECT_FALSE(selection_of(nlohmann::json::array()));
}

// --scratch and --keep alone may be given anew.
TEST(RunSelection, WhatMustMatchIsOneList) {
  const GivenOptions given{.workloads = {"a"},
                           .strategies = {"b", "c"},
                           .kinds = {"trial"},
                           .seed = 0,
                           .scratch = "/fast",
                           .keep = true};
  std::string all;
  for (const MatchedOption& option : kMatchedOptions) {
    EXPECT_TRUE(option.words({}).empty()) << option.flag;
    all += option.flag;
    for (const std::string& word : option.words(given)) all += " " + word;
    all += "\n";
  }
  EXPECT_EQ(all, "--workload a\n--strategy b c\n--kind trial\n--seed 0\n");
}

}  // namespace
}  // namespace ckptbench
