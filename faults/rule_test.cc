#include "faults/rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "harness/platform/files.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;

TEST(RuleTest, TextRoundTrips) {
  for (const std::string text : {"kill write *.tmp 3 before", "kill any * 1 after",
                                 "kill write a folder/file 2 partial", "kill any * 4 partial"}) {
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
  for (const std::string number : {"0", "-1", "x", "3x", "99999999999999999999"}) {
    EXPECT_THAT(message("kill write * " + number + " before"), HasSubstr("occurrence '" + number));
  }
  EXPECT_THAT(message("kill fsync * 1 partial"), HasSubstr("'partial' halves a write"));
  EXPECT_THAT(message("kill write before"), HasSubstr("expected 'action operation path"));
  EXPECT_THAT(message(""), HasSubstr("expected 'action operation path"));
}

class FaultLogTest : public testing::Test {
 protected:
  Result<FaultEvidence> read(const std::string& content) {
    const std::string path = folder_.path() + "/faults.jsonl";
    std::ofstream(path) << content;
    return read_fault_log(path);
  }
  TempDir folder_ = TempDir::make("fault_log").value();
};

constexpr const char* kWrite =
    "{\"n\":1,\"op\":\"write\",\"path\":\"a\",\"occurrence\":1,\"bytes\":4,\"pid\":7,\"tid\":7}\n";
constexpr const char* kKill =
    "{\"fault\":\"kill\",\"n\":1,\"op\":\"write\",\"path\":\"a\",\"occurrence\":1,"
    "\"when\":\"before\",\"pid\":7}\n";

TEST_F(FaultLogTest, MissingLogMeansNothingSeen) {
  const auto evidence = read_fault_log(folder_.path() + "/none");
  ASSERT_TRUE(evidence.ok());
  EXPECT_FALSE(evidence.value().fired);
  EXPECT_EQ(evidence.value().operations, 0u);
}

TEST_F(FaultLogTest, CountsOperationsAndNamesThePoint) {
  const auto evidence = read(std::string(kWrite) + kWrite + kKill);
  ASSERT_TRUE(evidence.ok()) << evidence.error().message;
  EXPECT_TRUE(evidence.value().fired);
  EXPECT_EQ(evidence.value().point, "before write a #1 (operation 1)");
  EXPECT_EQ(evidence.value().operations, 2u);
  EXPECT_EQ(evidence.value().by_operation.at("write"), 2u);
}

TEST_F(FaultLogTest, PhaseAndMomentLines) {
  EXPECT_EQ(read("{\"fault\":\"kill\",\"phase\":\"sync\",\"edge\":\"before\",\"occurrence\":2,"
                 "\"pid\":7}\n")
                .value()
                .point,
            "before phase sync #2");
  const std::string moment = "{\"fault\":\"kill\",\"moment_ns\":3100000,\"pid\":7}\n";
  EXPECT_EQ(read(moment).value().point, "moment +3.1 ms");
  const auto disarmed = read(moment + "{\"fault\":\"disarmed\",\"pid\":7}\n");
  EXPECT_FALSE(disarmed.value().fired);
  EXPECT_EQ(disarmed.value().point, "");
}

TEST_F(FaultLogTest, TornLastLineIsSkippedAndDamageIsNot) {
  EXPECT_EQ(read(std::string(kWrite) + "{\"n\":2,\"op").value().operations, 1u);
  const auto damaged = read(std::string("{\"n\":1,\"op\n") + kWrite);
  ASSERT_FALSE(damaged.ok());
  EXPECT_THAT(damaged.error().message, HasSubstr("line 1"));
  EXPECT_FALSE(read("{\"fault\":\"melt\",\"moment_ns\":1,\"pid\":7}\n").ok());
}

}  // namespace
}  // namespace ckptbench
