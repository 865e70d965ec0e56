#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "faults/fault_kinds.h"
#include "results/figure_text.h"
#include "results/page/charts.h"

namespace ckptbench {
namespace {

using nlohmann::json;

bool has_run(const Record& record, std::string_view run) {
  return std::any_of(record.losses.begin(), record.losses.end(),
                     [&](const LossPoint& point) { return point.run == run; });
}

bool has_loss_curves(const Record& record) {
  const bool judged = record.verdict && record.verdict->data && !record.verdict->outcome;
  const bool sound = judged && *record.verdict->data >= DataVerdict::kRolledBack;
  return sound && has_run(record, "trained") && has_run(record, "resumed");
}

uint64_t last_step(const Record& record, std::string_view run) {
  uint64_t last = 0;
  for (const LossPoint& point : record.losses) {
    if (point.run == run) last = std::max(last, point.step);
  }
  return last;
}

json curves(const Record& trial) {
  json values = json::array();
  for (const LossPoint& point : trial.losses) {
    if (!std::isfinite(point.loss)) continue;
    values.push_back({{"step", point.step}, {"loss", point.loss}, {"run", point.run}});
  }
  return values;
}

json line_layer() {
  const json domain = {"reference", "trained", "resumed"};
  return {{"mark", {{"type", "line"}, {"point", {{"filled", true}, {"size", 34}}}}},
          {"encoding",
           {{"x",
             {{"field", "step"},
              {"type", "quantitative"},
              {"title", "step"},
              {"axis", {{"grid", false}, {"tickMinStep", 1}}}}},
            {"y",
             {{"field", "loss"},
              {"type", "quantitative"},
              {"title", "training loss"},
              {"scale", {{"zero", false}}}}},
            {"color",
             {{"field", "run"},
              {"type", "nominal"},
              {"scale", {{"domain", domain}, {"range", {"#9aa3ad", "#0072b2", "#d55e00"}}}}}},
            {"strokeWidth",
             {{"field", "run"},
              {"type", "nominal"},

              {"scale", {{"domain", domain}, {"range", {7, 2.2, 2.2}}}}}},
            {"strokeDash",
             {{"field", "run"},
              {"type", "nominal"},

              {"scale", {{"domain", domain}, {"range", {{1, 0}, {1, 0}, {6, 3}}}}}}}}}};
}

// Colours are set on the marks: a scale would be shared with that of the curves.
void add_mark(json& layers, uint64_t step, const std::string& text, const char* colour, int side) {
  const json data = {{"values", {{{"step", step}, {"text", text}}}}};
  const json x = {{"field", "step"}, {"type", "quantitative"}};
  layers.push_back(
      {{"data", data},
       {"mark",
        {{"type", "rule"}, {"strokeDash", {3, 3}}, {"strokeWidth", 1.5}, {"color", colour}}},
       {"encoding", {{"x", x}}}});
  layers.push_back(
      {{"data", data},
       {"mark",
        {{"type", "text"},
         {"align", side > 0 ? "left" : "right"},
         {"dx", 6 * side},
         {"dy", 8},
         {"fontSize", 12},
         {"color", colour}}},
       {"encoding", {{"x", x}, {"y", {{"value", 0}}}, {"text", {{"field", "text"}}}}}});
}

}  // namespace

const Record* choose_loss_trial(const std::vector<Record>& records, const ResultRows& results) {
  const auto is_broken = [&](const Record& record) {
    return std::any_of(results.rows.begin(), results.rows.end(), [&](const ResultRow& row) {
      return row.facts.group == "broken" && row.strategy.name == record.cell.strategy.name;
    });
  };
  const Record* chosen = nullptr;
  for (const Record& record : records) {
    if (!has_loss_curves(record) || is_broken(record)) continue;
    // A restart from scratch tells less than a resume in the middle.
    const auto rank = [](const Record& candidate) {
      return std::pair(candidate.verdict->recovered_step > 0, candidate.verdict->lost_steps > 0);
    };
    if (chosen == nullptr || rank(record) > rank(*chosen)) chosen = &record;
  }
  return chosen;
}

Chart loss_chart(const Record& trial) {
  const uint64_t crash = last_step(trial, "trained");
  const uint64_t resume = trial.verdict->recovered_step;
  json layers = json::array({line_layer()});
  add_mark(layers, crash, fmt::format("crash after step {}", crash), "#1b1f24", 1);
  add_mark(layers, resume, fmt::format("resumed from step {}", resume), "#b33f00", -1);
  json config = chart_config();
  config["axis"].update({{"domainColor", "#c5cad0"}, {"tickColor", "#c5cad0"}});
  const json spec = {{"$schema", "https://vega.github.io/schema/vega-lite/v5.json"},
                     {"data", {{"values", curves(trial)}}},
                     {"width", 960},
                     {"height", 240},
                     {"config", config},
                     {"layer", layers}};
  return {
      "loss",
      "A crash and its resume",
      fmt::format("{} with {}, {}: {}. The resumed run must lie on the reference, point by point; "
                  "the judge compares every bit, this picture only the loss.",
                  label(trial.cell.workload), label(trial.cell.strategy),
                  trial.point.empty() ? describe(trial.cell.fault) : trial.point,
                  short_text(*trial.verdict)),
      fmt::format("Training loss by step: the run was cut after step {} and resumed from step {}.",
                  crash, resume),
      spec,
      true};
}

}  // namespace ckptbench
