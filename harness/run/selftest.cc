#include "harness/run/selftest.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

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

void add(Tally& tally, const Record& record, Survives claim) {
  tally.seeds.insert(record.cell.seed);
  const Verdict& verdict = *record.verdict;
  tally.trials += verdict.data.has_value() || !verdict.outcome;
  const bool found = is_sound(verdict) && !is_allowed(verdict, fault_class_of(record.cell.fault),
                                                      claim, declines_of(record.cell.strategy));
  if (!found) return;
  tally.found.insert(record.cell.seed);
  if (tally.worst == nullptr || is_worse(verdict, *tally.worst)) tally.worst = &verdict;
}

}  // namespace

std::vector<SelftestRow> selftest_rows(const std::vector<Record>& records,
                                       const std::vector<NamedInfo>& broken) {
  std::vector<SelftestRow> rows;
  for (const NamedInfo& info : broken) {
    std::map<std::string, Tally> suites;
    for (const Record& record : records) {
      if (record.cell.strategy.name != info.name || !record.verdict) continue;
      add(suites[record.cell.suite], record, parse_survives(info.survives));
    }
    for (const auto& [suite, tally] : suites) {
      rows.push_back({info.name, suite, tally.seeds.size(), tally.found.size(), tally.trials,
                      tally.worst == nullptr ? "" : short_text(*tally.worst)});
    }
  }
  return rows;
}

}  // namespace ckptbench
