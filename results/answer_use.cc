// What to use, and what survives.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/count_text.h"
#include "results/answer_parts.h"
#include "results/figure_text.h"
#include "results/metrics.h"

namespace ckptbench {
namespace {

std::string stall_text(const ResultRow& row) {
  const Metric& stall = metric_of("stall_ns");
  const Estimate estimate = row.metric("stall_ns");
  return fmt::format("{} ms {}", value_text(stall, estimate), interval_text(stall, estimate));
}

// nullptr: no row of the table is trusted.
const BestRows* best_of(const AnswerBasis& basis, const CostTable& table) {
  for (const BestRows& best : basis.best) {
    for (const CostSection& section : table.sections) {
      if (best.section == &section) return &best;
    }
  }
  return nullptr;
}

// Why the one row that is left is no recommendation. Empty: others were compared with it.
std::string why_alone(const AnswerBasis& basis, const CostTable& table, const BestRows& best) {
  size_t measured = 0;
  size_t compared = 0;
  for (const CostSection& section : table.sections) {
    for (const ResultRow* row : section.rows) {
      if (row->claim.empty() || row->broken()) continue;
      ++measured;
      if (basis.tried(*row) && !basis.results.is_unmet(row->strategy)) ++compared;
    }
  }
  const std::string& name = best.rows.front()->name;
  if (measured == 1) return fmt::format("only {} was measured", name);
  if (compared == 1) return fmt::format("only {} was measured and tried under faults", name);
  return "";
}

std::string words_of(const BestRows& best) {
  const std::string& claim = best.rows.front()->claim;
  const std::string names = names_of(best.rows);
  if (best.rivals == 1)
    return fmt::format("{}: the only one here that claims {} and lost nothing", names, claim);
  if (best.sole())
    return fmt::format("{}: the least stall of what claims {} and lost nothing", names, claim);
  return fmt::format("{}: not told apart", names);
}

std::string stalls_of(const AnswerBasis& basis, const BestRows& best) {
  if (basis.length == AnswerLength::kTerminal) return "";
  std::vector<std::string> stalls;
  for (const ResultRow* row : best.rows) stalls.push_back(stall_text(*row));
  return fmt::format(" ({})", joined(stalls, ", "));
}

// The device too, where rows of several were measured.
std::string place_of(const AnswerBasis& basis, const CostTable& table) {
  const ResultRow& row = *table.sections.front().rows.front();
  const bool several = std::any_of(
      basis.results.rows.begin(), basis.results.rows.end(),
      [&](const ResultRow& other) { return other.measured() && other.device != row.device; });
  return row.place() + (several ? ", " + row.device : "");
}

// What stands in the line of every table.
std::string common(const AnswerBasis& basis) {
  std::vector<const ResultRow*> rows;
  if (basis.best.size() == basis.tables.size()) rows = basis.best.front().rows;
  std::erase_if(rows, [&](const ResultRow* row) {
    return !std::all_of(basis.best.begin(), basis.best.end(), [&](const BestRows& best) {
      return std::any_of(best.rows.begin(), best.rows.end(),
                         [&](const ResultRow* other) { return other->name == row->name; });
    });
  });
  if (rows.empty()) return "nothing: no strategy stands in each of these lines";
  return fmt::format("{}: no other is measurably faster on any of them", names_of(rows));
}

std::vector<const ResultRow*> survivors(const AnswerBasis& basis) {
  std::vector<const ResultRow*> rows;
  for (const ResultRow& row : basis.results.rows) {
    if (survived(row, basis.results)) rows.push_back(&row);
  }
  return rows;
}

// The words of a claim that no fault of the trials concerns: a kill shows nothing of the others.
std::string untried_words(const std::string& claim) {
  std::string words = claim;
  if (words.starts_with("process")) words.erase(0, std::string_view("process,").size());
  return words.empty() ? "" : fmt::format("; {} was not tried", words);
}

// Strategies that were tried on the same workloads.
struct TriedAlike {
  std::vector<std::string> workloads;
  std::vector<std::string> names;
  size_t least = 0;  // trials of one of them
};

std::vector<std::string> tried_workloads(const AnswerBasis& basis, const ResultRow& row) {
  std::vector<std::string> workloads;
  for (const ResultRow& other : basis.results.rows) {
    const bool own = label(other.strategy) == label(row.strategy);
    if (own && other.verdicts.judged > 0) add_once(workloads, label(other.workload));
  }
  return workloads;
}

// What is lost does not depend on the workload, but the trials had theirs.
std::string survivors_text(const AnswerBasis& basis, const std::vector<const ResultRow*>& rows) {
  std::vector<TriedAlike> groups;
  for (const ResultRow* row : rows) {
    const std::vector<std::string> workloads = tried_workloads(basis, *row);
    const size_t trials = basis.trials_of(*row).judged;
    auto group = std::find_if(groups.begin(), groups.end(), [&](const TriedAlike& other) {
      return std::is_permutation(other.workloads.begin(), other.workloads.end(), workloads.begin(),
                                 workloads.end());
    });
    if (group == groups.end()) group = groups.insert(group, {workloads, {}, trials});
    add_once(group->names, row->name);
    group->least = std::min(group->least, trials);
  }
  std::vector<std::string> texts;
  for (const TriedAlike& group : groups) {
    texts.push_back(fmt::format("{}: nothing lost in {}{} on {}", basis.listed(group.names),
                                count_text(group.least, "trial"),
                                group.names.size() > 1 ? " or more of each" : "",
                                joined(group.workloads, ", ")));
  }
  return joined(texts, "; ") + untried_words(rows.front()->claim);
}

}  // namespace

std::vector<AnswerLine> use_lines(const AnswerBasis& basis) {
  if (basis.tables.empty()) return {};
  if (!basis.anything_tried()) return {{"use", std::string(kUntried)}};
  std::vector<AnswerLine> lines;
  bool decided = true;
  for (const CostTable& table : basis.tables) {
    const std::string head = fmt::format("use on {}", place_of(basis, table));
    const BestRows* best = best_of(basis, table);
    const std::string alone = best == nullptr ? "" : why_alone(basis, table, *best);
    decided = decided && alone.empty();
    if (best == nullptr) {
      lines.push_back(
          {head, "nothing: no strategy was both measured and brought back from every trial"});
    } else {
      lines.push_back({head, alone.empty() ? words_of(*best) + stalls_of(basis, *best)
                                           : "undecided: " + alone});
    }
  }
  if (decided && basis.tables.size() > 1) {
    lines.push_back({"use on all of these", common(basis)});
  }
  return lines;
}

std::vector<AnswerLine> survivor_lines(const AnswerBasis& basis) {
  std::vector<std::pair<std::string, std::vector<const ResultRow*>>> claims;
  for (const ResultRow* row : survivors(basis)) {
    auto claim = std::find_if(claims.begin(), claims.end(),
                              [&](const auto& other) { return other.first == row->claim; });
    if (claim == claims.end()) claim = claims.insert(claim, {row->claim, {}});
    claim->second.push_back(row);
  }
  std::vector<AnswerLine> lines;
  for (const auto& [claim, rows] : claims) {
    lines.push_back({"claims " + claim, survivors_text(basis, rows)});
  }
  return lines;
}

}  // namespace ckptbench
