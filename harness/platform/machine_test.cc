#include "harness/platform/machine.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace ckptbench {
namespace {

TEST(MachineTest, FactsAreThereAndTheHostNameIsNot) {
  const Machine machine = describe_machine();
  EXPECT_GT(machine.cores, 0u);
  EXPECT_GT(machine.memory_bytes, 0u);
  EXPECT_TRUE(machine.kernel.starts_with("Linux "));
  const auto facts = machine_facts(machine, filesystem_of("/"));
  for (const auto& [key, value] : facts) EXPECT_FALSE(value.empty()) << key;
}

TEST(MachineTest, FilesystemIsThatOfThePath) {
  EXPECT_EQ(filesystem_of("/proc/self").type, "proc");
  EXPECT_GT(filesystem_of("/").total_bytes, 0u);
  EXPECT_NE(filesystem_of("/").type, "unknown");
  EXPECT_EQ(filesystem_of("/no/such/path").type, "unknown");
}

}  // namespace
}  // namespace ckptbench
