// What a probe does with its files, compared with what the save does that it stands for: for every
// shipped strategy, with the real worker, both seen by the preload library.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "faults/fault_log.h"
#include "harness/core/json_text.h"
#include "harness/core/observed_keys.h"
#include "harness/core/record.h"
#include "harness/measure/watched_saves.h"
#include "harness/train/plugins.h"
#include "harness/worker/testing/worker_driver.h"

namespace ckptbench {
namespace {

using Words = std::vector<std::string>;

// What is done with files, in order, without their writes.
Words durability_words(const std::vector<FileOperation>& operations) {
  Words words;
  std::set<std::string> files;
  for (const FileOperation& operation : operations) {
    if (operation.op == "open" || operation.op == "write") files.insert(operation.path);
    if (operation.op == "fsync") {
      words.emplace_back(files.contains(operation.path) ? "sync" : "sync folder");
    } else if (operation.op == "rename" || operation.op == "link") {
      words.emplace_back("rename");
      files.insert(operation.to);
    }
  }
  return words;
}

Words durability_words(const SaveSequence& sequence) {
  Words words;
  for (const SaveStep& step : sequence.steps) {
    if (step.what == FileStep::kSync) words.emplace_back("sync");
    if (step.what == FileStep::kRename) words.emplace_back("rename");
    if (step.what == FileStep::kSyncFolder) words.emplace_back("sync folder");
  }
  return words;
}

// How each file of the interference floor was written, by its number, in all writes of it.
std::map<uint64_t, WriteKind> floor_kinds(const std::vector<FileOperation>& operations) {
  constexpr std::string_view kPrefix = "floor-";
  std::map<uint64_t, WriteKind> kinds;
  for (const FileOperation& operation : operations) {
    if (!operation.path.starts_with(kPrefix)) continue;
    WriteKind& kind = kinds[std::stoull(operation.path.substr(kPrefix.size()))];
    kind.direct |= operation.direct;
    kind.preallocated |= operation.reserves;
  }
  return kinds;
}

std::map<uint64_t, WriteKind> kinds_of(const WatchedSaves& watched) {
  std::map<uint64_t, WriteKind> kinds;
  for (const SaveSequence& save : watched.saves) {
    for (uint64_t i = 0; i < save.sizes.size(); ++i) kinds[i] = save.kind_of(i).value();
  }
  return kinds;
}

void append(Words& words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
}

std::vector<std::string> shipped_strategies() {
  std::vector<std::string> names;
  const nlohmann::json all = describe_all(false);
  for (const auto& row : all["strategies"]) {
    if (row["group"] != "broken") names.push_back(row["name"].get<std::string>());
  }
  return names;
}

class WatchSystem : public testing::TestWithParam<std::string> {
 protected:
  WatchSystem() : folder_(std::filesystem::path(CKPT_WORKER).parent_path().string()) {
    folder_.cell().kind = CellKind::kMeasure;
    folder_.cell().deadline_s = 300;
    folder_.cell().pairs = 1;
    folder_.cell().precision_pct = 0;
    folder_.cell().steps = 3;
    folder_.cell().policy.every_steps = 1;
    folder_.cell().policy.keep_last = 100;  // no deletion among the operations
    folder_.cell().strategy.name = GetParam();
    for (const char* name : {"watched", "scratch"}) {
      std::filesystem::create_directory(folder_.path(name));
    }
  }

  WatchedSaves watch() {
    Job job = folder_.job(JobRole::kWatch, "watch");
    job.checkpoint_dir = folder_.path("watched");
    job.fault_log_path = folder_.path("watch.faults.jsonl");
    const int status = exec_job(folder_, folder_.write(job), CKPT_FAULT_LIBRARY);
    EXPECT_TRUE(exited_with(status, ExitCode::kOk)) << folder_.text("exec.log");
    return WatchedSaves::read(folder_.path(kWatchReport)).value();
  }

  // With the library beneath the folder of the probes, which no measured cell has otherwise.
  Record measure() {
    Job job = folder_.job(JobRole::kMeasure, "measure");
    job.scratch_dir = folder_.path("scratch");
    ::setenv("CKPTFAULT_ROOT", job.scratch_dir.c_str(), 1);
    ::setenv("CKPTFAULT_LOG", folder_.path("scratch.jsonl").c_str(), 1);
    const int status = exec_job(folder_, folder_.write(job), CKPT_FAULT_LIBRARY);
    ::unsetenv("CKPTFAULT_ROOT");
    ::unsetenv("CKPTFAULT_LOG");
    EXPECT_TRUE(exited_with(status, ExitCode::kOk)) << folder_.text("exec.log");
    return parse_json(folder_.text("measure.report.json")).get<Record>();
  }

  std::vector<FileOperation> operations(const std::string& log) {
    return read_fault_log(folder_.path(log)).value().operations;
  }

  // Until its files are removed.
  std::vector<FileOperation> first_probe() {
    std::vector<FileOperation> all = operations("scratch.jsonl");
    const auto end = std::ranges::find(all, "unlink", &FileOperation::op);
    return {all.begin(), end};
  }

  JobFolder folder_;
};

TEST_P(WatchSystem, AProbeDoesWithItsFilesWhatTheSaveDoes) {
  const WatchedSaves watched = watch();
  const Record record = measure();
  if (GetParam() == "null") {
    EXPECT_TRUE(watched.saves.empty());
    EXPECT_TRUE(operations("scratch.jsonl").empty());
    return;
  }
  ASSERT_EQ(watched.saves.size(), 4U);
  EXPECT_EQ(record.observed[observed::kProbeSequenceSeen], true);
  // The strategy's own operations: nothing is added or left out of what the library has seen.
  Words reported;
  for (const SaveSequence& save : watched.saves) append(reported, durability_words(save));
  Words seen = durability_words(operations("watch.faults.jsonl"));
  ASSERT_GE(seen.size(), reported.size());
  const Words before(seen.begin(), seen.end() - static_cast<ptrdiff_t>(reported.size()));
  seen.erase(seen.begin(), seen.begin() + static_cast<ptrdiff_t>(before.size()));
  EXPECT_EQ(seen, reported) << "before the first save: " << testing::PrintToString(before);
  // The probe's.
  const std::vector<FileOperation> probe = first_probe();
  std::set<std::string> files;
  for (const FileOperation& operation : probe) {
    if (operation.op == "write") files.insert(operation.path);
  }
  EXPECT_EQ(files.size(), watched.saves.back().sizes.size());
  Words expected = durability_words(watched.saves.back());
  const std::string shape = record.observed[observed::kProbeShape].get<std::string>();
  if (shape.find("in place") != std::string::npos) append(expected, Words(expected));
  EXPECT_EQ(durability_words(probe), expected) << record.observed[observed::kProbeSequence];
  // The floor's: past the page cache, and into space set aside, where the save does so.
  EXPECT_EQ(floor_kinds(operations("scratch.jsonl")), kinds_of(watched));
  EXPECT_EQ(record.observed["direct_io"], watched.direct().value());
}

INSTANTIATE_TEST_SUITE_P(Shipped, WatchSystem, testing::ValuesIn(shipped_strategies()),
                         [](const auto& name) {
                           std::string word = name.param;
                           std::ranges::replace_if(
                               word, [](char c) { return std::isalnum(c) == 0; }, '_');
                           return word;
                         });

}  // namespace
}  // namespace ckptbench
