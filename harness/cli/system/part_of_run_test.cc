// What a user sees of a run of which only a part is there, and of a row without figures.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "harness/cli/system/bench_process.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;

TEST(Report, OfAPartOfARunSaysSoAndHasTheRunsExitCode) {
  const TempDir folder = fresh_folder();
  const std::string out = folder.path() + "/out";
  const std::string suite = write_suite(folder.path(), small_suite());
  const Finished run = run_bench({"run", suite, "--out", out});
  EXPECT_EQ(run.exit_code, 0) << run.output;
  EXPECT_EQ(run_bench({"report", out}).exit_code, 0);

  std::ifstream whole(out + "/results.jsonl");
  std::string first;
  std::getline(whole, first);
  std::ofstream(out + "/results.jsonl", std::ios::trunc) << first << "\n";
  const Finished part = run_bench({"report", out});
  EXPECT_EQ(part.exit_code, 3) << part.output;
  EXPECT_THAT(part.output, HasSubstr(fmt::format("1 of {} cells", kSmallSuiteCells)));
  EXPECT_THAT(part.output, HasSubstr("has no finished record"));

  const Finished explained = run_bench({"explain", out, "sync"});
  EXPECT_EQ(explained.exit_code, 2);
  EXPECT_THAT(explained.output, HasSubstr("no row was measured"));
  EXPECT_EQ(run_bench({"explain", folder.path() + "/none"}).exit_code, 4);
}

}  // namespace
}  // namespace ckptbench
