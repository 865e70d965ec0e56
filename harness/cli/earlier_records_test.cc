#include "harness/cli/earlier_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "harness/platform/files.h"

namespace ckptbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

Record recorded_trial(const std::string& id, DataVerdict data, bool allowed = true) {
  Record record;
  record.cell.id = id;
  record.cell.kind = CellKind::kTrial;
  record.verdict.emplace();
  record.verdict->data = data;
  record.allowed = allowed;
  return record;
}

Record sweep_point(uint64_t point, DataVerdict data) {
  Record record = recorded_trial("sweep", data);
  record.cell.kind = CellKind::kSweep;
  record.cell.fault.kind = "file_op";
  record.cell.fault.params["occurrence"] = std::to_string(point);
  record.observed["sweep"] = {{"point", point}, {"points", 3}};
  return record;
}

TEST(EarlierRecords, ThePointsOfASweepHaveNamesOfTheirOwn) {
  const std::vector<Record> records{sweep_point(1, DataVerdict::kLostAck),
                                    sweep_point(2, DataVerdict::kBitExact),
                                    recorded_trial("t", DataVerdict::kBitExact)};
  EXPECT_EQ(replay_id(records[0]), "sweep.1");
  EXPECT_EQ(replay_id(records[2]), "t");
  EXPECT_EQ(record_named(records, "sweep.1"), &records[0]);
  EXPECT_EQ(record_named(records, "sweep"), &records[1]);
  EXPECT_EQ(record_named(records, "t"), &records[2]);
  EXPECT_EQ(record_named(records, "t.1"), nullptr);
  EXPECT_EQ(record_of_cell(records, records[0].cell), &records[0]);
  EXPECT_EQ(record_of_cell(records, sweep_point(3, DataVerdict::kBitExact).cell), nullptr);
}

TEST(EarlierRecords, TheLastRecordOfACellCounts) {
  const std::vector<Record> records{recorded_trial("t", DataVerdict::kLostAck),
                                    recorded_trial("t", DataVerdict::kBitExact)};
  EXPECT_EQ(record_named(records, "t"), &records[1]);
  EXPECT_EQ(record_of_cell(records, records[0].cell), &records[1]);
}

TEST(EarlierRecords, AreComparedInOneLine) {
  const Record fine = recorded_trial("t", DataVerdict::kBitExact);
  const Record lost = recorded_trial("t", DataVerdict::kLostAck, false);
  EXPECT_EQ(compared_text(fine, fine), "as recorded: BIT-EXACT");
  EXPECT_EQ(compared_text(lost, fine), "recorded: LOST-ACK (not allowed), now: BIT-EXACT");
  Record failed;
  failed.error = "no memory";
  EXPECT_EQ(compared_text(failed, fine), "recorded: could not be run, now: BIT-EXACT");
  failed.allowed = false;
  EXPECT_EQ(compared_text(failed, fine),
            "recorded: the strategy failed (not allowed), now: BIT-EXACT");
}

TEST(EarlierRecords, ARepeatNamesWhatDiffersAndWhatIsNew) {
  const std::vector<Record> before{recorded_trial("a", DataVerdict::kBitExact),
                                   recorded_trial("b", DataVerdict::kLostAck, false),
                                   sweep_point(1, DataVerdict::kBitExact)};
  const std::vector<Record> now{
      recorded_trial("a", DataVerdict::kBitExact), recorded_trial("b", DataVerdict::kBitExact),
      sweep_point(1, DataVerdict::kBitExact), sweep_point(2, DataVerdict::kBitExact)};
  EXPECT_THAT(comparison_lines(before, "DIR", now),
              ElementsAre("2 of 4 verdicts as recorded in DIR",
                          "  b: recorded: LOST-ACK (not allowed), now: BIT-EXACT",
                          "  sweep.2: not recorded, now: BIT-EXACT"));
  Record measured;
  measured.cell.kind = CellKind::kMeasure;
  EXPECT_THAT(comparison_lines({measured}, "DIR", {measured}), IsEmpty());
}

TEST(EarlierRecords, OfManyDifferencesSomeAreNamed) {
  std::vector<Record> now;
  for (int i = 0; i < 25; ++i) {
    now.push_back(recorded_trial(std::to_string(i), DataVerdict::kBitExact));
  }
  const std::vector<std::string> lines = comparison_lines({}, "DIR", now);
  ASSERT_EQ(lines.size(), 22U);
  EXPECT_EQ(lines.back(), "  and 5 more");
}

// What the explanation says is for people: others add to it.
TEST(EarlierRecords, NameTheFoldersThatAreKept) {
  const TempDir folder = TempDir::make("kept").value();
  for (const char* name : {"own", "shared", "unnamed"}) {
    std::filesystem::create_directory(folder.path() + "/" + name);
  }
  Record own = recorded_trial("own", DataVerdict::kLostAck, false);
  own.observed["folder"] = "/moved/since/cells/own";
  Record sharing = recorded_trial("sharing", DataVerdict::kLostAck, false);
  sharing.observed["baseline_folder"] = "/moved/since/cells/shared";
  sharing.verdict->explanation = "its files are in /moved/since/cells/shared; so in each of 3 runs";
  Record other = recorded_trial("other", DataVerdict::kBitExact);
  other.verdict->explanation = "as in /moved/since/cells/unnamed";
  EXPECT_THAT(kept_folders({own, sharing, other}, folder.path()),
              UnorderedElementsAre(folder.path() + "/own", folder.path() + "/shared"));
  EXPECT_THAT(kept_folders({own}, folder.path() + "/none"), IsEmpty());
}

}  // namespace
}  // namespace ckptbench
