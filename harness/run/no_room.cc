#include "harness/run/no_room.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "harness/core/journal.h"
#include "harness/judge/judge.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

// Beside the state: the journals and reports of the trial, and the files' own blocks.
constexpr uint64_t kSmallFiles = uint64_t{1} << 20;

// What is left of a job whose journal found no room itself reads as far as it goes.
bool save_failed(const std::string& folder) {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    if (!entry.path().filename().string().ends_with(".journal.jsonl")) continue;
    const auto journal = read_journal(entry.path());
    if (!journal) continue;
    const auto& entries = journal.value().entries;
    if (std::any_of(entries.begin(), entries.end(),
                    [](const JournalEntry& each) { return each.event == Event::kFailed; })) {
      return true;
    }
  }
  return false;
}

bool goes_well(const Verdict& verdict) {
  return !verdict.outcome && verdict.findings.empty() &&
         (verdict.data == DataVerdict::kBitExact || verdict.data == DataVerdict::kRolledBack);
}

bool job_failed(const Verdict& verdict) {
  for (const Finding finding : {Finding::kSaveFailed, Finding::kTrainerKilled,
                                Finding::kRestoreCrashed, Finding::kRetentionBroken}) {
    if (verdict.findings.contains(finding)) return true;
  }
  return verdict.outcome == HarnessOutcome::kHarnessError ||
         verdict.outcome == HarnessOutcome::kOracleInvalid ||
         verdict.outcome == HarnessOutcome::kNotRun;
}

std::string megabytes(uint64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) * 1e-6);
}

}  // namespace

Verdict unless_no_room(Verdict verdict, const std::string& folder, uint64_t least_bytes,
                       uint64_t state_bytes) {
  if (least_bytes >= 2 * state_bytes + kSmallFiles || goes_well(verdict)) return verdict;
  if (!job_failed(verdict) && !save_failed(folder)) return verdict;
  const std::string of_state =
      state_bytes == 0 ? "" : fmt::format(", a state has {}", megabytes(state_bytes));
  return harness_outcome(
      HarnessOutcome::kHarnessError,
      fmt::format("no room in {} ({} free{}): nothing is said of the strategy",
                  fs::path(folder).parent_path().string(), megabytes(least_bytes), of_state));
}

}  // namespace ckptbench
