// What looking for a narrow interval costs: the real rule and the real interval over drawn stalls.
// docs/metrics.md has the table, and this test compares.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/core/order_statistics.h"
#include "harness/core/prng.h"
#include "harness/measure/stop_rule.h"
#include "results/testing/documented_table.h"

namespace ckptbench {
namespace {

constexpr double kTrueStallNs = 100e6;
constexpr int64_t kGroupNs = 1'000'000'000;

struct Coverage {
  double rows = 0;
  double pairs = 0;  // of all rows
  double held = 0;   // rows whose interval holds the true stall
  double precise = 0;
  double precise_held = 0;

  double all_pct() const { return 100 * held / rows; }
  double precise_pct() const { return 100 * precise_held / precise; }
};

// Normal and lognormal stalls in turn, both with the same median.
class DrawnStalls {
 public:
  DrawnStalls(double spread, uint64_t seed) : spread_(spread), prng_(seed) {}

  double next(bool skewed) {
    constexpr double kTurn = 6.28318530717959;
    const double radius = std::sqrt(-2 * std::log(1 - prng_.uniform()));
    const double z = spread_ * radius * std::cos(kTurn * prng_.uniform());
    return kTrueStallNs * (skewed ? std::exp(z) : 1 + z);
  }

 private:
  double spread_;
  Prng prng_;
};

bool holds_true_stall(std::vector<double> stalls_ns) {
  std::sort(stalls_ns.begin(), stalls_ns.end());
  const size_t outside = median_range(stalls_ns.size()).outside;
  return stalls_ns[outside] <= kTrueStallNs &&
         kTrueStallNs <= stalls_ns[stalls_ns.size() - 1 - outside];
}

void add_row(DrawnStalls& draw, bool skewed, const Cell& cell, Coverage& coverage) {
  StopRule rule(cell, 3, {});
  std::vector<double> stalls_ns;
  std::string_view reason;
  for (int64_t groups = 1; reason.empty(); ++groups) {
    for (int pair = 0; pair < 2; ++pair) stalls_ns.push_back(draw.next(skewed));
    reason = rule.reason(static_cast<uint64_t>(groups), groups * kGroupNs, stalls_ns);
  }
  const double held = holds_true_stall(stalls_ns) ? 1 : 0;
  ++coverage.rows;
  coverage.pairs += static_cast<double>(stalls_ns.size());
  coverage.held += held;
  if (reason != "precision") return;
  ++coverage.precise;
  coverage.precise_held += held;
}

Coverage coverage_of(uint64_t most_pairs, double spread) {
  Cell cell;  // with the precision of suites that name none
  cell.budget_s = static_cast<double>(most_pairs) / 2;
  cell.deadline_s = 1e6;
  const uint64_t rows = 80'000 / most_pairs;
  DrawnStalls draw(spread, most_pairs);
  Coverage coverage;
  for (uint64_t row = 0; row < rows; ++row) add_row(draw, row % 2 == 1, cell, coverage);
  return coverage;
}

TEST(StopRuleSimulation, ItsCoverageIsThatOfTheDocumentation) {
  std::string table =
      "| Pairs at most | Spread | All rows hold the truth | Rows ended by precision hold it | "
      "Rows ended by precision | Pairs, mean |\n|--:|--:|--:|--:|--:|--:|\n";
  for (const uint64_t most_pairs : {8U, 14U, 30U}) {
    for (const double spread : {0.05, 0.10, 0.20}) {
      const Coverage seen = coverage_of(most_pairs, spread);
      EXPECT_GE(seen.all_pct(), 95) << most_pairs << " pairs, spread " << spread;
      EXPECT_GE(seen.precise_pct(), 85) << most_pairs << " pairs, spread " << spread;
      table += fmt::format("| {} | {:.0f} % | {:.0f} % | {:.0f} % | {:.0f} % | {:.1f} |\n",
                           most_pairs, 100 * spread, seen.all_pct(), seen.precise_pct(),
                           100 * seen.precise / seen.rows, seen.pairs / seen.rows);
    }
  }
  expect_documented(CKPT_METRICS_DOC, "stopping", table);
}

}  // namespace
}  // namespace ckptbench
