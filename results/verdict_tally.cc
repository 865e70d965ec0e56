#include "results/verdict_tally.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tuple>

namespace ckptbench {
namespace {

// Smaller is worse. A verdict without data ranks behind all that have it.
auto badness(const Verdict& verdict) {
  const int data = verdict.data ? static_cast<int>(*verdict.data) : 100;
  return std::tuple(verdict.outcome ? 1 : 0, data, -static_cast<int>(verdict.findings.size()));
}

}  // namespace

void VerdictTally::add(const Record& record) {
  const Verdict& verdict = record.verdict.value();
  ++trials;
  if (!record.allowed) ++not_allowed;
  if (verdict.outcome) {
    ++counts[std::string(outcome_name(*verdict.outcome))];
  } else if (verdict.data) {
    ++counts[std::string(verdict_name(*verdict.data))];
  }
  for (Finding finding : verdict.findings) ++counts[std::string(finding_name(finding))];
  if (!worst || badness(verdict) < badness(*worst)) worst = verdict;
}

void VerdictTally::add(const VerdictTally& other) {
  trials += other.trials;
  not_allowed += other.not_allowed;
  for (const auto& [name, count] : other.counts) counts[name] += count;
  if (other.worst && (!worst || badness(*other.worst) < badness(*worst))) worst = other.worst;
}

std::vector<std::string> count_items(const VerdictTally& tally) {
  std::vector<std::string> items;
  const auto add = [&](std::string_view name) {
    const auto found = tally.counts.find(std::string(name));
    if (found != tally.counts.end()) items.push_back(fmt::format("{} {}", name, found->second));
  };
  for (int i = static_cast<int>(DataVerdict::kBitExact); i >= 0; --i) {
    add(verdict_name(static_cast<DataVerdict>(i)));
  }
  for (int i = 0; i < kFindingCount; ++i) {
    add(finding_name(static_cast<Finding>(i)));
  }
  for (int i = 0; i < kOutcomeCount; ++i) {
    add(outcome_name(static_cast<HarnessOutcome>(i)));
  }
  return items;
}

std::string counts_text(const VerdictTally& tally) {
  return fmt::format("{}", fmt::join(count_items(tally), " · "));
}

std::string worst_text(const VerdictTally& tally) {
  if (!tally.worst) return "–";
  const Verdict& worst = *tally.worst;
  std::string text(worst.outcome ? outcome_name(*worst.outcome)
                   : worst.data  ? verdict_name(*worst.data)
                                 : "–");
  for (int i = 0; i < kFindingCount; ++i) {
    const std::string name(finding_name(static_cast<Finding>(i)));
    if (tally.counts.count(name) != 0) text += " +" + name;
  }
  return text;
}

Severity severity(const VerdictTally& tally) {
  if (!tally.worst || !tally.worst->data) return Severity::kUnknown;
  switch (*tally.worst->data) {
    case DataVerdict::kSilentCorrupt:
    case DataVerdict::kDiverged:
      return Severity::kWrong;
    case DataVerdict::kSilentRestart:
    case DataVerdict::kLostAck:
      return Severity::kSilent;
    case DataVerdict::kDetectedUnrecoverable:
    case DataVerdict::kNoFallback:
      return Severity::kLoud;
    case DataVerdict::kRolledBack:
    case DataVerdict::kBitExact:
      break;
  }
  for (int i = 0; i < kFindingCount; ++i) {
    const std::string name(finding_name(static_cast<Finding>(i)));
    if (tally.counts.count(name) != 0) return Severity::kLoud;
  }
  const bool rolled = *tally.worst->data == DataVerdict::kRolledBack;
  return rolled ? Severity::kRolled : Severity::kExact;
}

}  // namespace ckptbench
