#include "results/measurement_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/testing/sample_records.h"

namespace ckptbench {
namespace {

using testing::ElementsAre;

nlohmann::json seen_with(const std::string& write, const std::string& read) {
  return {{"pairs", 8},
          {"stopped_by", "precision"},
          {"probe_shape", write},
          {"probe_sequence", "write 1, sync 1"},
          {"read_probe_shape", read},
          {"memory_method", "VmHWM of the process"}};
}

// One process each.
std::vector<std::string> measured_as(const std::vector<nlohmann::json>& processes) {
  std::vector<Record> records;
  for (const nlohmann::json& seen : processes) {
    records.push_back(measured_record("digits-mlp", "sync", 3, 12));
    records.back().observed = seen;
  }
  return measurement_lines(make_result_rows(records, {}).rows.at(0));
}

TEST(MeasurementText, IsOneLineOfOneProcess) {
  EXPECT_THAT(
      measured_as({seen_with("2 threads, 1 MiB; 1 thread, 16 MiB", "8 threads, direct")}),
      ElementsAre("8 pairs in a process; stopped by: precision; write probes: 2 threads, 1 MiB; 1 "
                  "thread, 16 MiB; in the sequence: write 1, sync 1; read probes: 8 threads, "
                  "direct; memory: VmHWM of the process"));
}

TEST(MeasurementText, CountsTheProcessesThatKeptAProbeShape) {
  const std::string two = "2 threads, 1 MiB, direct, preallocated";
  const std::string four = "4 threads, 1 MiB, direct, preallocated";
  const std::string one = "1 thread, 16 MiB, direct, preallocated";
  EXPECT_THAT(measured_as({seen_with(four + "; " + one, "8 threads, direct"),
                           seen_with(two + "; " + one, "4 threads, direct"),
                           seen_with(one + "; " + two, "4 threads, direct")}),
              ElementsAre("8 pairs in a process; stopped by: precision; memory: VmHWM of the "
                          "process",
                          "write probes: 1 thread, 16 MiB (3 of 3 processes); 2 threads, 1 MiB "
                          "(2); 4 threads, 1 MiB (1); all direct, preallocated",
                          "in the sequence: write 1, sync 1",
                          "read probes: 4 threads (2 of 3 processes); 8 threads (1); all direct"));
}

TEST(MeasurementText, NamesAShapeWholeThatSharesNoWords) {
  EXPECT_THAT(
      measured_as({seen_with("8 threads, direct", ""), seen_with("8 threads, direct", "4 threads"),
                   seen_with("8 threads, direct", "8 threads, direct")}),
      ElementsAre(testing::_, "write probes: 8 threads, direct (3 of 3 processes)",
                  "in the sequence: write 1, sync 1",
                  "read probes: 4 threads (1 of 3 processes); 8 threads, direct (1)"));
  EXPECT_THAT(
      measured_as({seen_with("direct", ""), seen_with("2 threads, direct", "")}),
      ElementsAre(testing::_, "write probes: 2 threads, direct (1 of 2 processes); direct (1)",
                  "in the sequence: write 1, sync 1"));
}

nlohmann::json warmed_up(int steps, bool steady) {
  return {{"pairs", 8}, {"warm_up_steps", steps}, {"warm_up_steady", steady}};
}

TEST(MeasurementText, SaysWhenStepsDidNotBecomeSteady) {
  EXPECT_THAT(measured_as({warmed_up(60, false)}),
              ElementsAre("8 pairs in a process; plain steps did not become steady before the "
                          "windows (60 steps)"));
  EXPECT_THAT(
      measured_as({warmed_up(60, false), warmed_up(40, true), warmed_up(20, false)}),
      ElementsAre("8 pairs in a process; plain steps did not become steady before the windows in 2 "
                  "of 3 processes"));
  EXPECT_THAT(measured_as({warmed_up(40, true)}), ElementsAre("8 pairs in a process"));
  EXPECT_THAT(measured_as({warmed_up(0, false)}), ElementsAre("8 pairs in a process"))
      << "there was no time to see it";
  const nlohmann::json hostile = {{"warm_up_steady", 0}, {"warm_up_steps", "many"}};
  EXPECT_THAT(measured_as({hostile}), ElementsAre());
}

TEST(MeasurementText, SaysNothingOfWhatWasNotSeen) {
  EXPECT_THAT(measured_as({nlohmann::json::object(), nlohmann::json::object()}), ElementsAre());
  EXPECT_THAT(measured_as({{{"pairs", 8}}, {{"pairs", 6}}}), ElementsAre("8 pairs in a process"));
}

}  // namespace
}  // namespace ckptbench
