#include "strategies/peers/python_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "strategies/testing/sample_state.h"

namespace ckptbench {
namespace {

std::vector<PythonClass> classes_of(const std::string& text) {
  const StrategyBench files;
  const std::string path = (files.directory() / "x.py").string();
  std::ofstream(path) << text;
  return read_python_classes(path).value();
}

TEST(PythonSource, ReadsDocstringSurvivesAndTypedDefaults) {
  const auto classes = classes_of(R"(import os
class First(Base):  # a comment
    """One line

    from https://example.org/page: and more https://example.org/other
    """
    survives = 'process,power'
    def __init__(
        self, directory, number=3, share: float = 0.5,
        flag=True, text="a,b", pair=(1, 2), needed: str, *, late=-1, **rest
    ):
        pass
class Second:
    def __init__(self, directory): pass
)");
  ASSERT_EQ(classes.size(), 2U);
  EXPECT_EQ(classes[0].summary, "One line");
  EXPECT_EQ(classes[0].source, "https://example.org/page");
  EXPECT_EQ(classes[0].survives, (Survives{.process = true, .power = true}));
  std::vector<std::string> names;
  std::vector<ParamType> types;
  for (const ParamInfo& param : classes[0].params) {
    names.push_back(param.name + "=" + param.default_value);
    types.push_back(param.type);
  }
  EXPECT_THAT(names, testing::ElementsAre("number=3", "share=0.5", "flag=true", "text=a,b",
                                          "pair=(1, 2)", "needed=", "late=-1"));
  EXPECT_THAT(types, testing::ElementsAre(ParamType::kInteger, ParamType::kReal, ParamType::kBool,
                                          ParamType::kText, ParamType::kText, ParamType::kText,
                                          ParamType::kInteger));
  EXPECT_EQ(classes[1].name, "Second");
  EXPECT_TRUE(classes[1].params.empty());
  EXPECT_FALSE(classes[1].survives.has_value());
}

TEST(PythonSource, ReadsTheMethodsOfTheBodyAlone) {
  const auto classes = classes_of(R"(import os
class First(Base, Other):
    """An example:

    def wrong(self): pass
    """
    text = 'class # "'  # def comment(self):
    def save(self, state: dict[str, int], step=(1, "a,b"), *, late): pass
    @staticmethod
    def made(a):
        def inner(b):
            pass
    def last(
        self,
        **rest): pass
)");
  ASSERT_EQ(classes.size(), 1U);
  EXPECT_THAT(classes[0].bases, testing::ElementsAre("Base", "Other"));
  std::vector<std::string> seen;
  for (const PythonMethod& method : classes[0].methods) {
    seen.push_back(method.name + ":" + std::to_string(method.line) +
                   (method.decorated ? " decorated" : ""));
  }
  EXPECT_THAT(seen, testing::ElementsAre("save:8", "made:10 decorated", "last:13"));
  EXPECT_THAT(
      classes[0].methods[0].parameters,
      testing::ElementsAre("self", "state: dict[str, int]", "step=(1, \"   \")", "*", "late"));
  EXPECT_THAT(classes[0].methods[2].parameters, testing::ElementsAre("self", "**rest"));
}

TEST(PythonSource, AParameterDeclaresNothing) {
  const auto may_skip = [](const std::string& body) {
    return classes_of("class A:\n    background = True\n" + body).at(0).may_skip.value_or(false);
  };
  EXPECT_FALSE(may_skip("    def __init__(self, directory, busy='skip', may_skip=True): pass\n"));
  EXPECT_FALSE(
      may_skip("    def __init__(\n        self, directory,\n        may_skip=True): pass\n"));
  EXPECT_FALSE(may_skip("    may_skip = False\n"));
  EXPECT_TRUE(may_skip("    may_skip: bool = True\n"));
  EXPECT_TRUE(may_skip("    may_skip = True\n"));
}

TEST(PythonSource, WhatAClassDoesNotSayItHasFromItsBases) {
  const auto classes = classes_of(R"(
class Root:
    survives = "process,power"
    may_skip = True
    def __init__(self, directory, number=3): pass
    def retain(self, steps): pass
class Other:
    background = True
    may_skip = False
    def wait(self): pass
class Mine(Root, Other, elsewhere.Third):
    def save(self, state, step): pass
class Below(Mine):
    survives = ""
    background = False
    def __init__(self, directory): pass
    def retain(self, steps): pass
)");
  const PythonClass& mine = classes.at(2);
  EXPECT_EQ(mine.survives, (Survives{.process = true, .power = true}));
  EXPECT_EQ(mine.background, true);
  EXPECT_EQ(mine.may_skip, true) << "the first base comes first";
  ASSERT_NE(find_method(mine, "retain"), nullptr);
  EXPECT_EQ(find_method(mine, "retain")->line, 6U);
  EXPECT_NE(find_method(mine, "wait"), nullptr);
  EXPECT_EQ(find_method(mine, "list"), nullptr);
  ASSERT_EQ(mine.params.size(), 1U);
  EXPECT_EQ(mine.params[0].name, "number");
  const PythonClass& below = classes.at(3);
  EXPECT_EQ(below.survives, Survives{});
  EXPECT_EQ(below.background, false);
  EXPECT_TRUE(below.params.empty());
  EXPECT_EQ(find_method(below, "retain")->line, 17U);
}

TEST(PythonSource, ABaseIsTheNewestClassOfItsNameAboveIt) {
  const auto classes = classes_of(R"(
class Base:
    background = False
class Base(Base):
    background = True
class Mine(Base): pass
class Base: pass
class Round(Round): pass
)");
  EXPECT_EQ(classes.at(2).background, true);
  EXPECT_FALSE(classes.at(4).background.has_value());
}

TEST(PythonSource, OnlyClassesAtTheMarginCount) {
  EXPECT_TRUE(classes_of("def f():\n    class Inner:\n        pass\n").empty());
  EXPECT_TRUE(classes_of("classy = 1\n").empty());
  EXPECT_TRUE(classes_of("").empty());
}

TEST(PythonSource, OddTextIsNoCrash) {
  EXPECT_EQ(classes_of("class A(:\n    def __init__(self, directory, a=((1\n").size(), 1U);
  EXPECT_EQ(classes_of("class A:\n    \"\"\"never closed https://").size(), 1U);
  EXPECT_EQ(classes_of("class A:\n    def __init__(): pass\n").at(0).params.size(), 0U);
}

TEST(PythonSource, AClaimThatMeansNothingIsAnError) {
  const auto error_of = [](const std::string& survives) {
    return classes_of("class A:\n    survives = \"" + survives + "\"\n").at(0).claim_error;
  };
  EXPECT_EQ(error_of("process,power"), "");
  EXPECT_EQ(error_of(""), "");
  EXPECT_THAT(error_of("power"), testing::HasSubstr("expected \"process,power\""));
  EXPECT_THAT(error_of("Process"), testing::HasSubstr("did you mean 'process'?"));
  EXPECT_THAT(error_of("procces"), testing::HasSubstr("did you mean 'process'?"));
}

}  // namespace
}  // namespace ckptbench
