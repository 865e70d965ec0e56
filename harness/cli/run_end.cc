#include "harness/cli/run_end.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "harness/cli/earlier_records.h"
#include "harness/cli/options.h"
#include "harness/cli/progress.h"
#include "harness/core/count_text.h"
#include "harness/core/observed_keys.h"
#include "harness/run/fixed_failures.h"
#include "harness/run/proof.h"
#include "results/record_end.h"
#include "results/record_store.h"
#include "results/unmet_faults.h"

namespace ckptbench {
namespace {

constexpr size_t kNamed = 3;  // of records that went wrong in the same words

std::string wrong_text(const Record& record) {
  return record.error.empty() ? outcome_text(record) : "error: " + error_text(record);
}

// Records that went wrong in the same words. The words stand in the report, right above.
struct WrongGroup {
  std::string text;
  const Record* first = nullptr;
  std::vector<std::string> others;
};

void add_wrong(std::vector<WrongGroup>& groups, const Record& record) {
  const std::string text = wrong_text(record);
  const auto group = std::find_if(groups.begin(), groups.end(),
                                  [&](const WrongGroup& other) { return other.text == text; });
  if (group == groups.end()) return groups.push_back({text, &record, {}});
  group->others.push_back(record.cell.id);
}

void print_wrong(const WrongGroup& group, const RunPlace& place) {
  const Record& record = *group.first;
  fmt::print("{}\n", replay_id(record));
  fmt::print("  {} replay {} --results {}\n", place.command_line, replay_id(record),
             shell_quoted(place.out));
  if (group.others.empty()) return;
  const size_t named = std::min(kNamed, group.others.size());
  const std::vector<std::string> some(group.others.begin(), group.others.begin() + named);
  fmt::print("  the same: {}", fmt::join(some, ", "));
  if (named < group.others.size()) {
    fmt::print(", and {} more (junit.xml)", group.others.size() - named);
  }
  fmt::print("\n");
}

std::string inconclusive_reason(const Record& record) {
  if (!record.error.empty()) return "could not be run";
  return record.verdict ? short_text(*record.verdict) : "no verdict";
}

// "1 not allowed, 3 inconclusive (VACUOUS 2, could not be run 1)"
void print_counts(size_t not_allowed, const std::map<std::string, size_t>& inconclusive) {
  size_t sum = 0;
  std::string reasons;
  for (const auto& [reason, count] : inconclusive) {
    sum += count;
    reasons += fmt::format("{}{} {}", reasons.empty() ? " (" : ", ", reason, count);
  }
  fmt::print("{} not allowed, {} inconclusive{}{}\n", not_allowed, sum, reasons,
             reasons.empty() ? "" : ")");
}

void print_known(const std::vector<Record>& records, const std::vector<KnownFailure>& known) {
  const auto is_known = [](const Record& record) {
    return record.observed.contains(observed::kKnownFailures);
  };
  const auto count = std::count_if(records.begin(), records.end(), is_known);
  if (count > 0) {
    fmt::print("{} in {}\n", count_text(count, "known failure"),
               count_text(records.size(), "record"));
  }
  for (const FixedFailure& fixed : fixed_failures(records, known)) {
    fmt::print("{}: {} no longer fails with {} ({} trials): remove it\n", fixed.known.file,
               fixed.known.strategy, fixed.known.verdict, fixed.trials);
  }
}

ExitCode print_proof(const std::vector<Record>& records) {
  ExitCode code = ExitCode::kOk;
  for (const ProofRow& row : prove(records)) {
    fmt::print("{:<26} expected {}, got {}: {}\n", row.strategy, row.expected, row.got,
               row.caught ? "caught" : "NOT CAUGHT");
    if (!row.caught) code = ExitCode::kHarness;
  }
  return code;
}

}  // namespace

ExitCode worse(ExitCode a, ExitCode b) {
  for (const ExitCode code : {ExitCode::kNotAllowed, ExitCode::kEnvironment, ExitCode::kHarness}) {
    if (a == code || b == code) return code;
  }
  return ExitCode::kOk;
}

ExitCode exit_code_of(const Record& record) {
  switch (record_end(record)) {
    case RecordEnd::kNotAllowed:
      return ExitCode::kNotAllowed;
    case RecordEnd::kInconclusive:
      return ExitCode::kHarness;
    case RecordEnd::kFine:
      break;
  }
  return ExitCode::kOk;
}

ExitCode interrupted_code(const std::vector<Record>& records) {
  ExitCode code = ExitCode::kHarness;
  for (const Record& record : records) code = worse(code, exit_code_of(record));
  return code;
}

ExitCode summarize(const std::vector<Record>& records, const std::vector<Cell>& planned,
                   const std::vector<KnownFailure>& known, const RunPlace& place) {
  ExitCode code = ExitCode::kOk;
  size_t not_allowed = 0;
  std::vector<WrongGroup> wrong;
  std::map<std::string, size_t> inconclusive;  // by their reason
  for (const Record& record : records) {
    const ExitCode own = exit_code_of(record);
    if (own != ExitCode::kOk) add_wrong(wrong, record);
    if (own == ExitCode::kNotAllowed) ++not_allowed;
    if (own == ExitCode::kHarness) ++inconclusive[inconclusive_reason(record)];
    code = worse(code, own);
  }
  for (const WrongGroup& group : wrong) print_wrong(group, place);
  const auto finished = finished_cells(records);
  const auto failed = failed_cells(records);
  for (const Cell& cell : planned) {
    if (finished.contains(cell.id) || failed.contains(cell.id)) continue;
    fmt::print("{}: has no finished record\n", cell.id);
    ++inconclusive["no finished record"];
    code = worse(code, ExitCode::kHarness);
  }
  for (const UnmetFaults& unmet : unmet_faults(records)) {
    fmt::print("{}\n", unmet_text(unmet));
    ++inconclusive["met by no fault"];
    code = worse(code, ExitCode::kHarness);
  }
  print_known(records, known);
  if (code != ExitCode::kOk) print_counts(not_allowed, inconclusive);
  return worse(code, print_proof(records));
}

}  // namespace ckptbench
