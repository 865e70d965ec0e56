#include "harness/platform/installation.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

namespace ckptbench {
namespace {

TEST(Installation, ABuildTreeUsesTheSources) {
  EXPECT_EQ(shipped_path("suites", "/source/suites"), "/source/suites");
  EXPECT_TRUE(std::filesystem::exists(program_folder()));
}

TEST(Installation, PythonIsTheChosenOneThenTheConfiguredOneThenTheSystems) {
  const char* given = ::getenv("CKPT_PYTHON");
  const std::string before = given == nullptr ? "" : given;
  ::unsetenv("CKPT_PYTHON");
  EXPECT_EQ(python_program("/proc/self/exe"), "/proc/self/exe");
  EXPECT_EQ(python_program("/no/such/python3"), "python3");
  ::setenv("CKPT_PYTHON", "/chosen/python3", 1);
  EXPECT_EQ(python_program("/proc/self/exe"), "/chosen/python3");
  ::unsetenv("CKPT_PYTHON");
  if (given != nullptr) ::setenv("CKPT_PYTHON", before.c_str(), 1);
}

}  // namespace
}  // namespace ckptbench
