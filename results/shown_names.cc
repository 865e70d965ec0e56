#include "results/shown_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "results/figure_text.h"
#include "results/text_table.h"

namespace ckptbench {
namespace {

constexpr size_t kNumberWidth = 4;  // " #12"

// A row's name without the parameters behind it.
std::string own_name(const ResultRow& row) {
  const size_t params = label(row.strategy).size() - row.strategy.name.size();
  return row.name.substr(0, row.name.size() - params);
}

}  // namespace

ShownNames::ShownNames(const ResultRows& results, size_t width) {
  std::map<std::string, size_t> variants;
  std::map<std::string, size_t> taken;
  const auto is_long = [&](const ResultRow& row) { return display_width(row.name) > width; };
  std::map<std::string, const ResultRow*> rows;
  std::vector<const ResultRow*> order;
  for (const ResultRow& row : results.rows) {
    if (!rows.emplace(label(row.strategy), &row).second) continue;
    order.push_back(&row);
    if (is_long(row)) ++taken[cut_front_to_width(row.name, width)];
  }
  for (const ResultRow* row : order) {
    std::string& shown = shown_[label(row->strategy)];
    shown = row->name;
    if (!is_long(*row)) continue;
    shown = cut_front_to_width(row->name, width);
    if (row->strategy.params.empty() && taken[shown] == 1) continue;
    const std::string head = cut_front_to_width(own_name(*row), width - kNumberWidth);
    shown = fmt::format("{} #{}", head, ++variants[head]);
  }
}

const std::string& ShownNames::of(const ResultRow& row) const {
  return shown_.at(label(row.strategy));
}

std::vector<std::string> ShownNames::legend(const std::vector<const ResultRow*>& rows) const {
  std::vector<std::string> lines;
  for (const ResultRow* row : rows) {
    if (of(*row) == row->name) continue;
    const std::string line = fmt::format("{}  {}", of(*row), row->name);
    if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
  }
  return lines;
}

}  // namespace ckptbench
