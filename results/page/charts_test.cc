#include "results/page/charts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "results/metrics.h"
#include "results/testing/sample_records.h"

namespace ckptbench {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

std::vector<Chart> charts_of(const ReportInput& input) {
  return make_charts(make_result_rows(input.records, input.environment), input.records);
}

// Empty: there is none of that name.
Chart chart_of(const ReportInput& input, const std::string& name) {
  for (const Chart& chart : charts_of(input)) {
    if (chart.name == name) return chart;
  }
  return {};
}

TEST(Charts, ASingleRowIsNeitherLeastNorMost) {
  ReportInput input = sample_report();
  input.records = {measured_record("digits-mlp", "sync", 3, 12)};
  EXPECT_THAT(chart_of(input, "stall").alt,
              AllOf(HasSubstr("digits-mlp, claims to survive process,power: sync with "),
                    Not(HasSubstr("least"))));
}

// Medians whose intervals overlap are in no order.
TEST(Charts, NameNoLeastRowWhereIntervalsOverlap) {
  ReportInput input = sample_report();
  set_samples(input, "async", "stall_ns", {-4e6, 1e5, 1e5, 1e5, 1e5, 1e5, 1e5, 5e6});
  EXPECT_THAT(chart_of(input, "stall").alt,
              AllOf(HasSubstr("claims to survive process,power: least async or incremental (not "
                              "told apart), most sync with 13.9 ms [13."),
                    Not(HasSubstr(" 0.1"))));
  set_samples(input, "async", "stall_ns", {1e5, 1e5, 1e5});
  EXPECT_THAT(chart_of(input, "stall").alt,
              HasSubstr("digits-mlp, claims to survive process,power: medians from 0.100 (async) "
                        "to 13.9 ms (sync), too few "));
}

// What syncs nothing is no rival of what does.
TEST(Charts, ComparisonsAreOfEqualClaims) {
  for (const Chart& chart : charts_of(sample_report())) {
    if (chart.name == "loss") continue;
    const size_t weaker = chart.alt.find("digits-mlp, claims to survive process:");
    ASSERT_NE(weaker, std::string::npos) << chart.alt;
    const size_t end = chart.alt.find("; ", weaker);
    const std::string compared = chart.alt.substr(weaker, end - weaker);
    EXPECT_THAT(compared, AllOf(HasSubstr("torch-save"), Not(HasSubstr("sync")))) << chart.name;
    EXPECT_THAT(chart.alt, AllOf(HasSubstr("digits-mlp, claims to survive process,power: "),
                                 Not(HasSubstr("null")), Not(HasSubstr("claims nothing"))));
    EXPECT_EQ(chart.alt.substr(0, weaker).find("torch-save"), std::string::npos) << chart.alt;
  }
}

TEST(Charts, EachClaimHasAPictureOfItsOwn) {
  const Chart chart = chart_of(sample_report(), "stall");
  EXPECT_EQ(chart.spec.at("/facet/field"_json_pointer), "group");
  EXPECT_THAT(
      chart.spec.at("/facet/sort"_json_pointer),
      ElementsAre("digits-mlp\nclaims to survive process,power",
                  "digits-mlp\nclaims to survive process", "digits-mlp\nclaims nothing, cost only",
                  "char-gpt\nclaims to survive process,power",
                  "char-gpt\nclaims to survive process", "char-gpt\nclaims nothing, cost only"));
  std::set<std::string> weaker;
  for (const auto& value : chart.spec.at("/data/values"_json_pointer)) {
    if (value.at("group") == "digits-mlp\nclaims to survive process") {
      weaker.insert(value.at("strategy"));
    }
  }
  EXPECT_THAT(weaker, UnorderedElementsAre("torch-save", "python:safetensors"));
}

// The medians of these parts, 9 and 10 ms, do not.
TEST(Charts, TheBarsOfAStallAddUpToIt) {
  ReportInput input = sample_report();
  Record record = measured_record("digits-mlp", "sync", 3, 12);
  std::erase_if(record.samples, [](const Samples& s) {
    const Metric* metric = find_metric(s.metric);
    return s.metric == "stall_ns" || (metric != nullptr && metric->is_stall_part());
  });
  record.samples.push_back({"stall_ns", 0, {90e6, 10e6, 40e6}});
  record.samples.push_back({"block_ns", 0, {1e6, 9e6, 30e6}});
  record.samples.push_back({"interference_ns", 0, {89e6, 1e6, 10e6}});
  input.records = {record};
  double bars_ms = 0;
  double stall_ms = 0;
  const Chart chart = chart_of(input, "stall");
  for (const auto& value : chart.spec.at("/data/values"_json_pointer)) {
    if (value.contains("part")) bars_ms += value.at("value").get<double>();
    if (value.contains("stall")) stall_ms = value.at("stall").get<double>();
  }
  EXPECT_DOUBLE_EQ(stall_ms, 40);
  EXPECT_DOUBLE_EQ(bars_ms, stall_ms);
}

TEST(Charts, TwoDevicesAreTwoPictures) {
  ReportInput input = sample_report();
  input.records = {measured_record("digits-mlp", "sync", 3, 12),
                   measured_record("digits-mlp", "sync", 1, 12)};
  input.records.back().cell.device = "cuda";
  EXPECT_THAT(chart_of(input, "stall").spec.at("/facet/sort"_json_pointer),
              ElementsAre("digits-mlp\nclaims to survive process,power",
                          "digits-mlp on cuda\nclaims to survive process,power"));
}

// The tables show no share of such a limit either.
TEST(Charts, ALimitThatASaveHasPassedIsNotDrawn) {
  const auto limits_of = [](const ReportInput& input) {
    size_t limits = 0;
    const Chart chart = chart_of(input, "throughput");
    for (const auto& value : chart.spec.at("/data/values"_json_pointer)) {
      if (value.at("strategy") != "torch-save" || value.at("workload") != "digits-mlp") continue;
      if (value.at("part") == find_metric("limit_bytes_per_s")->title) ++limits;
    }
    return limits;
  };
  ReportInput input = sample_report();
  EXPECT_EQ(limits_of(input), 1U);
  set_samples(input, "torch-save", "probe_new_file_ns", {9e9, 9e9, 9e9, 9e9, 9e9, 9e9, 9e9, 9e9});
  EXPECT_EQ(limits_of(input), 0U);
  EXPECT_THAT(chart_of(input, "throughput").caption,
              AllOf(HasSubstr("not known"), Not(HasSubstr("sync"))));
}

}  // namespace
}  // namespace ckptbench
