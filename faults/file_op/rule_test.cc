#include "faults/file_op/rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ckptbench {
namespace {

using testing::HasSubstr;

TEST(RuleTest, TextRoundTrips) {
  for (const std::string text :
       {"kill write *.tmp 3 before", "kill any * 1 after", "kill write a folder/file 2 partial",
        "kill any * 4 partial", "kill write a.tmp #2 before"}) {
    const auto rule = parse_rule(text);
    ASSERT_TRUE(rule.ok()) << rule.error().message;
    EXPECT_EQ(rule_text(rule.value()), text);
  }
}

TEST(RuleTest, EveryWrongWordIsNamed) {
  const auto message = [](const std::string& text) {
    const auto rule = parse_rule(text);
    return rule.ok() ? "accepted" : rule.error().message;
  };
  EXPECT_THAT(message("kill wirte * 1 before"), HasSubstr("'wirte'; did you mean 'write'"));
  EXPECT_THAT(message("kil write * 1 before"), HasSubstr("'kil'; did you mean 'kill'"));
  EXPECT_THAT(message("kill write * 1 befor"), HasSubstr("'befor'; did you mean 'before'"));
  for (const std::string number : {"0", "#0", "#", "-1", "x", "3x", "99999999999999999999"}) {
    EXPECT_THAT(message("kill write * " + number + " before"),
                HasSubstr("occurrence '" + number.substr(number[0] == '#')));
  }
  EXPECT_THAT(message("kill fsync * 1 partial"), HasSubstr("'partial' halves a write"));
  EXPECT_THAT(message("kill write before"), HasSubstr("expected 'action operation path"));
  EXPECT_THAT(message(""), HasSubstr("expected 'action operation path"));
}

TEST(RuleTest, MatchesByOperationAndEitherName) {
  const FileOperation rename{"rename", "a.tmp", "a", 1, 0};
  const auto matches = [&](const std::string& text) {
    return rule_matches(parse_rule(text).value(), rename);
  };
  EXPECT_TRUE(matches("kill any * 1 before"));
  EXPECT_TRUE(matches("kill rename a 1 before"));
  EXPECT_TRUE(matches("kill rename *.tmp #1 before"));
  EXPECT_FALSE(matches("kill rename a #1 before"));  // counted on the path that it is logged under
  EXPECT_FALSE(matches("kill write * 1 before"));
  EXPECT_FALSE(matches("kill any * 1 partial"));
}

}  // namespace
}  // namespace ckptbench
