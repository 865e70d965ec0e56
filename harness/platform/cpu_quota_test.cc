#include "harness/platform/cpu_quota.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "harness/platform/testing/temp_directory.h"

namespace ckptbench {
namespace {

class CpuQuota : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = root / name;
    std::filesystem::create_directories(path.parent_path());
    ASSERT_TRUE(std::ofstream(path) << text);
  }
  std::optional<double> quota(const std::string& groups) { return cpu_quota(groups, root.path()); }

  const TempDirectory root;
};

TEST_F(CpuQuota, NothingWhereNothingIsLimited) {
  EXPECT_EQ(quota(""), std::nullopt);
  EXPECT_EQ(quota("0::/\n"), std::nullopt);
  write("cpu.max", "max 100000\n");
  write("cpu/cpu.cfs_quota_us", "-1\n");
  write("cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(quota("0::/\n1:cpu:/\n"), std::nullopt);
}

TEST_F(CpuQuota, SecondVersion) {
  write("cpu.max", "200000 100000\n");
  EXPECT_EQ(quota("0::/\n"), 2.0);
  EXPECT_EQ(quota("0::/a/path/of/the/host/alone\n"), 2.0);
}

TEST_F(CpuQuota, FirstVersion) {
  write("cpu,cpuacct/job/cpu.cfs_quota_us", "150000\n");
  write("cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(quota("3:memory:/job\n4:cpu,cpuacct:/job\n0::/\n"), 1.5);
  EXPECT_EQ(quota("4:cpuset:/job\n"), std::nullopt);
}

TEST_F(CpuQuota, TheLeastOfAllGroupsAboveCounts) {
  write("outer/cpu.max", "300000 100000\n");
  write("outer/inner/cpu.max", "800000 100000\n");
  EXPECT_EQ(quota("0::/outer/inner\n"), 3.0);
  write("unified/cpu.max", "50000 100000\n");
  EXPECT_EQ(quota("0::/outer/inner\n"), 0.5);
}

TEST_F(CpuQuota, DamagedTextLimitsNothing) {
  for (const char* text : {"", "x", "100000", "0 0", "100000 x"}) {
    write("cpu.max", text);
    EXPECT_EQ(quota("0::/\n"), std::nullopt) << text;
  }
  EXPECT_EQ(quota("no colons\n:\n"), std::nullopt);
}

}  // namespace
}  // namespace ckptbench
