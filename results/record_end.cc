#include "results/record_end.h"

namespace ckptbench {
namespace {

bool is_inconclusive(HarnessOutcome outcome) {
  switch (outcome) {
    case HarnessOutcome::kVacuous:
    case HarnessOutcome::kOracleInvalid:
    case HarnessOutcome::kHarnessError:
      return true;
    case HarnessOutcome::kNotApplicable:
    case HarnessOutcome::kSweepEnd:
    case HarnessOutcome::kNotRun:
      break;
  }
  return false;
}

}  // namespace

RecordEnd record_end(const Record& record) {
  if (!record.allowed && !record.verdict) return RecordEnd::kNotAllowed;
  if (!record.error.empty()) return RecordEnd::kInconclusive;
  if (!record.verdict) return RecordEnd::kFine;
  const Verdict& verdict = *record.verdict;
  if (is_sound(verdict) && !record.allowed) return RecordEnd::kNotAllowed;
  if (verdict.outcome && is_inconclusive(*verdict.outcome)) return RecordEnd::kInconclusive;
  return record.allowed ? RecordEnd::kFine : RecordEnd::kNotAllowed;
}

std::string error_text(const Record& record) {
  if (record.error.empty() || !record.observed.is_object()) return record.error;
  const auto reason = record.observed.find("first_failure");
  if (reason == record.observed.end() || !reason->is_string()) return record.error;
  const std::string words = reason->get<std::string>();
  return words.empty() ? record.error : record.error + "; the first save that failed: " + words;
}

}  // namespace ckptbench
