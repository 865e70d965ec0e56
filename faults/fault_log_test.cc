#include "faults/fault_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "harness/platform/files.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;

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
    "{\"fault\":\"kill\",\"kind\":\"file_op\",\"n\":1,\"op\":\"write\",\"path\":\"a\","
    "\"occurrence\":1,"
    "\"when\":\"before\",\"pid\":7}\n";

TEST_F(FaultLogTest, MissingLogMeansNothingSeen) {
  const auto evidence = read_fault_log(folder_.path() + "/none");
  ASSERT_TRUE(evidence.ok());
  EXPECT_FALSE(evidence.value().fired);
  EXPECT_EQ(evidence.value().operations.size(), 0u);
}

TEST_F(FaultLogTest, CountsOperationsAndNamesThePoint) {
  const auto evidence = read(std::string(kWrite) + kWrite + kKill);
  ASSERT_TRUE(evidence.ok()) << evidence.error().message;
  EXPECT_TRUE(evidence.value().fired);
  EXPECT_EQ(evidence.value().point, "before write a #1 (operation 1)");
  EXPECT_EQ(evidence.value().operations.size(), 2u);
  EXPECT_EQ(evidence.value().operations[0], (FileOperation{"write", "a", "", 1, 4}));
}

TEST_F(FaultLogTest, HowAWriteWasDoneIsReadWhereTheLineSaysSo) {
  const std::string start =
      "{\"n\":1,\"op\":\"write\",\"path\":\"a\",\"occurrence\":1,\"bytes\":4,";
  const FaultEvidence evidence =
      read(start + "\"direct\":true}\n" + start + "\"reserves\":true}\n" + kWrite).value();
  ASSERT_EQ(evidence.operations.size(), 3u);
  EXPECT_TRUE(evidence.operations[0].direct);
  EXPECT_FALSE(evidence.operations[0].reserves);
  EXPECT_TRUE(evidence.operations[1].reserves);
  EXPECT_FALSE(evidence.operations[2].direct || evidence.operations[2].reserves);
}

TEST_F(FaultLogTest, PhaseAndMomentLines) {
  EXPECT_EQ(read("{\"fault\":\"kill\",\"kind\":\"phase\",\"phase\":\"sync\",\"edge\":\"before\","
                 "\"occurrence\":2,"
                 "\"pid\":7}\n")
                .value()
                .point,
            "before phase sync #2");
  const std::string moment =
      "{\"fault\":\"kill\",\"kind\":\"moment\",\"moment_ns\":3100000,\"pid\":7}\n";
  EXPECT_EQ(read(moment).value().point, "moment +3.1 ms");
}

TEST_F(FaultLogTest, WhatIsMappedIsNoOperation) {
  const FaultEvidence evidence = read(std::string(kWrite) + "{\"mapped\":\"a\"}\n").value();
  EXPECT_EQ(evidence.mapped, std::vector<std::string>{"a"});
  EXPECT_EQ(evidence.operations.size(), 1u);
  EXPECT_FALSE(evidence.fired);
}

TEST_F(FaultLogTest, StampsAreTheLastWordUnlessAnOperationFollows) {
  const std::string unseen = "{\"unseen\":\"a\"}\n";
  const std::string stamp = "{\"stamp\":{\"device\":1,\"inode\":2,\"changed_ns\":3,\"bytes\":4}}\n";
  const FaultEvidence evidence = read(kWrite + unseen + stamp).value();
  EXPECT_EQ(evidence.unseen, std::vector<std::string>{"a"});
  ASSERT_EQ(evidence.stamps.size(), 1u);
  EXPECT_EQ(evidence.stamps[0].changed_ns, 3);
  EXPECT_EQ(evidence.operations.size(), 1u);
  EXPECT_TRUE(read(stamp + kWrite).value().stamps.empty());
}

TEST_F(FaultLogTest, TornLastLineIsSkippedAndDamageIsNot) {
  EXPECT_EQ(read(std::string(kWrite) + "{\"n\":2,\"op").value().operations.size(), 1u);
  const auto damaged = read(std::string("{\"n\":1,\"op\n") + kWrite);
  ASSERT_FALSE(damaged.ok());
  EXPECT_THAT(damaged.error().message, HasSubstr("line 1"));
  EXPECT_FALSE(read("{\"fault\":\"melt\",\"kind\":\"moment\",\"moment_ns\":1}\n").ok());
  EXPECT_FALSE(read("{\"fault\":\"none\",\"kind\":\"moment\",\"moment_ns\":1}\n").ok());
  EXPECT_THAT(read("{\"fault\":\"kill\",\"kind\":\"melt\"}\n").error().message,
              HasSubstr("'melt'"));
}

}  // namespace
}  // namespace ckptbench
