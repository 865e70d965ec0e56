#include "harness/run/measured_disk.h"

#include <gtest/gtest.h>

#include "harness/core/error.h"
#include "harness/platform/machine.h"

namespace ckptbench {
namespace {

Cell cell_of(CellKind kind, const std::string& strategy) {
  Cell cell;
  cell.id = "the-cell";
  cell.kind = kind;
  cell.strategy.name = strategy;
  return cell;
}

CheckedNames two_names() {
  NamedInfo sync;
  sync.survives = "process";
  return {{{"null", NamedInfo{}}, {"sync", sync}}, ""};
}

TEST(MeasuredDisk, MemoryHasNoColdRestores) {
  if (filesystem_of("/dev/shm").type != "tmpfs") GTEST_SKIP() << "/dev/shm is no tmpfs";
  const CheckedNames names = two_names();
  const std::vector<Cell> fine{cell_of(CellKind::kTrial, "sync"), cell_of(CellKind::kSweep, "sync"),
                               cell_of(CellKind::kMeasure, "null")};
  EXPECT_NO_THROW(check_measured_disk("/dev/shm", fine, names));
  std::vector<Cell> cells = fine;
  cells.push_back(cell_of(CellKind::kMeasure, "sync"));
  try {
    check_measured_disk("/dev/shm", cells, names);
    FAIL() << "expected an error";
  } catch (const ExitError& error) {
    EXPECT_EQ(error.code(), ExitCode::kEnvironment);
    EXPECT_NE(std::string(error.what()).find("/dev/shm is on tmpfs"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("the-cell"), std::string::npos) << error.what();
  }
}

TEST(MeasuredDisk, AnyOtherFileSystemIsTaken) {
  ASSERT_EQ(filesystem_of("/proc").type, "proc");
  EXPECT_NO_THROW(check_measured_disk("/proc", {cell_of(CellKind::kMeasure, "sync")}, two_names()));
}

}  // namespace
}  // namespace ckptbench
