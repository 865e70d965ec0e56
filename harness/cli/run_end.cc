#include "harness/cli/run_end.h"

#include <fmt/format.h>

#include <set>

#include "harness/cli/progress.h"
#include "harness/run/proof.h"
#include "results/record_store.h"

namespace ckptbench {
namespace {

ExitCode worse(ExitCode a, ExitCode b) {
  return static_cast<int>(a) > static_cast<int>(b) ? a : b;
}

void print_wrong(const Record& record, const std::string& out) {
  fmt::print("{}{}{}: {}\n", record.cell.id, record.point.empty() ? "" : ", ", record.point,
             outcome_text(record));
  const std::string folder = record.observed.value("folder", "");
  if (folder.empty()) {
    fmt::print("  ckptbench replay {} --results {}\n", record.cell.id, out);
  } else {
    fmt::print("  ckptbench replay {}/cell.json\n", folder);
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
  if (!record.error.empty()) return ExitCode::kHarness;
  if (record.verdict && record.verdict->outcome) {
    switch (*record.verdict->outcome) {
      case HarnessOutcome::kVacuous:
      case HarnessOutcome::kOracleInvalid:
      case HarnessOutcome::kHarnessError:
        return ExitCode::kHarness;
      case HarnessOutcome::kNotApplicable:
      case HarnessOutcome::kSweepEnd:
        break;
    }
  }
  return record.allowed ? ExitCode::kOk : ExitCode::kNotAllowed;
}

ExitCode summarize(const std::vector<Record>& records, const std::vector<Cell>& planned,
                   const std::string& out) {
  ExitCode code = ExitCode::kOk;
  for (const Record& record : records) {
    const ExitCode own = exit_code_of(record);
    if (own != ExitCode::kOk) print_wrong(record, out);
    code = worse(code, own);
  }
  const auto finished = finished_cells(records);
  for (const Cell& cell : planned) {
    if (finished.contains(cell.id)) continue;
    fmt::print("{}: has no finished record\n", cell.id);
    code = worse(code, ExitCode::kHarness);
  }
  return worse(code, print_proof(records));
}

}  // namespace ckptbench
