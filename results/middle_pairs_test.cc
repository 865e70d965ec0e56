#include "results/middle_pairs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "results/testing/sample_records.h"

namespace ckptbench {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::Pair;

constexpr double kNotFinite = std::numeric_limits<double>::quiet_NaN();

// What is not block is interference.
Record process_with(const std::vector<double>& stalls, const std::vector<double>& blocks) {
  Record record = measured_record("digits-mlp", "sync", 3, 12);
  std::erase_if(record.samples, [](const Samples& s) {
    const Metric* metric = find_metric(s.metric);
    return s.metric == "stall_ns" || (metric != nullptr && metric->is_stall_part());
  });
  std::vector<double> rest;
  for (size_t i = 0; i < stalls.size(); ++i) rest.push_back(stalls[i] - blocks[i]);
  record.samples.push_back({"stall_ns", 0, stalls});
  record.samples.push_back({"block_ns", 0, blocks});
  record.samples.push_back({"interference_ns", 0, rest});
  return record;
}

ResultRow row_of(const std::vector<Record>& records) {
  return make_result_rows(records, {}).rows.at(0);
}

double sum_of(const MiddlePairs& middle) {
  double sum = 0;
  for (const auto& [key, value] : middle.parts_ns) sum += value;
  return sum;
}

TEST(MiddlePairs, AreThePairWithTheMedianStall) {
  const ResultRow row = row_of({process_with({90, 10, 40}, {1, 9, 30})});
  const MiddlePairs middle = middle_pairs(row);
  EXPECT_THAT(middle.parts_ns, ElementsAre(Pair("block_ns", 30), Pair("interference_ns", 10)));
  EXPECT_EQ(middle.pairs, 1U);
  EXPECT_EQ(middle_pairs_text(middle, row), "the one of 3 pairs with the median stall");
}

TEST(MiddlePairs, AreTheMeanOfTwoOfAnEvenNumber) {
  const ResultRow row = row_of({process_with({90, 10, 40, 20}, {1, 9, 30, 2})});
  const MiddlePairs middle = middle_pairs(row);
  EXPECT_THAT(middle.parts_ns, ElementsAre(Pair("block_ns", 16), Pair("interference_ns", 14)));
  EXPECT_EQ(middle.pairs, 2U);
  EXPECT_DOUBLE_EQ(sum_of(middle), row.metric("stall_ns").value);
  EXPECT_EQ(middle_pairs_text(middle, row), "the two of 4 pairs around the median stall, averaged");
}

// Of so few processes the stall is the median over the pairs of all.
TEST(MiddlePairs, AreThoseOfAllPairsOfAFewProcesses) {
  const ResultRow row =
      row_of({process_with({10, 50, 70}, {1, 2, 3}), process_with({30, 20}, {4, 15})});
  const MiddlePairs middle = middle_pairs(row);
  EXPECT_THAT(middle.parts_ns, ElementsAre(Pair("block_ns", 4), Pair("interference_ns", 26)));
  EXPECT_EQ(middle.processes, 0U);
  EXPECT_DOUBLE_EQ(sum_of(middle), row.metric("stall_ns").value);
}

// Of six the stall is the median of their medians: 25 and 35 here, and no pair has 30.
TEST(MiddlePairs, AreThoseOfTheMiddleProcessesOfMany) {
  const ResultRow row =
      row_of({process_with({90, 95, 99}, {1, 1, 1}), process_with({1, 35, 99}, {0, 5, 7}),
              process_with({3, 4}, {1, 1}), process_with({20, 30}, {12, 16}),
              process_with({5}, {2}), process_with({70}, {3})});
  const MiddlePairs middle = middle_pairs(row);
  EXPECT_THAT(middle.parts_ns, ElementsAre(Pair("block_ns", DoubleEq((5 + 14) / 2.0)),
                                           Pair("interference_ns", DoubleEq((30 + 11) / 2.0))));
  EXPECT_DOUBLE_EQ(sum_of(middle), row.metric("stall_ns").value);
  EXPECT_DOUBLE_EQ(row.metric("stall_ns").value, 30);
  EXPECT_EQ(middle.pairs, 3U);
  EXPECT_EQ(middle.processes, 2U);
  EXPECT_EQ(middle_pairs_text(middle, row),
            "the 3 around the medians of the middle two of 6 processes, averaged");
}

TEST(MiddlePairs, AreThoseOfTheOneProcessInTheMiddleOfSeven) {
  std::vector<Record> records;
  for (const double stall : {70, 10, 60, 20, 50, 30, 40})
    records.push_back(process_with({stall}, {stall / 2}));
  const ResultRow row = row_of(records);
  const MiddlePairs middle = middle_pairs(row);
  EXPECT_THAT(middle.parts_ns, ElementsAre(Pair("block_ns", 20), Pair("interference_ns", 20)));
  EXPECT_EQ(middle_pairs_text(middle, row),
            "the one around the median of the middle one of 7 processes");
}

TEST(MiddlePairs, LeaveOutThePairsThatTheMedianLeavesOut) {
  const ResultRow row = row_of({process_with({90, kNotFinite, 10, 40}, {1, 5, 9, 30})});
  EXPECT_THAT(middle_pairs(row).parts_ns,
              ElementsAre(Pair("block_ns", 30), Pair("interference_ns", 10)));
}

TEST(MiddlePairs, AreUnknownWhereNotEveryPairHasEveryPart) {
  Record fewer = process_with({90, 10, 40}, {1, 9, 30});
  fewer.samples.push_back({"gate_ns", 0, {1, 1}});
  EXPECT_FALSE(middle_pairs(row_of({fewer})).known());
  Record lacks = process_with({90, 10, 40}, {1, 9, 30});
  Record has = lacks;
  has.samples.push_back({"gate_ns", 0, {0, 0, 0}});
  EXPECT_FALSE(middle_pairs(row_of({lacks, has})).known()) << "a part that one process has alone";
  EXPECT_TRUE(middle_pairs(row_of({has, has})).known());
  EXPECT_FALSE(middle_pairs(row_of({process_with({90, 10, 40}, {1, 9, kNotFinite})})).known());
  EXPECT_FALSE(middle_pairs(row_of({process_with({}, {})})).known());
}

}  // namespace
}  // namespace ckptbench
