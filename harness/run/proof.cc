#include "harness/run/proof.h"

#include <fmt/format.h>

#include <algorithm>

#include "faults/fault_kinds.h"
#include "strategies/broken/broken_list.h"

namespace ckptbench {
namespace {

bool matches(const BrokenRow& info, const Verdict& verdict) {
  if (info.data && verdict.data != info.data) return false;
  if (info.component && verdict.component != info.component) return false;
  if (info.finding && !verdict.findings.contains(*info.finding)) return false;
  return info.data || info.finding;
}

// One that was made definite has more than its row: the moment that a share of the run is.
bool is_of(const Fault& fault, const Fault& row) {
  return fault.kind == row.kind && std::ranges::all_of(row.params, [&](const auto& param) {
           const auto found = fault.params.find(param.first);
           return found != fault.params.end() && found->second == param.second;
         });
}

std::string expectation(const BrokenRow& info) {
  Verdict verdict;
  verdict.data = info.data;
  verdict.component = info.component;
  if (info.finding) verdict.findings.insert(*info.finding);
  return short_text(verdict);
}

}  // namespace

std::vector<ProofRow> prove(const std::vector<Record>& records) {
  std::vector<ProofRow> rows;
  for (const BrokenRow& info : broken_rows()) {
    ProofRow row{info.name, expectation(info), "", false};
    bool named = false;
    for (const Record& record : records) {
      const bool own =
          record.cell.strategy.name == info.name && record.cell.kind != CellKind::kMeasure;
      named = named || own;
      const bool counts = own && record.verdict && record.cell.kind == CellKind::kTrial &&
                          is_of(record.cell.fault, info.fault);
      if (!counts || row.caught) continue;
      row.caught = matches(info, *record.verdict);
      row.got = short_text(*record.verdict);
    }
    if (row.got.empty())
      row.got = fmt::format("no trial with the fault \"{}\"", describe(info.fault));
    if (named) rows.push_back(row);
  }
  return rows;
}

}  // namespace ckptbench
