#include "harness/suite/cell_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>

#include "harness/core/digest.h"
#include "harness/core/json_text.h"
#include "harness/core/one_line.h"
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

// Thrown where a plan grows beyond kMaxCells, before it takes all memory.
struct TooManyCells {};

// A draw is made from at most so many faults.
constexpr double kMaxDrawnFrom = 50.0 * kMaxCells;

// The product of a table's lists and of its greatest number that stands alone ("count"): never
// fewer faults than it describes. Real numbers do not wrap around.
double most_faults(const FaultKind& kind, const FaultGroup& group) {
  double lists = 1;
  double alone = 1;
  for (const FaultKey& key : kind.keys) {
    if (key.single) {
      alone = std::max(alone, 1 + static_cast<double>(group.whole(key.name)));
    } else {
      lists *= static_cast<double>(std::max<size_t>(1, group.texts(key.name).size()));
    }
  }
  return lists * alone;
}

// Products written out, samples drawn, by the rows of the kinds.
std::vector<NamedFault> plan_faults(const SuiteGroup& group, uint64_t seed, const std::string& stem,
                                    const FaultKinds& kinds) {
  const PlanSite site{group.cell.kind == CellKind::kSweep, seed, stem};
  std::vector<NamedFault> out;
  for (const auto& [name, faults] : group.faults) {
    const FaultKind& kind = *kinds.find(name);
    if (most_faults(kind, faults) > kMaxDrawnFrom) throw TooManyCells();
    const auto more = kind.plan(faults, site);
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
    if (out.size() > kMaxCells) throw TooManyCells();
  }
}

std::vector<Planned> product(const Suite& suite, const PlanOverrides& overrides,
                             const FaultKinds& kinds) {
  std::vector<Planned> out;
  const uint64_t seed = overrides.seed.value_or(suite.seed);
  for (const SuiteGroup& group : suite.groups) {
    Cell cell = group.cell;
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

// A folder is named by it: the longest that every file system takes, with room for an ending.
constexpr size_t kMaxIdBytes = 200;

// Groups that differ only in what an id does not show (policy, steps, the end of a long name) are
// told apart by content.
std::string longer_id(const Cell& cell) {
  const std::string content = content_of(cell);
  const size_t digits = cell.id.size() > kMaxIdBytes ? 32 : 6;
  return fmt::format("{}.{}", cell.id.substr(0, kMaxIdBytes),
                     to_hex(digest_of(bytes_of(content))).substr(0, digits));
}

}  // namespace

Result<std::vector<Cell>> make_plan(const Suite& suite, const PlanOverrides& overrides,
                                    const FaultKinds& kinds) {
  std::vector<Planned> all;
  try {
    all = product(suite, overrides, kinds);
  } catch (const TooManyCells&) {
    return Error{one_line(fmt::format("suite '{}': more than {} cells", suite.name, kMaxCells))};
  }
  const bool overridden =
      !overrides.workloads.empty() || !overrides.strategies.empty() || overrides.seed.has_value();
  std::vector<Cell> cells;
  std::map<std::string, Planned> by_content;
  std::map<std::string, int> ids;
  for (Planned& planned : all) {
    const auto [same, fresh] = by_content.emplace(content_of(planned.cell), planned);
    if (!fresh && overridden) continue;
    if (!fresh) {
      return Error{
          one_line(fmt::format("suite '{}': line {} plans {} again, which line {} has already",
                               suite.name, planned.line, planned.cell.id, same->second.line))};
    }
    const bool is_long = planned.cell.id.size() > kMaxIdBytes;
    if (++ids[planned.cell.id] > 1 || is_long) planned.cell.id = longer_id(planned.cell);
    cells.push_back(std::move(planned.cell));
  }
  return cells;
}

}  // namespace ckptbench
