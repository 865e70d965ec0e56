#include "harness/train/plugins.h"

#include <gtest/gtest.h>

#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

nlohmann::json info_in_answer(const std::string& name, const ParamText& params) {
  const nlohmann::json answers =
      check_all({{{"kind", "strategy"}, {"name", name}, {"params", params}}});
  const nlohmann::json& answer = answers.at(0);
  EXPECT_TRUE(answer.at("ok").get<bool>()) << answer.at("error");
  return answer.at("info");
}

std::string claim_in_answer(const std::string& name, const ParamText& params) {
  return info_in_answer(name, params).at("survives").get<std::string>();
}

TEST(Plugins, AnswerWithTheClaimOfTheseParameters) {
  EXPECT_EQ(claim_in_answer("sync", {}), "process,power");
  EXPECT_EQ(claim_in_answer("sync", {{"fsync", "false"}}), "process");
  EXPECT_EQ(claim_in_answer("staged+planes+zstd@dir", {{"fsync", "false"}}), "process");
  EXPECT_EQ(claim_in_answer("null", {}), "");
}

TEST(Plugins, AnswerWhetherSavesMayBeSkippedWithTheseParameters) {
  EXPECT_EQ(info_in_answer("sync", {}).at("may_skip"), false);
  EXPECT_EQ(info_in_answer("async", {{"busy", "wait"}}).at("may_skip"), false);
  EXPECT_EQ(info_in_answer("async", {{"busy", "skip"}}).at("may_skip"), true);
}

TEST(Plugins, DescribeTheVersionsOfWhatOnlyTheWorkerUses) {
  const nlohmann::json versions = describe_all(false).at("versions");
  for (const char* name : {"ckptbench", "torch", "zstd"}) {
    const std::string version = versions.value(name, "");
    EXPECT_NE(version.find('.'), std::string::npos) << name << ": " << version;
  }
}

// As the strategy itself would refuse them, before a job is started.
TEST(Plugins, RefuseParametersThatTheStrategyWould) {
  for (const char* name : {"sync", "staged+planes+zstd@dir"}) {
    const nlohmann::json answers =
        check_all({{{"kind", "strategy"}, {"name", name}, {"params", {{"chunk_bytes", "5000"}}}}});
    EXPECT_FALSE(answers.at(0).at("ok").get<bool>());
    EXPECT_EQ(answers.at(0).at("error"), std::string("strategy ") + name +
                                             ": chunk_bytes = '5000', expected a multiple of 4096");
    EXPECT_FALSE(check_strategy({name, {{"chunk_bytes", "5000"}}}));
    EXPECT_TRUE(check_strategy({name, {{"chunk_bytes", "8192"}}}));
  }
}

}  // namespace
}  // namespace ckptbench
