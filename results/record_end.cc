#include "results/record_end.h"

#include <fmt/format.h>

#include "harness/core/observed_keys.h"

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

std::string text_of(const Record& record, std::string_view key) {
  if (!record.observed.is_object()) return "";
  const auto text = record.observed.find(key);
  const bool is_text = text != record.observed.end() && text->is_string();
  return is_text ? text->get<std::string>() : "";
}

// Why the first save that failed did; empty: none failed, or it gave no reason.
std::string first_failure(const Record& record) {
  return text_of(record, observed::kFirstFailure);
}

double number_of(const Record& record, std::string_view key) {
  if (!record.observed.is_object()) return 0;
  const auto number = record.observed.find(key);
  const bool is_number = number != record.observed.end() && number->is_number();
  return is_number ? number->get<double>() : 0;
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

bool is_strategys_failure(const Record& record) {
  return !record.error.empty() && !record.verdict && !record.allowed;
}

std::string error_text(const Record& record) {
  const std::string words = first_failure(record);
  if (record.error.empty() || words.empty()) return record.error;
  return record.error + "; the first save that failed: " + words;
}

std::string measured_failure_text(const Record& record) {
  if (record.verdict) return "";
  std::string text;
  if (const double failed = number_of(record, observed::kFailedSaves); failed > 0) {
    const std::string words = first_failure(record);
    text = fmt::format("{} of {} saves failed{}{}", failed,
                       number_of(record, observed::kRequestedSaves),
                       words.empty() ? "" : ", the first: ", words);
  }
  const std::string retention = text_of(record, observed::kRetentionError);
  if (retention.empty()) return text;
  return fmt::format("{}{}old checkpoints were not deleted: {}", text, text.empty() ? "" : "; ",
                     retention);
}

}  // namespace ckptbench
