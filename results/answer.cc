#include "results/answer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "results/answer_parts.h"
#include "results/figure_text.h"

namespace ckptbench {
namespace {

constexpr size_t kNamed = 3;  // of a list on a terminal; the others are counted

}  // namespace

AnswerBasis::AnswerBasis(const ResultRows& rows, AnswerLength how_long)
    : results(rows),
      length(how_long),
      tables(make_cost_tables(rows, kPage)),
      best(best_rows(tables, rows)) {}

VerdictTally AnswerBasis::trials_of(const ResultRow& row) const {
  return results.trials_of(label(row.strategy));
}

bool AnswerBasis::tried(const ResultRow& row) const {
  return decided_trials(trials_of(row)) > 0;
}

bool AnswerBasis::anything_tried() const {
  return std::any_of(results.rows.begin(), results.rows.end(),
                     [&](const ResultRow& row) { return !row.broken() && tried(row); });
}

std::string AnswerBasis::loss_of(const ResultRow& row) const {
  const std::string tried = loss_text(trials_of(row));
  const std::string measured = results.measured_loss_of(row.strategy);
  return tried + (tried.empty() || measured.empty() ? "" : "; ") + measured;
}

std::string AnswerBasis::listed(const std::vector<std::string>& items) const {
  const size_t named = length == AnswerLength::kWhole ? items.size() : kNamed;
  if (items.size() <= named) return joined(items, ", ");
  const std::vector<std::string> first(items.begin(), items.begin() + kNamed);
  return fmt::format("{}, and {} more (report.html)", joined(first, ", "), items.size() - named);
}

void add_once(std::vector<std::string>& items, const std::string& item) {
  if (std::find(items.begin(), items.end(), item) == items.end()) items.push_back(item);
}

std::string joined(const std::vector<std::string>& items, std::string_view separator) {
  return fmt::format("{}", fmt::join(items, separator));
}

std::vector<AnswerLine> make_answer(const ResultRows& results, AnswerLength length) {
  const bool broken = std::all_of(results.rows.begin(), results.rows.end(),
                                  [](const ResultRow& row) { return row.broken(); });
  if (broken) return {};
  const AnswerBasis basis(results, length);
  std::vector<AnswerLine> lines;
  for (const auto part : {use_lines, survivor_lines, avoid_lines}) {
    const std::vector<AnswerLine> more = part(basis);
    lines.insert(lines.end(), more.begin(), more.end());
  }
  lines.push_back({"undecided", undecided_text(basis)});
  return lines;
}

}  // namespace ckptbench
