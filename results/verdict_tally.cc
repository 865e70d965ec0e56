#include "results/verdict_tally.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "harness/core/count_text.h"
#include "results/record_end.h"

namespace ckptbench {
namespace {

// What is known to be wrong is not hidden by what is not known, and that not by what is no failure.
int outcome_rank(const Verdict& verdict) {
  if (!verdict.outcome) return 0;
  constexpr std::array kWorstFirst{HarnessOutcome::kNotRun,        HarnessOutcome::kHarnessError,
                                   HarnessOutcome::kOracleInvalid, HarnessOutcome::kVacuous,
                                   HarnessOutcome::kNotApplicable, HarnessOutcome::kSweepEnd};
  static_assert(kWorstFirst.size() == kOutcomeCount);
  const auto* const found = std::find(kWorstFirst.begin(), kWorstFirst.end(), *verdict.outcome);
  return 1 + static_cast<int>(found - kWorstFirst.begin());
}

// Sorts the worst verdict first. One with an outcome ranks behind all that count.
auto worst_first(const Verdict& verdict) {
  const int data = verdict.data ? static_cast<int>(*verdict.data) : 100;
  return std::tuple(outcome_rank(verdict), data, -static_cast<int>(verdict.findings.size()));
}

// A loss that no fault caused. What came back whole has met none, and is no survivor.
bool lost_unmet(const Verdict& verdict) {
  return verdict.outcome == HarnessOutcome::kVacuous && verdict.data &&
         severity_of(*verdict.data) >= Severity::kLoud;
}

// Nothing: the policy asks for saves by more than the steps.
std::optional<uint64_t> lost_saves(const Record& record) {
  const Policy& policy = record.cell.policy;
  const bool by_steps = policy.every_steps > 0 && policy.every_s == 0 && policy.every_epochs == 0 &&
                        policy.manual_file.empty() && !policy.best_only;
  const uint64_t steps = record.verdict->lost_steps;
  if (steps == 0) return 0;
  if (!by_steps) return std::nullopt;
  return (steps + policy.every_steps - 1) / policy.every_steps;
}

size_t count_of(const VerdictTally& tally, std::string_view word) {
  const auto found = tally.counts.find(std::string(word));
  return found == tally.counts.end() ? 0 : found->second;
}

std::optional<uint64_t> larger(std::optional<uint64_t> a, std::optional<uint64_t> b) {
  if (!a || !b) return std::nullopt;
  return std::max(*a, *b);
}

}  // namespace

void VerdictTally::add(const Record& record) {
  const Verdict& verdict = record.verdict.value();
  ++trials;
  if (verdict.data && !verdict.outcome) ++judged;
  if (verdict.data) {
    most_lost_steps = std::max(most_lost_steps, verdict.lost_steps);
    most_lost_saves = larger(most_lost_saves, lost_saves(record));
  }
  if (record_end(record) == RecordEnd::kNotAllowed) ++not_allowed;
  if (verdict.outcome == HarnessOutcome::kHarnessError ||
      verdict.outcome == HarnessOutcome::kOracleInvalid) {
    ++failed;
  }
  if (verdict.outcome) {
    ++counts[std::string(outcome_name(*verdict.outcome))];
    if (lost_unmet(verdict)) ++counts[std::string(verdict_name(*verdict.data))];
  } else if (verdict.data) {
    ++counts[std::string(verdict_name(*verdict.data))];
  }
  for (Finding finding : verdict.findings) ++counts[std::string(finding_name(finding))];
  if (!worst || worst_first(verdict) < worst_first(*worst)) worst = verdict;
}

void VerdictTally::add(const VerdictTally& other) {
  trials += other.trials;
  judged += other.judged;
  most_lost_steps = std::max(most_lost_steps, other.most_lost_steps);
  most_lost_saves = larger(most_lost_saves, other.most_lost_saves);
  not_allowed += other.not_allowed;
  failed += other.failed;
  for (const auto& [name, count] : other.counts) counts[name] += count;
  if (other.worst && (!worst || worst_first(*other.worst) < worst_first(*worst)))
    worst = other.worst;
}

size_t decided_trials(const VerdictTally& tally) {
  size_t decided = 0;
  for (const VerdictWord& word : data_words()) decided += count_of(tally, word.word);
  return decided;
}

std::string trials_text(const VerdictTally& tally) {
  const size_t decided = decided_trials(tally);
  return decided == tally.trials ? fmt::format("{}", decided)
                                 : fmt::format("{} of {}", decided, tally.trials);
}

std::vector<std::string> count_items(const VerdictTally& tally) {
  std::vector<std::string> items;
  const auto add = [&](std::string_view name) {
    const auto found = tally.counts.find(std::string(name));
    if (found != tally.counts.end()) items.push_back(fmt::format("{} {}", name, found->second));
  };
  const std::span<const VerdictWord> worst_first = data_words();
  for (auto it = worst_first.rbegin(); it != worst_first.rend(); ++it) add(it->word);
  for (const VerdictWord& word : finding_words()) add(word.word);
  for (const VerdictWord& word : outcome_words()) add(word.word);
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
  for (const VerdictWord& finding : finding_words()) {
    if (tally.counts.contains(std::string(finding.word))) text += fmt::format(" +{}", finding.word);
  }
  return text;
}

std::string most_lost_text(const VerdictTally& tally) {
  if (decided_trials(tally) == 0) return "–";
  if (tally.most_lost_steps == 0) return "nothing";
  return tally.most_lost_saves ? count_text(*tally.most_lost_saves, "save")
                               : count_text(tally.most_lost_steps, "step");
}

std::string loss_text(const VerdictTally& tally) {
  size_t lost = 0;
  std::vector<std::string> words;
  for (const VerdictWord& word : data_words()) {  // worst first
    const size_t count = word.severity < Severity::kLoud ? 0 : count_of(tally, word.word);
    if (count > 0) words.push_back(fmt::format("{} {}", word.word, count));
    lost += count;
  }
  for (const VerdictWord& word : finding_words()) {
    const size_t count = count_of(tally, word.word);
    if (count > 0) words.push_back(fmt::format("{} {}", word.word, count));
  }
  if (words.empty() && tally.not_allowed == 0) return "";
  // Findings may stand beside any outcome of a trial that was begun.
  const size_t begun = tally.trials - count_of(tally, outcome_name(HarnessOutcome::kNotApplicable));
  std::string out = lost > 0 ? fmt::format("lost or refused in {} of {}", lost,
                                           count_text(decided_trials(tally), "trial"))
                             : "in " + count_text(begun, "trial");
  if (!words.empty()) out += fmt::format(": {}", fmt::join(words, ", "));
  if (tally.not_allowed > 0) out += fmt::format("; {} not allowed", tally.not_allowed);
  return out;
}

Severity severity(const VerdictTally& tally) {
  Severity worst = Severity::kUnknown;
  for (const auto words : {data_words(), finding_words()}) {
    for (const VerdictWord& word : words) {
      if (count_of(tally, word.word) > 0) worst = std::max(worst, word.severity);
    }
  }
  return worst;
}

}  // namespace ckptbench
