#include "results/junit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "faults/fault_kinds.h"
#include "harness/core/observed_keys.h"
#include "results/figure_text.h"
#include "results/known_list.h"
#include "results/markup.h"
#include "results/record_end.h"
#include "results/unmet_faults.h"

namespace ckptbench {
namespace {

enum class TestEnd { kPassed, kFailure, kError, kSkipped };

struct TestCase {
  std::string suite;
  std::string name;
  double wall_s = 0;
  TestEnd end = TestEnd::kPassed;
  std::string message;
  std::string body;
};

std::string message_of(const Record& record) {
  if (!record.error.empty()) return error_text(record);
  if (!record.verdict) return measured_failure_text(record);
  return short_text(*record.verdict) + ": " + record.verdict->explanation;
}

TestCase test_of(const Record& record) {
  TestCase test{label(record.cell.strategy), record.cell.id, record.wall_s, {}, {}, {}};
  if (record.cell.kind == CellKind::kSweep) test.name += ": " + describe(record.cell.fault);
  test.message = message_of(record);
  test.body = record.point;
  const std::string known = known_text(record);
  switch (record_end(record)) {
    case RecordEnd::kNotAllowed:
      test.end = TestEnd::kFailure;
      return test;
    case RecordEnd::kInconclusive:
      test.end = TestEnd::kError;
      return test;
    case RecordEnd::kFine:
      break;
  }
  if (!known.empty()) {
    test.end = TestEnd::kSkipped;
    test.body += (test.body.empty() ? "" : "\n") + test.message;
    test.message = "known failure: " + known;
  } else if (record.verdict && record.verdict->outcome) {
    test.end = TestEnd::kSkipped;
  } else {
    test.body += (test.body.empty() || test.message.empty() ? "" : "\n") + test.message;
  }
  return test;
}

std::string xml_of(const TestCase& test) {
  constexpr const char* kTags[] = {"", "failure", "error", "skipped"};
  std::string inner;
  if (test.end != TestEnd::kPassed) {
    inner += fmt::format("      <{} message=\"{}\"/>\n", kTags[static_cast<int>(test.end)],
                         escape(test.message));
  }
  if (!test.body.empty()) inner += "      " + element("system-out", test.body) + "\n";
  const std::string head = fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"",
                                       escape(test.suite), escape(test.name), test.wall_s);
  return inner.empty() ? head + "/>\n" : head + ">\n" + inner + "    </testcase>\n";
}

// Cells finish in another order in each run; the plan's is the same. What it does not name comes
// last.
std::vector<Record> in_plan_order(const ReportInput& input) {
  const std::vector<std::string> planned = planned_cells(input.environment);
  std::map<std::string, size_t> place;
  for (size_t i = 0; i < planned.size(); ++i) place.emplace(planned[i], i);
  const auto key = [&](const Record& record) {
    const auto at = place.find(record.cell.id);
    const auto sweep = record.observed.find(observed::kSweep);
    const uint64_t point = sweep == record.observed.end() || !sweep->is_object()
                               ? 0
                               : sweep->value("point", uint64_t{0});
    return std::tuple(at == place.end() ? planned.size() : at->second, record.cell.id, point);
  };
  std::vector<Record> records = input.records;
  std::stable_sort(records.begin(), records.end(),
                   [&](const Record& a, const Record& b) { return key(a) < key(b); });
  return records;
}

// Points of a sweep may be described in equal words.
void make_unique(std::vector<TestCase>& tests) {
  std::map<std::string, size_t> seen;
  for (TestCase& test : tests) {
    const size_t number = ++seen[test.name];
    if (number > 1) test.name += fmt::format(" ({})", number);
  }
}

}  // namespace

std::string to_junit(const ReportInput& input) {
  std::vector<TestCase> tests;
  for (const Record& record : in_plan_order(input)) tests.push_back(test_of(record));
  for (const std::string& id : missing_cells(input)) {
    tests.push_back({"run", id, 0, TestEnd::kError, "the cell has no finished record", ""});
  }
  for (const UnmetFaults& unmet : unmet_faults(input.records)) {
    const std::string name =
        fmt::format("{} on {}: {}", label(unmet.strategy), label(unmet.workload),
                    unmet.file_operations ? "file operations" : "faults");
    tests.push_back({"run", name, 0, TestEnd::kError, unmet_text(unmet), ""});
  }
  for (const ProofNote& note : proof_notes(input.environment)) {
    const TestEnd end = note.caught ? TestEnd::kPassed : TestEnd::kError;
    const std::string message = note.caught ? "" : "NOT CAUGHT: " + note.text;
    tests.push_back({"proof", note.strategy, 0, end, message, note.text});
  }
  for (const FixedNote& note : fixed_notes(input.environment)) {
    tests.push_back({"known_failures", note.name, 0, TestEnd::kSkipped, note.text, ""});
  }
  make_unique(tests);
  std::map<TestEnd, size_t> ends;
  std::string cases;
  for (const TestCase& test : tests) {
    ++ends[test.end];
    cases += xml_of(test);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"ckptbench\" "
      "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n{}  "
      "</testsuite>\n</testsuites>\n",
      tests.size(), ends[TestEnd::kFailure], ends[TestEnd::kError], ends[TestEnd::kSkipped], cases);
}

}  // namespace ckptbench
