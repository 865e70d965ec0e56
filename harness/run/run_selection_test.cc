#include "harness/run/run_selection.h"

#include <gtest/gtest.h>

namespace ckptbench {
namespace {

TEST(RunSelection, IsReadAsItWasWritten) {
  RunSelection selection{.suite = "mine",
                         .suite_text = "name = \"mine\"\n",
                         .workloads = {"digits-mlp:hidden=16"},
                         .strategies = {"sync", "python:a b.py:Mine:level=3"},
                         .kinds = {"trial", "sweep"},
                         .seed = 0,
                         .scratch = "/fast",
                         .keep = true};
  nlohmann::json fields{{"machine", "…"}};
  add_selection(selection, fields);
  auto read = selection_of(try_parse_json(json_text(fields)));
  ASSERT_TRUE(read);
  EXPECT_EQ(read.value().suite, "mine");
  EXPECT_EQ(read.value().suite_text, selection.suite_text);
  EXPECT_EQ(read.value().workloads, selection.workloads);
  EXPECT_EQ(read.value().strategies, selection.strategies);
  EXPECT_EQ(read.value().kinds, selection.kinds);
  EXPECT_EQ(read.value().seed, selection.seed);
  EXPECT_EQ(read.value().scratch, "/fast");
  EXPECT_TRUE(read.value().keep);

  selection.seed.reset();
  add_selection(selection, fields);
  EXPECT_FALSE(selection_of(fields).value().seed);
}

TEST(RunSelection, OfAnEarlierVersionHasAllKinds) {
  nlohmann::json fields;
  add_selection({.kinds = {"trial"}}, fields);
  fields["selection"].erase("kinds");
  const auto read = selection_of(fields);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read.value().kinds.empty());
}

TEST(RunSelection, SaysWhatIsMissingOrWrong) {
  nlohmann::json fields{{"suite", "mine"}, {"suite_text", ""}};
  const auto missing = selection_of(fields);
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("selection"), std::string::npos);
  add_selection({}, fields);
  fields["selection"]["seed"] = "one";
  EXPECT_FALSE(selection_of(fields));
  EXPECT_FALSE(selection_of(nlohmann::json::array()));
}

}  // namespace
}  // namespace ckptbench
