#include "results/summary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "results/derived.h"
#include "results/format.h"

namespace ckptbench {
namespace {

std::string text_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// Smaller is worse. A verdict without data ranks behind all that have it.
auto badness(const Verdict& verdict) {
  const int data = verdict.data ? static_cast<int>(*verdict.data) : 100;
  return std::tuple(verdict.outcome ? 1 : 0, data, -static_cast<int>(verdict.findings.size()));
}

FaultClass fault_class(const Fault& fault) {
  switch (fault.kind) {
    case Fault::Kind::kNone:
      return FaultClass::kNone;
    case Fault::Kind::kPhase:
      return FaultClass::kPhase;
    case Fault::Kind::kMoment:
      return FaultClass::kMoment;
    case Fault::Kind::kFileOp:
      return FaultClass::kFileOp;
  }
  return FaultClass::kNone;
}

// Rows in the making, in order of first appearance.
class Rows {
 public:
  explicit Rows(const Environment& environment) : facts_(strategy_facts(environment)) {}

  void add(const Record& record) {
    const size_t index = index_of(record.cell);
    SummaryRow& row = rows_[index];
    if (!record.error.empty()) row.errors.push_back(record.cell.id + ": " + record.error);
    if (record.verdict) row.verdicts.add(record);
    for (const Samples& samples : record.samples) {
      auto& all = samples_[index][samples.metric];
      all.insert(all.end(), samples.values.begin(), samples.values.end());
    }
  }

  std::vector<SummaryRow> finish() {
    for (size_t i = 0; i < rows_.size(); ++i) rows_[i].metrics = estimate_all(samples_[i]);
    std::stable_partition(rows_.begin(), rows_.end(),
                          [](const SummaryRow& row) { return row.facts.group != "broken"; });
    return std::move(rows_);
  }

 private:
  size_t index_of(const Cell& cell) {
    const std::tuple key(label(cell.workload), label(cell.strategy), cell.device);
    const auto [found, inserted] = index_.try_emplace(key, rows_.size());
    if (inserted) {
      SummaryRow row;
      row.workload = cell.workload;
      row.strategy = cell.strategy;
      row.device = cell.device;
      const auto facts = facts_.find(cell.strategy.name);
      if (facts != facts_.end()) row.facts = facts->second;
      rows_.push_back(std::move(row));
      samples_.emplace_back();
    }
    return found->second;
  }

  std::map<std::string, StrategyFacts> facts_;
  std::map<std::tuple<std::string, std::string, std::string>, size_t> index_;
  std::vector<SummaryRow> rows_;
  std::vector<SampleMap> samples_;
};

}  // namespace

std::map<std::string, StrategyFacts> strategy_facts(const Environment& environment) {
  std::map<std::string, StrategyFacts> facts;
  const auto list = environment.fields.find("strategies");
  if (list == environment.fields.end() || !list->is_array()) return facts;
  for (const nlohmann::json& entry : *list) {
    const std::string name = entry.is_object() ? text_of(entry, "name") : "";
    if (name.empty()) continue;
    facts[name] = {text_of(entry, "group"), text_of(entry, "survives"), text_of(entry, "summary"),
                   text_of(entry, "source")};
  }
  return facts;
}

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

std::vector<std::string> count_items(const VerdictTally& tally) {
  std::vector<std::string> items;
  const auto add = [&](std::string_view name) {
    const auto found = tally.counts.find(std::string(name));
    if (found != tally.counts.end()) items.push_back(fmt::format("{} {}", name, found->second));
  };
  for (int i = static_cast<int>(DataVerdict::kBitExact); i >= 0; --i) {
    add(verdict_name(static_cast<DataVerdict>(i)));
  }
  for (int i = 0; i <= static_cast<int>(Finding::kLeak); ++i) {
    add(finding_name(static_cast<Finding>(i)));
  }
  for (int i = 0; i <= static_cast<int>(HarnessOutcome::kHarnessError); ++i) {
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
  for (int i = 0; i <= static_cast<int>(Finding::kLeak); ++i) {
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
      return Severity::kLoud;
    case DataVerdict::kRolledBack:
    case DataVerdict::kBitExact:
      break;
  }
  for (int i = 0; i <= static_cast<int>(Finding::kLeak); ++i) {
    const std::string name(finding_name(static_cast<Finding>(i)));
    if (tally.counts.count(name) != 0) return Severity::kLoud;
  }
  const bool rolled = *tally.worst->data == DataVerdict::kRolledBack;
  return rolled ? Severity::kRolled : Severity::kExact;
}

Estimate SummaryRow::metric(const std::string& name) const {
  const auto found = metrics.find(name);
  if (found != metrics.end()) return found->second;
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  return {kNan, kNan, kNan, 0, 0};
}

std::string_view fault_class_name(FaultClass value) {
  switch (value) {
    case FaultClass::kNone:
      return "no fault";
    case FaultClass::kPhase:
      return "kill at a phase";
    case FaultClass::kMoment:
      return "kill at a moment";
    case FaultClass::kFileOp:
      return "kill at a file operation";
  }
  return "";
}

Summary summarise(const std::vector<Record>& records, const Environment& environment) {
  Summary summary;
  Rows rows(environment);
  for (const Record& record : records) {
    rows.add(record);
    if (!record.verdict) continue;
    summary.matrix[label(record.cell.strategy)][fault_class(record.cell.fault)].add(record);
  }
  summary.rows = rows.finish();
  return summary;
}

}  // namespace ckptbench
