#include "results/record_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "harness/platform/files.h"
#include "results/testing/sample_records.h"

namespace ckptbench {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class StoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "ckpt-store-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = folder_ + "/results.jsonl";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void append(const Record& record) {
    auto store = RecordStore::open(path_);
    ASSERT_TRUE(store.ok()) << store.error().message;
    warning_ = store.value().warning();
    ASSERT_TRUE(store.value().append(record).ok());
  }

  std::string folder_;
  std::string path_;
  std::string warning_;
};

TEST_F(StoreTest, KeepsRecordsWithNumbersThatAreNone) {
  Record record = measured_record("digits-mlp", "sync", 3, 12);
  record.samples[0].values = {1.5, std::nan(""), INFINITY};
  append(record);
  const auto stored = read_records(path_);
  ASSERT_TRUE(stored.ok()) << stored.error().message;
  const auto& values = stored.value().records.at(0).samples.at(0).values;
  EXPECT_EQ(values.at(0), 1.5);
  EXPECT_TRUE(std::isnan(values.at(1)));
  EXPECT_TRUE(std::isnan(values.at(2)));
  EXPECT_EQ(stored.value().warning, "");
}

// Cut at every byte of the last line: the earlier record is read, the torn one named and cut off
// before the next append.
TEST_F(StoreTest, ATornLastLineIsSkippedWithAWarningAndCutOff) {
  append(measured_record("digits-mlp", "sync", 3, 12));
  const std::string whole = read_file(path_).value();
  Record next = trial_record("t1", "sync", "moment", data_verdict(DataVerdict::kBitExact), true);
  for (size_t cut = 1; cut < 200; cut += 7) {
    ASSERT_TRUE(write_file_atomically(path_, whole + whole.substr(0, cut), Sync::kNo).ok());
    const auto torn = read_records(path_);
    ASSERT_TRUE(torn.ok());
    EXPECT_EQ(torn.value().records.size(), 1U);
    EXPECT_THAT(torn.value().warning, HasSubstr("line 2"));
    append(next);
    EXPECT_THAT(warning_, HasSubstr("cut off an unfinished last line"));
    const auto healed = read_records(path_);
    ASSERT_TRUE(healed.ok());
    ASSERT_EQ(healed.value().records.size(), 2U);
    EXPECT_EQ(healed.value().records[1].cell.id, "t1");
  }
}

TEST_F(StoreTest, ADamagedLineInTheMiddleIsAnErrorWithItsNumber) {
  append(measured_record("digits-mlp", "sync", 3, 12));
  const std::string line = read_file(path_).value();
  ASSERT_TRUE(write_file_atomically(path_, line + "{\"schema\":\n" + line, Sync::kNo).ok());
  EXPECT_THAT(read_records(path_).error().message,
              HasSubstr("line 2: expected a record as one line of JSON"));
  ASSERT_TRUE(write_file_atomically(path_, line + "{\"verdikt\":3}\n", Sync::kNo).ok());
  EXPECT_THAT(read_records(path_).error().message, HasSubstr("verdikt"));
}

TEST_F(StoreTest, WhatAnotherVersionWroteIsRefused) {
  append(measured_record("digits-mlp", "sync", 3, 12));
  const std::string line = read_file(path_).value();
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = line;
    text.replace(text.find(from), from.size(), to);
    EXPECT_TRUE(write_file_atomically(path_, line + text, Sync::kNo).ok());
    const auto read = read_records(path_);
    return read.ok() ? "accepted" : read.error().message;
  };
  const std::string schema = "\"schema\":" + std::to_string(kSchema);
  EXPECT_THAT(with(schema + ",\"started", "\"schema\":99,\"started"),
              AllOf(HasSubstr("line 2"), HasSubstr("record: schema 99, expected ")));
  EXPECT_THAT(with(schema, "\"schema\":1"), HasSubstr("schema 1, expected "));
  EXPECT_THAT(with("\"kind\":\"none\"", "\"kind\":\"nosuch\""),
              AllOf(HasSubstr("line 2"), HasSubstr("'nosuch'")));
}

