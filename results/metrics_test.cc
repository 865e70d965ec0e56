#include "results/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "harness/platform/files.h"
#include "results/cost_tables.h"
#include "results/export.h"
#include "results/terminal.h"
#include "results/testing/documented_table.h"
#include "results/testing/sample_records.h"

namespace ckptbench {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
constexpr size_t kNone = std::string::npos;

TEST(Metrics, AreThoseOfTheDocumentation) {
  expect_documented(CKPT_METRICS_DOC, "measured metrics", measured_metrics_markdown());
  expect_documented(CKPT_METRICS_DOC, "derived metrics", derived_metrics_markdown());
}

TEST(Metrics, HaveUniqueKeysUnitsInTheirNamesAndKnownParts) {
  std::set<std::string_view> keys;
  for (const Metric& metric : all_metrics()) {
    EXPECT_TRUE(keys.insert(metric.key).second) << metric.key;
    EXPECT_EQ(find_metric(metric.key), &metric) << metric.key << " is hidden by an earlier row";
    EXPECT_EQ((metric.shown & kEverywhere) != 0, !metric.column.empty()) << metric.key;
    EXPECT_FALSE(metric.doc.empty()) << metric.key;
    EXPECT_EQ(metric.derived(), metric.sample.empty()) << metric.key;
    if (metric.unit == MetricUnit::kMs || metric.unit == MetricUnit::kSeconds) {
      EXPECT_TRUE(metric.key.ends_with("_ns")) << metric.key;
    }
    if (metric.unit == MetricUnit::kPercent) {
      EXPECT_TRUE(metric.key.ends_with("_pct")) << metric.key;
    }
    if (!metric.derived()) continue;
    EXPECT_NE(find_metric(metric.numerator), nullptr) << metric.key;
    EXPECT_NE(find_metric(metric.denominator), nullptr) << metric.key;
    if (metric.denominator_on_gpu.empty()) continue;
    EXPECT_NE(find_metric(metric.denominator_on_gpu), nullptr) << metric.key;
  }
}

std::string text_of_file(const std::string& path) {
  const auto text = read_file(path);
  EXPECT_TRUE(text.ok()) << path;
  return text.ok() ? text.value() : "";
}

TEST(Metrics, EveryPartOfTheStallIsExplained) {
  std::string sum;
  const std::string readme = text_of_file(CKPT_README);
  EXPECT_GE(stall_parts().size(), 5U);
  for (const Metric* metric : stall_parts()) {
    sum += (sum.empty() ? "" : " + ") + std::string(metric->name());
    EXPECT_FALSE(metric->part.evidence.empty()) << metric->key;
    EXPECT_FALSE(metric->part.advice.empty()) << metric->key;
    EXPECT_THAT(readme, HasSubstr("*" + std::string(metric->name()) + "*"));
  }
  for (const Metric* metric : stall_parts()) EXPECT_EQ(metric->column, sum + " ms");
  EXPECT_THAT(std::string(find_metric("stall_ns")->doc), EndsWith("; = " + sum));
  EXPECT_THAT(text_of_file(CKPT_METRICS_DOC), HasSubstr("so that stall = " + sum + "."));
}

TEST(Metrics, AStarStandsForAWord) {
  const Metric* phase = find_metric("phase_write_ns");
  ASSERT_NE(phase, nullptr);
  EXPECT_EQ(metric_word(*phase, "phase_write_ns"), "write");
  EXPECT_EQ(find_metric("step_lag_12_ns")->key, "step_lag_*_ns");
  EXPECT_EQ(find_metric("phase__bytes"), nullptr);
  EXPECT_EQ(find_metric("stall"), nullptr);
}

// One row is all that a column needs: every metric with a place is in every text that it names, as
// soon as it is sampled. The page: results/page/report_files_test.cc.
TEST(Metrics, AreShownWhereTheirRowSays) {
  ReportInput input;
  input.records.push_back(fully_sampled_record());
  const std::string terminal = terminal_report(input, {.width = 1000});
  const ResultRows results = make_result_rows(input.records, {});
  const std::string markdown = to_markdown(results);
  const std::string csv = to_csv(results);
  for (const Metric& metric : all_metrics()) {
    const std::string head(metric.column);
    EXPECT_EQ((metric.shown & kTerminal) != 0, !head.empty() && terminal.find(head) != kNone)
        << metric.key;
    EXPECT_EQ((metric.shown & kMarkdown) != 0,
              !head.empty() && markdown.find(markdown_text(head)) != kNone)
        << metric.key;
    if (metric.key.find('*') != std::string_view::npos) continue;
    EXPECT_THAT(csv, HasSubstr("," + std::string(metric.key) + ","));
  }
}

}  // namespace
}  // namespace ckptbench
