#include "harness/run/selftest.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "harness/core/observer.h"
#include "harness/judge/allowed.h"

namespace ckptbench {
namespace {

struct Tally {
  std::set<uint64_t> seeds;
  std::set<uint64_t> found;
  uint64_t trials = 0;
  const Verdict* worst = nullptr;
};

// A data verdict outweighs its absence; the worst comes first.
bool is_worse(const Verdict& a, const Verdict& b) {
  const auto rank = [](const Verdict& verdict) {
    return verdict.data ? static_cast<int>(*verdict.data)
                        : static_cast<int>(DataVerdict::kBitExact);
  };
  return rank(a) < rank(b);
}

void add(Tally& tally, const Record& record, const NamedInfo& strategy) {
  tally.seeds.insert(record.cell.seed);
  const Verdict& verdict = *record.verdict;
  tally.trials += verdict.data.has_value() || !verdict.outcome;
  if (!shows_defect(record, strategy)) return;
  tally.found.insert(record.cell.seed);
  if (tally.worst == nullptr || is_worse(verdict, *tally.worst)) tally.worst = &verdict;
}

}  // namespace

bool shows_defect(const Record& record, const NamedInfo& strategy) {
  if (!record.verdict) return false;
  const Verdict& verdict = *record.verdict;
  return is_sound(verdict) &&
         !is_allowed(verdict, fault_class_of(record.cell.fault), parse_survives(strategy.survives),
                     declines_of(strategy.may_skip));
}

std::vector<SelftestRow> selftest_rows(const std::vector<Record>& records,
                                       const std::vector<NamedInfo>& broken) {
  std::vector<SelftestRow> rows;
  for (const NamedInfo& info : broken) {
    std::map<std::string, Tally> suites;
    for (const Record& record : records) {
      if (record.cell.strategy.name != info.name || !record.verdict) continue;
      add(suites[record.cell.suite], record, info);
    }
    for (const auto& [suite, tally] : suites) {
      rows.push_back({info.name, suite, tally.seeds.size(), tally.found.size(), tally.trials,
                      tally.worst == nullptr ? "" : short_text(*tally.worst)});
    }
  }
  return rows;
}

std::string detection_table(const std::vector<SelftestRow>& rows) {
  std::set<std::string> suites;
  for (const SelftestRow& row : rows) suites.insert(row.suite);
  std::string text = "| Broken strategy |";
  std::string rule = "\n|---|";
  for (const std::string& suite : suites) {
    text += fmt::format(" {} |", suite);
    rule += "---|";
  }
  text += " For example |" + rule + "---|\n";
  for (size_t i = 0; i < rows.size();) {
    std::map<std::string, std::string> shares;
    std::string example;
    const std::string& strategy = rows[i].strategy;
    for (; i < rows.size() && rows[i].strategy == strategy; ++i) {
      shares[rows[i].suite] = fmt::format("{} of {}", rows[i].found, rows[i].seeds);
      if (example.empty()) example = rows[i].example;
    }
    text += fmt::format("| {} |", strategy);
    for (const std::string& suite : suites) {
      text += fmt::format(" {} |", shares.contains(suite) ? shares[suite] : "-");
    }
    text += fmt::format(" {} |\n", example.empty() ? "NOT FOUND" : example);
  }
  return text;
}

std::vector<std::string> undetected(const std::vector<SelftestRow>& rows) {
  std::vector<std::string> names;
  for (const SelftestRow& row : rows) {
    if (names.empty() || names.back() != row.strategy) names.push_back(row.strategy);
  }
  std::erase_if(names, [&](const std::string& name) {
    return std::any_of(rows.begin(), rows.end(), [&](const SelftestRow& row) {
      return row.strategy == name && row.found > 0;
    });
  });
  return names;
}

}  // namespace ckptbench