TEST_F(StoreTest, HasOneWriter) {
  auto first = RecordStore::open(path_);
  ASSERT_TRUE(first.ok());
  EXPECT_THAT(RecordStore::open(path_).error().message, HasSubstr("another run"));
  EXPECT_THAT(RecordStore::open(folder_ + "/none/x").error().message, HasSubstr("none/x"));
}

TEST(FinishedCells, AreThoseThatNeedNotRunAgain) {
  Record failed = measured_record("digits-mlp", "sync", 3, 12);
  failed.error = "worker exited";
  Record again = failed;
  again.error = "";
  Record point =
      trial_record("sweep", "sync", "file_op", data_verdict(DataVerdict::kBitExact), true);
  point.cell.kind = CellKind::kSweep;
  point.point = "before write #1";
  EXPECT_TRUE(finished_cells({failed, point}).empty());
  Record end = point;
  end.point = "";
  end.cell.fault.params["occurrence"] = "2";
  end.verdict = Verdict{};
  end.verdict->outcome = HarnessOutcome::kSweepEnd;
  EXPECT_THAT(finished_cells({failed, again, point, end}),
              testing::ElementsAre("measure-digits-mlp-sync", "sweep"));
  EXPECT_TRUE(finished_cells({again, failed}).empty());
  EXPECT_EQ(latest_records({failed, again, point, point, end}).size(), 3U);
}

Record with_outcome(HarnessOutcome outcome) {
  Verdict verdict;
  verdict.outcome = outcome;
  return trial_record("t", "sync", "moment", verdict, true);
}

TEST(FinishedCells, ATrialThatTheHarnessFailedIsNone) {
  const Record failed = with_outcome(HarnessOutcome::kHarnessError);
  EXPECT_TRUE(finished_cells({failed}).empty());
  EXPECT_THAT(failed_cells({failed}), testing::ElementsAre("t"));
  Record again = failed;
  again.verdict = data_verdict(DataVerdict::kBitExact);
  EXPECT_THAT(finished_cells({failed, again}), testing::ElementsAre("t"));
  EXPECT_TRUE(failed_cells({failed, again}).empty());
  const auto latest = latest_records({failed, again});
  ASSERT_EQ(latest.size(), 1U);
  EXPECT_EQ(short_text(*latest[0].verdict), "BIT-EXACT");
}

// Another run must not take back what is known to be wrong, nor draw until a fault fires or two
// reference runs agree.
TEST(FinishedCells, ATrialWithAnyOtherWordIsOne) {
  for (const auto outcome : {HarnessOutcome::kVacuous, HarnessOutcome::kOracleInvalid,
                             HarnessOutcome::kNotApplicable, HarnessOutcome::kNotRun}) {
    EXPECT_FALSE(finished_cells({with_outcome(outcome)}).empty()) << outcome_name(outcome);
  }
  Record found = with_outcome(HarnessOutcome::kHarnessError);
  found.verdict->findings = {Finding::kPerturbed};
  EXPECT_FALSE(finished_cells({found}).empty());
  EXPECT_TRUE(failed_cells({found}).empty());
}

// A trial that failed before its point was reached has no words for the point, as the end has none.
TEST(LatestRecords, KeepABadVerdictOfAPointThatHasNoName) {
  Record bad =
      trial_record("sweep", "sync", "file_op", data_verdict(DataVerdict::kRolledBack), false);
  bad.cell.kind = CellKind::kSweep;
  bad.cell.fault.params["occurrence"] = "3";
  Record end = bad;
  end.cell.fault.params["occurrence"] = "4";
  end.allowed = true;
  end.verdict = Verdict{};
  end.verdict->outcome = HarnessOutcome::kSweepEnd;
  const auto latest = latest_records({bad, end});
  ASSERT_EQ(latest.size(), 2U);
  EXPECT_FALSE(latest[0].allowed);
  Record again = bad;
  again.point = "write checkpoint #3 before";
  EXPECT_EQ(latest_records({bad, again}).size(), 1U);
}

}  // namespace
}  // namespace ckptbench
