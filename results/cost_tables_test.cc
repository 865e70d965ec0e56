#include "results/cost_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/testing/sample_records.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;

ReportInput two_rows() {
  ReportInput input;
  for (const char* strategy : {"sync", "async"}) {
    input.records.push_back(measured_record("digits-mlp", strategy, 1, 1));
    input.records.back().observed = {{"saved_tensors", 362}};
  }
  return input;
}

std::string title_of(const ReportInput& input) {
  const ResultRows results = make_result_rows(input.records, input.environment);
  return make_cost_tables(results, kTerminal).at(0).title;
}

// What some strategies cost depends on it as much as on the bytes.
TEST(CostTables, TheTitleHasTheNumberOfTensors) {
  ReportInput input = two_rows();
  EXPECT_THAT(title_of(input), HasSubstr(": state 144 MB in 362 tensors, step "));
  input.records[0].observed = nlohmann::json::object();
  EXPECT_THAT(title_of(input), HasSubstr(" in 362 tensors, ")) << "one row knows it";
  input.records[1].observed["saved_tensors"] = 1;
  EXPECT_THAT(title_of(input), HasSubstr(": state 144 MB in 1 tensor, step "));
}

TEST(CostTables, TheTitleOfAnEarlierRecordHasNoNumberOfTensors) {
  ReportInput input = two_rows();
  for (const nlohmann::json& unknown :
       {nlohmann::json(nullptr), nlohmann::json("many"), nlohmann::json(-1), nlohmann::json(0)}) {
    for (Record& record : input.records) record.observed["saved_tensors"] = unknown;
    EXPECT_THAT(title_of(input), HasSubstr(": state 144 MB, step ")) << unknown;
  }
  for (Record& record : input.records) record.observed = nullptr;
  EXPECT_THAT(title_of(input), HasSubstr(": state 144 MB, step "));
}

}  // namespace
}  // namespace ckptbench
