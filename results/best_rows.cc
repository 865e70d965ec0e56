#include "results/best_rows.h"

#include <algorithm>
#include <limits>

#include "results/figure_text.h"

namespace ckptbench {
namespace {

BestRows best_of(const CostSection& section, const ResultRows& results) {
  BestRows best{&section, {}, 0};
  double least_high = std::numeric_limits<double>::infinity();
  for (const ResultRow* row : section.rows) {
    if (!is_trusted(*row, results)) continue;
    best.rows.push_back(row);
    const Estimate stall = row->metric("stall_ns");
    if (stall.has_interval()) least_high = std::min(least_high, stall.high);
  }
  best.rivals = best.rows.size();
  // Out is what surely stalls longer than some other row; a row without an interval may be either.
  std::erase_if(best.rows, [&](const ResultRow* row) {
    const Estimate stall = row->metric("stall_ns");
    return stall.has_interval() && stall.low > least_high;
  });
  return best;
}

}  // namespace

const ResultRow* BestRows::surest() const {
  const ResultRow* found = nullptr;
  for (const ResultRow* row : rows) {
    const Estimate stall = row->metric("stall_ns");
    if (!stall.has_interval()) continue;
    if (found == nullptr || stall.high < found->metric("stall_ns").high) found = row;
  }
  return found;
}

bool survived(const ResultRow& row, const ResultRows& results) {
  const VerdictTally trials = results.trials_of(label(row.strategy));
  const Severity worst = severity(trials);
  return !row.broken() && !row.claim.empty() && trials.judged > 0 && trials.not_allowed == 0 &&
         trials.failed == 0 && !results.is_unmet(row.strategy) &&
         results.measured_loss_of(row.strategy).empty() &&
         (worst == Severity::kExact || worst == Severity::kRolled);
}

bool is_trusted(const ResultRow& row, const ResultRows& results) {
  return row.measured() && survived(row, results) && row.errors.empty() && !row.failed();
}

std::vector<BestRows> best_rows(const std::vector<CostTable>& tables, const ResultRows& results) {
  std::vector<BestRows> all;
  for (const CostTable& table : tables) {
    for (const CostSection& section : table.sections) {
      BestRows best = best_of(section, results);
      if (best.rows.empty()) continue;
      all.push_back(std::move(best));
      break;
    }
  }
  return all;
}

std::string names_of(const std::vector<const ResultRow*>& rows) {
  std::string out;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) out += i + 1 == rows.size() ? " or " : ", ";
    out += rows[i]->name;
  }
  return out;
}

}  // namespace ckptbench
