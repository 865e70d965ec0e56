#include "results/result_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "harness/core/observed_keys.h"
#include "harness/core/selection_text.h"
#include "results/figure_text.h"
#include "results/metrics.h"
#include "results/process_spread.h"
#include "results/record_end.h"
#include "results/row_conditions.h"

namespace ckptbench {
namespace {

std::string text_of(const nlohmann::json& object, std::string_view key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// "power,process" as "process,power"; what is not known comes last, as it is.
std::string ordered_claim(const std::string& text) {
  constexpr std::string_view kOrder[] = {"process", "power", "host", "media"};
  std::vector<std::string> words;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(',', at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  const auto rank = [&](const std::string& word) {
    return std::pair(std::find(std::begin(kOrder), std::end(kOrder), word) - std::begin(kOrder),
                     word);
  };
  std::sort(words.begin(), words.end(),
            [&](const std::string& a, const std::string& b) { return rank(a) < rank(b); });
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ",") + word;
  return out;
}

// Numbers that have no interval.
void add_most_lost(ResultRow& row) {
  const VerdictTally& trials = row.verdicts;
  const size_t decided = decided_trials(trials);
  if (decided == 0) return;
  const auto add = [&](const char* key, uint64_t value) {
    row.metrics[key] = {
        .value = static_cast<double>(value), .low = NAN, .high = NAN, .count = decided};
  };
  add("most_lost_steps", trials.most_lost_steps);
  if (trials.most_lost_saves) add("most_lost_saves", *trials.most_lost_saves);
}

constexpr size_t kFewestToCompare = 3;

// Rows of one table are those of one workload, device and set of conditions.
void compare_steps(std::vector<ResultRow>& rows) {
  std::map<std::pair<std::string, std::string>, std::vector<ResultRow*>> tables;
  for (ResultRow& row : rows) {
    if (row.measured() && row.metric("step_ns").known())
      tables[{row.place(), row.device}].push_back(&row);
  }
  for (const auto& [table, members] : tables) {
    if (members.size() < kFewestToCompare) continue;
    std::vector<double> steps_ns;
    for (const ResultRow* row : members) steps_ns.push_back(row->metric("step_ns").value);
    const double middle_ns = median(steps_ns);
    for (ResultRow* row : members) row->step_ratio = row->metric("step_ns").value / middle_ns;
  }
}

struct UnfinishedRow {
  ResultRow row;
  nlohmann::json conditions;  // null: only trials so far
};

// Rows in order of first appearance.
class RowMaker {
 public:
  explicit RowMaker(const Environment& environment) : facts_(strategy_facts(environment)) {}

  void add(const Record& record) {
    ResultRow& row = rows_[index_of(record.cell)].row;
    const std::string seen = text_of(record.observed, observed::kSurvives);
    if (!record.samples.empty() && !seen.empty()) row.claim = ordered_claim(seen);
    if (is_strategys_failure(record)) {
      row.failures.push_back({record.cell.id, error_text(record)});
    } else if (!record.error.empty()) {
      row.errors.push_back(record.cell.id + ": " + error_text(record));
    }
    if (record.verdict) row.verdicts.add(record);
    if (!record.samples.empty() && record.observed.is_object()) {
      row.observed.push_back(record.observed);
    }
    if (record.samples.empty()) return;
    SampleMap& process = row.processes.emplace_back();
    for (const Samples& samples : record.samples) {
      for (SampleMap* into : {&row.samples, &process}) {
        auto& all = (*into)[samples.metric];
        all.insert(all.end(), samples.values.begin(), samples.values.end());
      }
    }
  }

  std::vector<ResultRow> finish() {
    tell_conditions_apart();
    for (auto& [row, conditions] : rows_) {
      row.metrics = estimate_row(row.samples, row.processes);
      add_most_lost(row);
      row.name = name_of(row.strategy);
    }
    std::vector<ResultRow> finished;
    for (UnfinishedRow& unfinished : rows_) finished.push_back(std::move(unfinished.row));
    compare_steps(finished);
    std::stable_partition(finished.begin(), finished.end(),
                          [](const ResultRow& row) { return !row.broken(); });
    return finished;
  }

 private:
  // Trials have conditions of their own and stand in the strategy's first row. A measured cell has
  // the row of its conditions, or takes one that had none yet.
  size_t index_of(const Cell& cell) {
    const std::string strategy = label(cell.strategy);
    std::vector<size_t>& own = index_[{label(cell.workload), strategy, cell.device}];
    const bool measured = cell.kind == CellKind::kMeasure;
    const nlohmann::json conditions = measured ? conditions_of(cell) : nlohmann::json();
    for (const size_t index : own) {
      nlohmann::json& there = rows_[index].conditions;
      if (measured && there.is_null()) there = conditions;
      if (!measured || there == conditions) return index;
    }
    own.push_back(rows_.size());
    rows_.push_back({.row = new_row(cell), .conditions = conditions});
    return own.back();
  }

  ResultRow new_row(const Cell& cell) const {
    ResultRow row;
    row.workload = cell.workload;
    row.strategy = cell.strategy;
    row.device = cell.device;
    const auto facts = facts_.find(selection_text(cell.strategy));
    if (facts != facts_.end()) row.facts = facts->second;
    row.claim = ordered_claim(row.facts.survives);
    return row;
  }

  void tell_conditions_apart() {
    std::map<std::pair<std::string, std::string>, std::vector<size_t>> places;
    for (size_t i = 0; i < rows_.size(); ++i) {
      const ResultRow& row = rows_[i].row;
      if (!rows_[i].conditions.is_null()) places[{label(row.workload), row.device}].push_back(i);
    }
    for (const auto& [place, indices] : places) {
      std::vector<nlohmann::json> all;
      for (const size_t index : indices) all.push_back(rows_[index].conditions);
      const std::vector<std::string> texts = conditions_texts(all);
      for (size_t i = 0; i < indices.size(); ++i) rows_[indices[i]].row.conditions = texts[i];
    }
  }

  std::string name_of(const Selection& strategy) const {
    const std::string whole = label(strategy);
    const std::string name = short_label(strategy);
    const bool taken = std::any_of(rows_.begin(), rows_.end(), [&](const UnfinishedRow& other) {
      const Selection& taken_by = other.row.strategy;
      return short_label(taken_by) == name && label(taken_by) != whole;
    });
    return taken ? whole : name;
  }

  std::map<std::string, StrategyFacts> facts_;
  std::map<std::tuple<std::string, std::string, std::string>, std::vector<size_t>> index_;
  std::vector<UnfinishedRow> rows_;
};

}  // namespace

std::map<std::string, StrategyFacts> strategy_facts(const Environment& environment) {
  std::map<std::string, StrategyFacts> facts;
  const auto list = environment.fields.find("strategies");
  if (list == environment.fields.end() || !list->is_array()) return facts;
  for (const nlohmann::json& entry : *list) {
    if (!entry.is_object()) continue;
    std::string selection = text_of(entry, "selection");
    if (selection.empty()) selection = text_of(entry, "name");
    if (selection.empty()) continue;
    facts[selection] = {text_of(entry, "group"), text_of(entry, "survives"),
                        text_of(entry, "summary"), text_of(entry, "source")};
  }
  return facts;
}

std::string ResultRow::place() const {
  return label(workload) + (conditions.empty() ? "" : ", " + conditions);
}

Estimate ResultRow::metric(std::string_view key) const {
  static_cast<void>(metric_of(key));  // misspelt, it would be one that was not sampled
  const auto found = metrics.find(std::string(key));
  if (found != metrics.end()) return found->second;
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  return {kNan, kNan, kNan, 0, 0};
}

double ResultRow::most_observed(std::string_view key) const {
  double most = std::numeric_limits<double>::quiet_NaN();
  for (const nlohmann::json& seen : observed) {
    const auto found = seen.find(key);
    if (found != seen.end() && found->is_number()) most = std::fmax(most, found->get<double>());
  }
  return most;
}

std::vector<std::string> ResultRow::texts_observed(std::string_view key) const {
  std::vector<std::string> texts;
  for (const nlohmann::json& seen : observed) {
    const std::string text = text_of(seen, key);
    if (text.empty() || std::find(texts.begin(), texts.end(), text) != texts.end()) continue;
    texts.push_back(text);
  }
  return texts;
}

std::string ResultRow::first_failure() const {
  const std::vector<std::string> reasons = texts_observed(observed::kFirstFailure);
  return reasons.empty() ? "" : reasons.front();
}

std::string ResultRow::retention_failure() const {
  const std::vector<std::string> reasons = texts_observed(observed::kRetentionError);
  return reasons.empty() ? "" : reasons.front();
}

bool ResultRow::failed() const {
  return metric("failed_saves").value > 0 || !retention_failure().empty();
}

bool ResultRow::all_saves_failed() const {
  const auto all_of_cell = [](const nlohmann::json& seen) {
    const auto failed = seen.find(observed::kFailedSaves);
    const auto requested = seen.find(observed::kRequestedSaves);
    return failed != seen.end() && requested != seen.end() && failed->is_number() &&
           requested->is_number() && failed->get<double>() > 0 &&
           failed->get<double>() >= requested->get<double>();
  };
  return !observed.empty() && std::all_of(observed.begin(), observed.end(), all_of_cell);
}

VerdictTally ResultRows::trials_of(const std::string& strategy_label) const {
  VerdictTally all;
  const auto found = matrix.find(strategy_label);
  if (found == matrix.end()) return all;
  for (const auto& [fault, tally] : found->second) all.add(tally);
  return all;
}

bool ResultRows::is_unmet(const Selection& strategy) const {
  return std::any_of(unmet.begin(), unmet.end(), [&](const UnmetFaults& group) {
    return label(group.strategy) == label(strategy);
  });
}

std::string ResultRows::measured_loss_of(const Selection& strategy) const {
  std::string text;
  for (const ResultRow& row : rows) {
    if (label(row.strategy) != label(strategy)) continue;
    for (const CellFailure& failure : row.failures) {
      text +=
          fmt::format("{}measured on {}: {}", text.empty() ? "" : "; ", row.place(), failure.why);
    }
  }
  return text;
}

ResultRows make_result_rows(const std::vector<Record>& records, const Environment& environment) {
  ResultRows result;
  RowMaker maker(environment);
  for (const Record& record : records) {
    maker.add(record);
    if (!record.verdict) continue;
    result.matrix[label(record.cell.strategy)][record.cell.fault.kind].add(record);
  }
  result.known = known_groups(records);
  result.unmet = unmet_faults(records);
  result.rows = maker.finish();
  return result;
}

}  // namespace ckptbench
