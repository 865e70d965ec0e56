#include "harness/suite/cell_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>

#include "harness/core/digest.h"
#include "harness/core/json_text.h"
#include "harness/core/selection_text.h"

namespace ckptbench {
namespace {

struct Planned {
  Cell cell;
  int line = 0;
};

template <class T>
const std::vector<T>& either(const std::vector<T>& first, const std::vector<T>& second) {
  return first.empty() ? second : first;
}

Cell group_cell(const Suite& suite, const SuiteGroup& group) {
  Cell cell;
  cell.suite = suite.name;
  cell.kind = group.kind;
  cell.policy = group.policy;
  cell.device = group.device;
  cell.steps = group.steps;
  cell.more_steps = group.more_steps;
  cell.pairs = group.pairs;
  cell.precision_pct = group.precision_pct;
  cell.budget_s = group.budget_s;
  cell.deadline_s = group.deadline_s;
  return cell;
}

// Products written out, samples drawn, by the rows of the kinds.
std::vector<NamedFault> plan_faults(const SuiteGroup& group, uint64_t seed, const std::string& stem,
                                    const FaultKinds& kinds) {
  const PlanSite site{group.kind == CellKind::kSweep, seed, stem};
  std::vector<NamedFault> out;
  for (const auto& [name, faults] : group.faults) {
    const auto more = kinds.find(name)->plan(faults, site);
    out.insert(out.end(), more.begin(), more.end());
  }
  if (out.empty()) out.push_back({"none", Fault{}});
  return out;
}

// The cells of one workload × strategy × seed × threads.
void add_faults(const SuiteGroup& group, Cell cell, const FaultKinds& kinds,
                std::vector<Planned>& out) {
  std::string stem = fmt::format("{}.{}.{}", cell_kind_name(cell.kind),
                                 selection_slug(cell.workload), selection_slug(cell.strategy));
  if (cell.threads > 1) stem += fmt::format(".t{}", cell.threads);
  if (cell.device != "cpu") stem += "." + cell.device;
  if (group.repeat > 1) stem += fmt::format(".r{}", cell.repeat);
  for (const NamedFault& named : plan_faults(group, cell.seed, stem, kinds)) {
    cell.fault = named.fault;
    const std::string middle = cell.kind == CellKind::kMeasure ? "" : "." + named.name;
    cell.id = fmt::format("{}{}.s{}", stem, middle, cell.seed);
    out.push_back({cell, group.line});
  }
}

std::vector<Planned> product(const Suite& suite, const PlanOverrides& overrides,
                             const FaultKinds& kinds) {
  std::vector<Planned> out;
  const uint64_t seed = overrides.seed.value_or(suite.seed);
  for (const SuiteGroup& group : suite.groups) {
    Cell cell = group_cell(suite, group);
    const std::vector<uint64_t> seeds =
        group.seeds.empty() || overrides.seed ? std::vector<uint64_t>{seed} : group.seeds;
    for (const Selection& workload : either(overrides.workloads, group.workloads)) {
      for (const Selection& strategy : either(overrides.strategies, group.strategies)) {
        for (const uint64_t cell_seed : seeds) {
          for (const uint64_t threads : group.threads) {
            cell.workload = workload;
            cell.strategy = strategy;
            cell.seed = cell_seed;
            cell.threads = threads;
            for (cell.repeat = 1; cell.repeat <= group.repeat; ++cell.repeat) {
              add_faults(group, cell, kinds, out);
            }
          }
        }
      }
    }
  }
  // The processes of one row are spread over the suite, so that they meet different moments.
  std::ranges::stable_sort(out, {}, [](const Planned& planned) { return planned.cell.repeat; });
  return out;
}

std::string content_of(const Cell& cell) {
  return json_text(cell);
}

// Groups that differ only in what an id does not show (policy, steps) are told apart by content.
std::string longer_id(const Cell& cell) {
  const std::string content = content_of(cell);
  return fmt::format("{}.{}", cell.id,
                     to_hex(digest_of(std::as_bytes(std::span(content)))).substr(0, 6));
}

}  // namespace

Result<std::vector<Cell>> make_plan(const Suite& suite, const PlanOverrides& overrides,
                                    const FaultKinds& kinds) {
  const bool overridden =
      !overrides.workloads.empty() || !overrides.strategies.empty() || overrides.seed.has_value();
  std::vector<Cell> cells;
  std::map<std::string, Planned> by_content;
  std::map<std::string, int> ids;
  for (Planned& planned : product(suite, overrides, kinds)) {
    const auto [same, fresh] = by_content.emplace(content_of(planned.cell), planned);
    if (!fresh && overridden) continue;
    if (!fresh) {
      return Error{fmt::format("suite '{}': line {} plans {} again, which line {} has already",
                               suite.name, planned.line, planned.cell.id, same->second.line)};
    }
    if (++ids[planned.cell.id] > 1) planned.cell.id = longer_id(planned.cell);
    cells.push_back(std::move(planned.cell));
  }
  return cells;
}

}  // namespace ckptbench
