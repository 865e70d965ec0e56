#include "results/report_input.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "harness/core/json_text.h"
#include "harness/platform/files.h"
#include "results/metrics.h"
#include "results/record_store.h"

namespace ckptbench {
namespace {

Status load_environment(const std::string& path, ReportInput& input) {
  if (!std::filesystem::exists(path)) {
    input.warnings.push_back(path + " is missing: groups, claims and settings are not known");
    return {};
  }
  const auto text = read_file(path);
  if (!text) return text.error();
  try {
    input.environment.fields = parse_json(text.value());
  } catch (const std::exception& error) {
    return Error{path + ": " + error.what()};
  }
  if (!input.environment.fields.is_object()) return Error{path + ": expected an object"};
  return {};
}

// They are in the CSV file, but in no column.
void warn_of_unknown_metrics(ReportInput& input) {
  std::set<std::string> unknown;
  for (const Record& record : input.records) {
    for (const Samples& samples : record.samples) {
      if (find_metric(samples.metric) == nullptr) unknown.insert(samples.metric);
    }
  }
  for (const std::string& key : unknown) {
    input.warnings.push_back("metric " + key +
                             " has no row in results/metrics.cc: it is shown in "
                             "results.csv alone");
  }
}

void warn_of_missing_cells(const std::string& directory, ReportInput& input) {
  const size_t missing = missing_cells(input).size();
  if (missing == 0) return;
  const size_t planned = planned_cells(input.environment).size();
  input.warnings.push_back(fmt::format(
      "this is a part of a run: {} of {} cells have finished; ckptbench run --resume --out {} "
      "continues it",
      planned - missing, planned, directory));
}

}  // namespace

Result<ReportInput> load_results(const std::string& directory) {
  auto stored = read_records(directory + "/results.jsonl");
  if (!stored) return stored.error();
  ReportInput input;
  input.records = latest_records(stored.value().records);
  if (!stored.value().warning.empty()) input.warnings.push_back(stored.value().warning);
  Status environment = load_environment(directory + "/environment.json", input);
  if (!environment) return environment.error();
  warn_of_missing_cells(directory, input);
  for (const FixedNote& fixed : fixed_notes(input.environment))
    input.warnings.push_back(fixed.text);
  warn_of_unknown_metrics(input);
  return input;
}

std::vector<FixedNote> fixed_notes(const Environment& environment) {
  std::vector<FixedNote> notes;
  const auto rows = environment.fields.find("fixed_failures");
  if (rows == environment.fields.end() || !rows->is_array()) return notes;
  for (const nlohmann::json& row : *rows) {
    if (!row.is_object()) continue;
    const std::string name = row.value("strategy", "?") + ": " + row.value("verdict", "?");
    notes.push_back({name, fmt::format("the known failure {} no longer happens ({} trials): remove "
                                       "it from {}",
                                       name, row.value("trials", 0), row.value("file", "?"))});
  }
  return notes;
}

std::vector<ProofNote> proof_notes(const Environment& environment) {
  std::vector<ProofNote> notes;
  const auto rows = environment.fields.find("proof");
  if (rows == environment.fields.end() || !rows->is_array()) return notes;
  for (const nlohmann::json& row : *rows) {
    if (!row.is_object()) continue;
    notes.push_back(
        {row.value("strategy", "?"),
         fmt::format("expected {}, got {}", row.value("expected", "?"), row.value("got", "?")),
         row.value("caught", false)});
  }
  return notes;
}

std::vector<std::string> missing_cells(const ReportInput& input) {
  const std::set<std::string> finished = finished_cells(input.records);
  const std::set<std::string> failed = failed_cells(input.records);
  std::vector<std::string> missing = planned_cells(input.environment);
  std::erase_if(
      missing, [&](const std::string& id) { return finished.contains(id) || failed.contains(id); });
  return missing;
}

std::vector<std::string> planned_cells(const Environment& environment) {
  std::vector<std::string> ids;
  const auto cells = environment.fields.find("cells");
  if (cells == environment.fields.end() || !cells->is_array()) return ids;
  for (const nlohmann::json& id : *cells) {
    if (id.is_string()) ids.push_back(id.get<std::string>());
  }
  return ids;
}

}  // namespace ckptbench
