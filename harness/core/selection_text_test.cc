#include "harness/core/selection_text.h"

#include <gtest/gtest.h>

namespace ckptbench {
namespace {

TEST(SelectionText, ParametersFollowTheLastColon) {
  const auto gpt = parse_selection("char-gpt:size=1m,freeze=0.5");
  ASSERT_TRUE(gpt.ok());
  EXPECT_EQ(gpt.value().name, "char-gpt");
  EXPECT_EQ(gpt.value().params, (ParamText{{"size", "1m"}, {"freeze", "0.5"}}));
  EXPECT_EQ(selection_text(gpt.value()), "char-gpt:freeze=0.5,size=1m");

  const auto python = parse_selection("python:my/file.py:Mine:level=3");
  ASSERT_TRUE(python.ok());
  EXPECT_EQ(python.value().name, "python:my/file.py:Mine");
  EXPECT_EQ(python.value().params, (ParamText{{"level", "3"}}));
}

TEST(SelectionText, ColonsAloneArePartOfTheName) {
  const auto python = parse_selection("python:FILE.py:Class");
  ASSERT_TRUE(python.ok());
  EXPECT_EQ(python.value().name, "python:FILE.py:Class");
  EXPECT_TRUE(python.value().params.empty());
}

TEST(SelectionText, MistakesAreErrors) {
  for (const char* text : {"", ":a=1", "sync:a=1,", "sync:=1", "sync:a=1,a=2", "sync:a=1,b"}) {
    EXPECT_FALSE(parse_selection(text).ok()) << text;
  }
}

TEST(SelectionText, SlugsAreSafeFileNames) {
  EXPECT_EQ(selection_slug({"staged+planes+zstd@dir", {}}), "staged+planes+zstd-dir");
  EXPECT_EQ(selection_slug({"python:../my file.py:C", {}}), "python-my-file-py-C");
  EXPECT_EQ(selection_slug({"char-gpt", {{"freeze", "0.5"}}}), "char-gpt-freeze-0-5");
}

}  // namespace
}  // namespace ckptbench
