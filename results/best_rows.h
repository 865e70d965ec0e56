// The rows of a table that stall least: one where its interval lies below the intervals of all
// others of its claim, several where these figures cannot tell them apart. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "results/cost_tables.h"

namespace ckptbench {

struct BestRows {
  const CostSection* section = nullptr;
  std::vector<const ResultRow*> rows;  // the least median first
  size_t rivals = 0;                   // trusted rows of the section, these included
  bool sole() const { return rows.size() == 1; }
  // The one with the least upper end; nullptr: none has an interval.
  const ResultRow* surest() const;
};

// A strategy with a claim that was tried under faults, and nothing lost or refused, in trials and
// in measured cells.
bool survived(const ResultRow& row, const ResultRows& results);
// A row that counts: it survived, was measured, and nothing failed.
bool is_trusted(const ResultRow& row, const ResultRows& results);
// One of each table: in its first section, of the strongest claim, that has a trusted row. The
// tables must outlive the result.
std::vector<BestRows> best_rows(const std::vector<CostTable>& tables, const ResultRows& results);

// "a, b or c"
std::string names_of(const std::vector<const ResultRow*>& rows);

}  // namespace ckptbench
