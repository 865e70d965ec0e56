// What a user sees of a run of which only a part is there, and of a row without figures.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
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
  EXPECT_THAT(part.output, HasSubstr("run --resume --out " + out));

  const Finished explained = run_bench({"explain", out, "sync"});
  EXPECT_EQ(explained.exit_code, 2);
  EXPECT_THAT(explained.output, HasSubstr("no row was measured"));
}

// As --resume and --repeat do it.
TEST(Report, OfAMistypedFolderIsAUsageErrorWithNearNames) {
  const TempDir folder = fresh_folder();
  const std::string out = folder.path() + "/monday";
  std::filesystem::create_directory(out);
  std::ofstream(out + "/environment.json") << "{}";
  const std::string mistyped = folder.path() + "/mondya";
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"report", mistyped},
                                             {"explain", mistyped},
                                             {"replay", "an-id", "--results", mistyped},
                                             {"run", "--resume", "--out", mistyped},
                                             {"run", "--repeat", mistyped}}) {
    const Finished end = run_bench(arguments);
    EXPECT_EQ(end.exit_code, 2) << end.output;
    EXPECT_THAT(end.output, HasSubstr(mistyped + ": does not exist"));
    EXPECT_THAT(end.output, HasSubstr("did you mean '" + out + "'?"));
  }
  const Finished empty = run_bench({"report", folder.path()});
  EXPECT_EQ(empty.exit_code, 2) << empty.output;
  EXPECT_THAT(empty.output, HasSubstr("has no results.jsonl"));
}

}  // namespace
}  // namespace ckptbench
