// Further processes that ask by number: what one of them that ends itself leaves to the next.
#include "harness/run/asked_anew.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "harness/core/journal.h"
#include "harness/core/json_text.h"
#include "harness/platform/files.h"

namespace ckptbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A directory that lists checkpoints 6, 4 and 2. Restoring one of these ends the process.
class EndsIn : public JobRunner {
 public:
  explicit EndsIn(std::vector<uint64_t> seqs) : seqs_(std::move(seqs)) {}
  ProcessEnd run(const JobFiles& files, double) override {
    jobs.push_back(read_job(files.job).value());
    RecoveryReport report;
    report.outcome = RecoveryReport::Outcome::kRefused;
    report.anew = true;
    report.asked = jobs.back().asked;
    for (const uint64_t seq : {6, 4, 2}) {
      if (std::ranges::count(report.asked, seq) > 0) continue;
      report.asked.push_back(seq);
      write(files, report);
      if (std::ranges::count(seqs_, seq) == 0) return restored(files, report);
      if (restores_first) note(files, Event::kRestored);
      return end;
    }
    write(files, report);
    note(files, Event::kEnd);
    return {.exited = true};
  }

  std::vector<Job> jobs;
  ProcessEnd end{.exited = true};
  bool restores_first = false;

 private:
  static void write(const JobFiles& files, const RecoveryReport& report) {
    std::ofstream(files.report) << json_text(report);
  }
  static void note(const JobFiles& files, Event event) {
    std::ofstream(files.journal, std::ios::app) << format_entry({.event = event});
  }
  static ProcessEnd restored(const JobFiles& files, RecoveryReport& report) {
    note(files, Event::kRestored);
    report.outcome = RecoveryReport::Outcome::kRestored;
    report.by_number = true;
    report.seq = report.asked.back();
    write(files, report);
    note(files, Event::kEnd);
    return {.exited = true};
  }

  std::vector<uint64_t> seqs_;
};

AskedAnew ask(EndsIn& runner, const TempDir& folder) {
  const Cell cell;
  return ask_anew(cell, folder.path(), 1, {.exited = true}, [&]() -> JobRunner& { return runner; });
}

TempDir fresh_folder() {
  return std::move(TempDir::make("asked-anew")).value();
}

// Exit code 0 in a restore is an end as any other.
TEST(AskedAnew, WhatEndsAProcessIsLeftOutInTheNext) {
  for (const int code : {0, 1}) {
    const TempDir folder = fresh_folder();
    EndsIn runner({6});
    runner.end.exit_code = code;
    const AskedAnew asked = ask(runner, folder);
    ASSERT_EQ(runner.jobs.size(), 2U) << code;
    EXPECT_THAT(runner.jobs[1].asked, ElementsAre(6));
    EXPECT_EQ(asked.report.outcome, RecoveryReport::Outcome::kRestored);
    EXPECT_EQ(asked.report.seq, 4U);
    EXPECT_THAT(asked.report.tried,
                ElementsAre("seq 6: the process exited with code " + std::to_string(code)));
    EXPECT_EQ(asked.jobs.size(), 2U);
  }
}

TEST(AskedAnew, WhereEachEndsItsProcessAllAreTold) {
  const TempDir folder = fresh_folder();
  EndsIn runner({6, 4, 2});
  const AskedAnew asked = ask(runner, folder);
  EXPECT_EQ(asked.report.outcome, RecoveryReport::Outcome::kRefused);
  EXPECT_EQ(asked.report.reason, "the process exited with code 0");
  EXPECT_EQ(asked.report.tried.size(), 3U);
  EXPECT_EQ(asked.jobs.size(), 4U) << "the last finds nothing more to ask for";
}

TEST(AskedAnew, OneThatLoadsAndEndsLaterIsTheLast) {
  const TempDir folder = fresh_folder();
  EndsIn runner({6});
  runner.restores_first = true;
  const AskedAnew asked = ask(runner, folder);
  EXPECT_EQ(asked.report.outcome, RecoveryReport::Outcome::kRefused);
  EXPECT_EQ(asked.jobs.size(), 1U);
  ASSERT_EQ(asked.report.tried.size(), 1U);
  EXPECT_THAT(asked.report.tried[0], HasSubstr("seq 6 loads, and in the run that follows"));
}

TEST(AskedAnew, OfARecoveryThatIsDoneNothingIsAsked) {
  const TempDir folder = fresh_folder();
  const JobFiles files = job_files(folder.path(), "recover-1");
  EXPECT_TRUE(ended_in_restore({.exited = true}, files));
  std::ofstream(files.journal) << format_entry({.event = Event::kEnd});
  EXPECT_FALSE(ended_in_restore({.exited = true}, files));
}

}  // namespace
}  // namespace ckptbench
