// The harness proves itself: every broken strategy is caught, and no correct one is accused.
#include "harness/run/proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/cli/system/bench_process.h"
#include "results/record_store.h"
#include "strategies/broken/broken_list.h"

namespace ckptbench {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::vector<Record> records_of(const std::string& out) {
  auto stored = read_records(out + "/results.jsonl");
  if (!stored) throw std::runtime_error(stored.error().message);
  return std::move(stored).value().records;
}

TEST(Proof, EveryBrokenStrategyIsCaughtWithItsVerdict) {
  const TempDir folder = fresh_folder();
  const Finished run = run_bench({"run", "broken", "--out", folder.path()});
  const auto rows = prove(records_of(folder.path()));
  EXPECT_EQ(rows.size(), broken_rows().size()) << run.output;
  for (const ProofRow& row : rows) {
    EXPECT_TRUE(row.caught) << row.strategy << ": expected " << row.expected << ", got " << row.got;
  }
  EXPECT_EQ(run.exit_code, 0) << run.output;
}

// Without its fault it does what a correct one does: the proof must not pass.
TEST(Proof, ABrokenStrategyThatIsNotCaughtFailsTheRun) {
  const TempDir folder = fresh_folder();
  const std::string suite = write_suite(folder.path(), R"(name = "unproved"
seed = 1
[[trial]]
workloads = ["digits-mlp"]
strategies = ["broken-in-place"]
policy = {every_steps = 2, keep_last = 2}
steps = 5
more_steps = 1
deadline_s = 30
)");
  const std::string out = folder.path() + "/out";
  const Finished run = run_bench({"run", suite, "--out", out});
  EXPECT_EQ(run.exit_code, 3) << run.output;
  EXPECT_THAT(run.output, HasSubstr("NOT CAUGHT"));
  const auto junit = read_file(out + "/junit.xml");
  ASSERT_TRUE(junit);
  EXPECT_THAT(junit.value(), AllOf(HasSubstr("errors=\"1\""), HasSubstr("NOT CAUGHT: expected ")));
}

TEST(Proof, ABrokenStrategyWithoutATrialOfItsFaultIsToldAndFails) {
  Record record;
  record.cell.id = "trial";
  record.cell.kind = CellKind::kTrial;
  record.cell.strategy.name = "broken-in-place";  // declared for a kill after its second truncate
  record.verdict.emplace();
  record.verdict->data = DataVerdict::kBitExact;
  const auto rows = prove({record});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_FALSE(rows[0].caught);
  EXPECT_THAT(rows[0].got, HasSubstr("no trial with the fault \"kill after truncate #2"));
  record.cell.kind = CellKind::kMeasure;
  EXPECT_TRUE(prove({record}).empty()) << "its cost proves nothing and is no proof";
}

// Long enough for a leak to show, and none may be seen: neither the harness's own notes nor those
// of its injectors are a strategy's.
TEST(Proof, NoNativeStrategyIsAccusedOfALeak) {
  const TempDir folder = fresh_folder();
  const std::string suite = write_suite(folder.path(), R"(name = "long"
seed = 1
[[trial]]
workloads = ["digits-mlp"]
strategies = ["null", "sync", "async", "compressed", "incremental"]
policy = {every_steps = 2, keep_last = 2}
steps = 49
more_steps = 1
deadline_s = 60
)");
  const std::string out = folder.path() + "/out";
  const Finished run = run_bench({"run", suite, "--out", out});
  EXPECT_EQ(run.exit_code, 0) << run.output;
  const auto records = records_of(out);
  EXPECT_EQ(records.size(), 5u);
  for (const Record& record : records) {
    ASSERT_TRUE(record.verdict) << record.error;
    EXPECT_TRUE(record.verdict->findings.empty()) << record.verdict->explanation;
  }
}

// Of the suite `sweep`: the fewest writes that a sweep may find.
constexpr size_t kSaves = 3;

// Every kill point of every native strategy: nothing worse than ROLLED-BACK, no finding, nothing
// that the harness cannot explain, and a proper end of each sweep.
TEST(Proof, NativeStrategiesSurviveEveryKillPoint) {
  if (kSanitized)
    GTEST_SKIP() << "434 trials: minutes under a sanitizer, and the quick suite and "
                    "the kills in recovery run there";
  const TempDir folder = fresh_folder();
  const Finished run = run_bench({"run", "sweep", "--out", folder.path()});
  EXPECT_EQ(run.exit_code, 0) << run.output;
  size_t ends = 0;
  size_t planned = 0;
  size_t points = 0;
  for (const Record& record : records_of(folder.path())) {
    ASSERT_TRUE(record.verdict) << record.error;
    EXPECT_TRUE(record.allowed) << record.cell.id << " " << record.point;
    EXPECT_TRUE(record.verdict->findings.empty()) << record.verdict->explanation;
    if (record.verdict->outcome) {
      EXPECT_EQ(*record.verdict->outcome, HarnessOutcome::kSweepEnd);
      const auto of_this_sweep = record.observed.at("sweep").at("points").get<size_t>();
      EXPECT_GE(of_this_sweep, kSaves) << record.cell.id;
      planned += of_this_sweep;
      ++ends;
      continue;
    }
    EXPECT_FALSE(record.point.empty());
    ++points;
  }
  EXPECT_EQ(ends, 12u);
  EXPECT_EQ(points, planned) << "each point of an undisturbed run is tried, and none twice";
  EXPECT_TRUE(nothing_left());
}

}  // namespace
}  // namespace ckptbench
