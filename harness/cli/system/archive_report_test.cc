// The report of a results folder that was moved, or into which nothing can be written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "harness/cli/system/bench_process.h"
#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

// The results of one trial, with its files.
class KeptTrial {
 public:
  KeptTrial() {
    const Finished run = run_bench({"run", suite_, "--keep", "--out", out()});
    EXPECT_EQ(run.exit_code, 0) << run.output;
  }
  const std::string& suite() const { return suite_; }
  std::string out() const { return folder_.path() + "/out"; }

 private:
  TempDir folder_ = fresh_folder();
  std::string suite_ = write_suite(folder_.path(), one_trial_suite());
};

// Works on a copy of the results of one run, which all tests share.
class ArchiveReport : public testing::Test {
 protected:
  ArchiveReport() { fs::copy(run().out(), out_, fs::copy_options::recursive); }

  static const KeptTrial& run() {
    static const KeptTrial run;
    return run;
  }

  // As if its verdict had been worse.
  void set_lost(const std::string& out) {
    const std::string path = out + "/results.jsonl";
    nlohmann::json record = parse_json(read_file(path).value());
    record["verdict"]["data"] = "LOST-ACK";
    record["allowed"] = false;
    ASSERT_TRUE(write_file_atomically(path, json_text(record) + "\n", Sync::kNo));
  }

  // Not even root can replace a folder by a file, or make a folder where a file is.
  void make_unwritable(const std::string& out, const std::string& file) {
    fs::remove_all(out + "/" + file);
    if (file == "charts") {
      std::ofstream(out + "/charts") << "a file";
    } else {
      fs::create_directory(out + "/" + file);
    }
  }

  TempDir folder_ = fresh_folder();
  std::string out_ = folder_.path() + "/out";
};

TEST_F(ArchiveReport, ThatCannotBeWrittenHidesNothing) {
  for (const char* file : {"report.html", "charts"}) {  // charts are written first
    make_unwritable(out_, file);
    const Finished fine = run_bench({"report", out_});
    EXPECT_EQ(fine.exit_code, 4) << fine.output;
    EXPECT_THAT(fine.output, HasSubstr("What survives"));
    EXPECT_THAT(fine.output, HasSubstr("ckptbench: the report was not written: "));
    EXPECT_THAT(fine.output, HasSubstr(out_ + "/" + file));
    EXPECT_THAT(fine.output, Not(HasSubstr("report: ")));
  }
  set_lost(out_);
  const Finished lost = run_bench({"report", out_});
  EXPECT_EQ(lost.exit_code, 1) << lost.output;
  EXPECT_THAT(lost.output, HasSubstr("ckptbench: the report was not written: "));
  EXPECT_THAT(lost.output, HasSubstr(" replay trial."));
  EXPECT_THAT(lost.output, HasSubstr("1 not allowed, 0 inconclusive"));
}

TEST_F(ArchiveReport, OfARunThatCannotWriteItIsExitCode4) {
  const std::string out = folder_.path() + "/other";
  fs::create_directory(out);
  make_unwritable(out, "charts");
  const Finished end = run_bench({"run", run().suite(), "--out", out});
  EXPECT_EQ(end.exit_code, 4) << end.output;
  EXPECT_THAT(end.output, HasSubstr("ckptbench: the report was not written: "));
  EXPECT_EQ(finished_ids(out).size(), 1U);
}

TEST_F(ArchiveReport, ThatWasMovedNamesItsNewPlace) {
  const std::string moved = folder_.path() + "/moved";
  set_lost(out_);
  fs::rename(out_, moved);
  const Finished report = run_bench({"report", moved});
  EXPECT_EQ(report.exit_code, 1) << report.output;
  const std::string id = *finished_ids(moved).begin();
  EXPECT_THAT(report.output,
              HasSubstr(bench_program() + " replay " + id + " --results " + moved + "\n"));
  const Finished replay =
      run_bench({"replay", id, "--results", moved, "--out", folder_.path() + "/replay"});
  EXPECT_EQ(replay.exit_code, 0) << replay.output;
  EXPECT_THAT(replay.output, HasSubstr("recorded: LOST-ACK (not allowed), now: "));
}

TEST_F(ArchiveReport, OfARepeatSaysWhatIsNoLongerAsRecorded) {
  const Finished same = run_bench({"run", "--repeat", out_, "--out", folder_.path() + "/same"});
  EXPECT_EQ(same.exit_code, 0) << same.output;
  EXPECT_THAT(same.output, HasSubstr("of 1 verdict"));
  set_lost(out_);
  const Finished other = run_bench({"run", "--repeat", out_, "--out", folder_.path() + "/other"});
  EXPECT_EQ(other.exit_code, 0) << other.output;
  EXPECT_THAT(other.output, HasSubstr("0 of 1 verdict as recorded in " + out_));
  EXPECT_THAT(other.output, HasSubstr(": recorded: LOST-ACK (not allowed), now: "));
}

}  // namespace
}  // namespace ckptbench
