#include "harness/train/plugins.h"

#include <gtest/gtest.h>

#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

std::string claim_in_answer(const std::string& name, const ParamText& params) {
  const nlohmann::json answers =
      check_all({{{"kind", "strategy"}, {"name", name}, {"params", params}}});
  const nlohmann::json& answer = answers.at(0);
  EXPECT_TRUE(answer.at("ok").get<bool>()) << answer.at("error");
  return answer.at("info").at("survives").get<std::string>();
}

TEST(Plugins, AnswerWithTheClaimOfTheseParameters) {
  EXPECT_EQ(claim_in_answer("sync", {}), "process,power");
  EXPECT_EQ(claim_in_answer("sync", {{"fsync", "false"}}), "process");
  EXPECT_EQ(claim_in_answer("staged+planes+zstd@dir", {{"fsync", "false"}}), "process");
  EXPECT_EQ(claim_in_answer("null", {}), "");
}

}  // namespace
}  // namespace ckptbench
