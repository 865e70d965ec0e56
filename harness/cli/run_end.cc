#include "harness/cli/run_end.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/cli/options.h"
#include "harness/cli/progress.h"
#include "harness/judge/allowed.h"
#include "harness/run/fixed_failures.h"
#include "harness/run/proof.h"
#include "results/record_store.h"

namespace ckptbench {
namespace {

// What is known to be wrong is not hidden by what is not known.
ExitCode worse(ExitCode a, ExitCode b) {
  for (const ExitCode code : {ExitCode::kNotAllowed, ExitCode::kHarness}) {
    if (a == code || b == code) return code;
  }
  return ExitCode::kOk;
}

void print_wrong(const Record& record, const RunPlace& place) {
  fmt::print("{}{}{}: {}\n", record.cell.id, record.point.empty() ? "" : ", ", record.point,
             outcome_text(record));
  const std::string folder = record.observed.value("folder", "");
  if (folder.empty()) {
    fmt::print("  {} replay {} --results {}\n", place.command_line, record.cell.id,
               shell_quoted(place.out));
  } else {
    fmt::print("  {} replay {}\n", place.command_line, shell_quoted(folder + "/cell.json"));
  }
}

void print_known(const std::vector<Record>& records, const std::vector<KnownFailure>& known) {
  const auto is_known = [](const Record& record) {
    return record.observed.contains("known_failures");
  };
  const auto count = std::count_if(records.begin(), records.end(), is_known);
  if (count > 0) fmt::print("{} known failures of {} records\n", count, records.size());
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

ExitCode exit_code_of(const Record& record) {
  if (!record.allowed && !record.verdict) return ExitCode::kNotAllowed;
  if (!record.error.empty()) return ExitCode::kHarness;
  const bool conclusive = record.verdict && is_vouched_for(*record.verdict);
  if (conclusive && !record.allowed) return ExitCode::kNotAllowed;
  if (record.verdict && record.verdict->outcome) {
    switch (*record.verdict->outcome) {
      case HarnessOutcome::kVacuous:
      case HarnessOutcome::kOracleInvalid:
      case HarnessOutcome::kHarnessError:
        return ExitCode::kHarness;
      case HarnessOutcome::kNotApplicable:
      case HarnessOutcome::kSweepEnd:
      case HarnessOutcome::kNotRun:
        break;
    }
  }
  return record.allowed ? ExitCode::kOk : ExitCode::kNotAllowed;
}

ExitCode summarize(const std::vector<Record>& records, const std::vector<Cell>& planned,
                   const std::vector<KnownFailure>& known, const RunPlace& place) {
  ExitCode code = ExitCode::kOk;
  std::map<ExitCode, size_t> counts;
  for (const Record& record : records) {
    const ExitCode own = exit_code_of(record);
    if (own != ExitCode::kOk) print_wrong(record, place);
    ++counts[own];
    code = worse(code, own);
  }
  const auto finished = finished_cells(records);
  for (const Cell& cell : planned) {
    if (finished.contains(cell.id)) continue;
    fmt::print("{}: has no finished record\n", cell.id);
    ++counts[ExitCode::kHarness];
    code = worse(code, ExitCode::kHarness);
  }
  print_known(records, known);
  if (code != ExitCode::kOk) {
    fmt::print(
        "{} not allowed, {} inconclusive: harness error, vacuous fault or invalid reference\n",
        counts[ExitCode::kNotAllowed], counts[ExitCode::kHarness]);
  }
  return worse(code, print_proof(records));
}

}  // namespace ckptbench
