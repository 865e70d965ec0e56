#include "results/result_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/testing/sample_records.h"

namespace ckptbench {
namespace {

using testing::Contains;
using testing::Pair;

std::map<std::string, std::string> claims_of(const ReportInput& input) {
  std::map<std::string, std::string> claims;
  for (const ResultRow& row : make_result_rows(input.records, input.environment).rows)
    claims[row.name] = row.claim;
  return claims;
}

TEST(ResultRows, AClaimIsThatOfTheParameters) {
  ReportInput input;
  input.environment.fields["strategies"] = {
      {{"selection", "sync"}, {"name", "sync"}, {"survives", "process,power"}},
      {{"selection", "sync:fsync=false"}, {"name", "sync"}, {"survives", "process"}},
      {{"selection", "blocking@dir"}, {"name", "blocking+raw+rank0@dir"}, {"survives", "host"}}};
  for (const char* name : {"sync", "sync", "blocking@dir"}) {
    input.records.push_back(measured_record("digits-mlp", name, 1, 1));
    input.records.back().observed = nlohmann::json::object();
  }
  input.records[1].cell.strategy.params = {{"fsync", "false"}};
  const auto claims = claims_of(input);
  EXPECT_THAT(claims, Contains(Pair("sync", "process,power")));
  EXPECT_THAT(claims, Contains(Pair("sync (fsync=false)", "process")));
  EXPECT_THAT(claims, Contains(Pair("blocking@dir", "host")));
}

}  // namespace
}  // namespace ckptbench
