// What the trials and figures do not show, and why.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/count_text.h"
#include "results/answer_parts.h"
#include "results/figure_text.h"

namespace ckptbench {
namespace {

std::string where(const ResultRow& row) {
  return fmt::format("{} on {}", row.name, row.place());
}

void add_marked(const AnswerBasis& basis, char letter, std::string_view words,
                std::vector<std::string>& parts) {
  std::vector<std::string> rows;
  for (const CostTable& table : basis.tables) {
    for (const CostSection& section : table.sections) {
      for (const ResultRow* row : section.rows) {
        if (!row->claim.empty() && has_mark(row_marks(*row), letter)) rows.push_back(where(*row));
      }
    }
  }
  if (rows.empty()) return;
  parts.push_back(basis.length == AnswerLength::kWhole
                      ? fmt::format("{}: {}", words, joined(rows, ", "))
                      : fmt::format("{} ({})", words, count_text(rows.size(), "row")));
}

void add_close_and_untried(const AnswerBasis& basis, std::vector<std::string>& parts) {
  const bool close = std::any_of(basis.best.begin(), basis.best.end(),
                                 [](const BestRows& best) { return !best.sole(); });
  std::vector<std::string> untried;
  for (const ResultRow& row : basis.results.rows) {
    if (row.measured() && !row.claim.empty() && !row.broken() && !basis.tried(row)) {
      add_once(untried, row.name);
    }
  }
  if (basis.tables.empty()) parts.push_back("what to use: no cost was measured");
  if (close) parts.push_back("which stalls least where several are named");
  if (!untried.empty()) parts.push_back("not tried under faults: " + basis.listed(untried));
}

void add_unmet(const AnswerBasis& basis, std::vector<std::string>& parts) {
  std::vector<std::string> unmet;
  std::vector<std::string> no_files;
  for (const UnmetFaults& group : basis.results.unmet) {
    (group.file_operations ? no_files : unmet)
        .push_back(fmt::format("{} on {}", label(group.strategy), label(group.workload)));
  }
  if (!unmet.empty()) parts.push_back("met by no fault: " + basis.listed(unmet));
  if (!no_files.empty()) parts.push_back("met at no file operation: " + basis.listed(no_files));
}

void add_uncounted(const AnswerBasis& basis, std::vector<std::string>& parts) {
  size_t trials = 0;
  for (const ResultRow& row : basis.results.rows) {
    for (HarnessOutcome outcome : {HarnessOutcome::kVacuous, HarnessOutcome::kOracleInvalid,
                                   HarnessOutcome::kHarnessError}) {
      const auto found = row.verdicts.counts.find(std::string(outcome_name(outcome)));
      if (found != row.verdicts.counts.end() && !row.broken()) trials += found->second;
    }
  }
  if (trials > 0) parts.push_back(count_text(trials, "trial") + " without a verdict");
  size_t errors = 0;
  for (const ResultRow& row : basis.results.rows) errors += row.errors.size();
  if (errors > 0) parts.push_back(count_text(errors, "cell") + " could not be run");
}

}  // namespace

std::string undecided_text(const AnswerBasis& basis) {
  std::vector<std::string> parts;
  add_close_and_untried(basis, parts);
  add_unmet(basis, parts);
  add_marked(basis, 'n', "stalls of fewer than 6 pairs have no interval", parts);
  add_marked(basis, '0', "the stall may be 0", parts);
  add_marked(basis, 'g', "the stall lies below 0", parts);
  add_marked(basis, 'x', "the stall is shorter than its block", parts);
  add_marked(basis, 'o', "other programs ran", parts);
  // A stall is compared with those of other rows, and its copies ran at the speed of its own.
  add_marked(basis, 'v', "another speed of the machine", parts);
  add_marked(basis, 'i', "interference without an explanation", parts);
  add_marked(basis, 'u', "interference that its floor may not explain", parts);
  add_marked(basis, 'b', "samples in two clusters", parts);
  add_uncounted(basis, parts);
  if (parts.empty()) return "nothing that these trials and figures could show";
  return joined(parts, "; ");
}

}  // namespace ckptbench
