#include "harness/run/work_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace ckptbench {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

Cell cell(const std::string& id, CellKind kind) {
  Cell out;
  out.id = id;
  out.kind = kind;
  return out;
}

Record record_of(const Task& task, uint64_t last_point) {
  Record record;
  record.cell = task.cell;
  record.verdict.emplace();
  record.observed["sweep"] = {{"point", task.point}, {"points", last_point}};
  if (task.point > last_point) {
    record.verdict->outcome = HarnessOutcome::kSweepEnd;
  } else {
    record.verdict->data = DataVerdict::kBitExact;
  }
  return record;
}

std::string name_of(const Record& record) {
  return record.cell.id + ":" + std::to_string(record.observed["sweep"].value("point", 0));
}

TEST(WorkQueue, SweepsFromTheFirstPointToTheLast) {
  std::vector<std::string> emitted;
  WorkQueue queue({cell("w", CellKind::kSweep), cell("t", CellKind::kTrial)},
                  [&](const Record& record) { emitted.push_back(name_of(record)); });
  while (const auto task = queue.next()) queue.finish(*task, record_of(*task, 2));
  EXPECT_THAT(emitted, ElementsAre("t:0", "w:1", "w:2", "w:3"));
}

TEST(WorkQueue, LeavesOutWhatIsNeedlessByThen) {
  std::vector<std::string> emitted;
  WorkQueue queue(
      {cell("w", CellKind::kSweep), cell("t", CellKind::kTrial), cell("u", CellKind::kTrial)},
      [&](const Record& record) { emitted.push_back(name_of(record)); },
      [&](const Cell& next) { return next.id == "u" || (next.id == "w" && emitted.size() > 2); });
  while (const auto task = queue.next()) queue.finish(*task, record_of(*task, 5));
  EXPECT_THAT(emitted, ElementsAre("t:0", "w:1", "w:2"));
}

TEST(WorkQueue, EmitsPointsInOrderAndDropsThoseBeyondTheEnd) {
  std::vector<std::string> emitted;
  WorkQueue queue({cell("w", CellKind::kSweep)},
                  [&](const Record& record) { emitted.push_back(name_of(record)); });
  const Task one = *queue.next();
  const Task two = *queue.next();
  const Task three = *queue.next();
  const Task four = *queue.next();
  queue.finish(four, record_of(four, 1));
  queue.finish(two, record_of(two, 1));
  queue.finish(three, record_of(three, 1));
  EXPECT_TRUE(emitted.empty());
  EXPECT_FALSE(queue.next().has_value());
  queue.finish(one, record_of(one, 1));
  EXPECT_THAT(emitted, ElementsAre("w:1", "w:2"));
}

// A point that is not met does not end a sweep; a sweep that met none has proved nothing.
TEST(WorkQueue, ASweepInWhichNothingFiredIsVacuous) {
  for (const bool one_fires : {false, true}) {
    std::vector<Record> emitted;
    WorkQueue queue({cell("w", CellKind::kSweep)},
                    [&](const Record& record) { emitted.push_back(record); });
    while (const auto task = queue.next()) {
      Record record = record_of(*task, 3);
      const bool fires = one_fires && task->point == 2;
      if (task->point <= 3 && !fires) record.verdict->outcome = HarnessOutcome::kVacuous;
      queue.finish(*task, record);
    }
    ASSERT_EQ(emitted.size(), 4u);
    EXPECT_EQ(*emitted.back().verdict->outcome,
              one_fires ? HarnessOutcome::kSweepEnd : HarnessOutcome::kVacuous);
  }
}

TEST(WorkQueue, StopsHandingOut) {
  WorkQueue queue({cell("t", CellKind::kTrial)}, [](const Record&) {});
  queue.stop();
  EXPECT_FALSE(queue.next().has_value());
}

TEST(WorkQueue, ManySlotsTakeEveryPointOnce) {
  std::vector<std::string> emitted;
  WorkQueue queue({cell("v", CellKind::kSweep), cell("w", CellKind::kSweep)},
                  [&](const Record& record) { emitted.push_back(name_of(record)); });
  {
    std::vector<std::jthread> slots;
    for (int i = 0; i < 4; ++i) {
      slots.emplace_back([&] {
        while (const auto task = queue.next()) queue.finish(*task, record_of(*task, 3));
      });
    }
  }
  EXPECT_THAT(emitted,
              UnorderedElementsAre("v:1", "v:2", "v:3", "v:4", "w:1", "w:2", "w:3", "w:4"));
}

}  // namespace
}  // namespace ckptbench
