#include "results/answer.h"

#include <fmt/format.h>

#include <algorithm>

#include "results/cost_tables.h"
#include "results/figure_text.h"

namespace ckptbench {
namespace {

constexpr size_t kNamed = 3;      // of a list; the others are counted
constexpr double kFarLonger = 2;  // a stall that is worth avoiding, against the best one

std::string stall_text(const ResultRow& row) {
  const Metric& stall = *find_metric("stall_ns");
  const Estimate estimate = row.metric("stall_ns");
  return fmt::format("{} ms {}", value_text(stall, estimate), interval_text(stall, estimate));
}

std::string where(const ResultRow& row) {
  return fmt::format("{} on {}", row.name, label(row.workload));
}

std::string listed(const std::vector<std::string>& items, std::string_view separator) {
  std::string out;
  for (size_t i = 0; i < std::min(kNamed, items.size()); ++i) {
    out += (i == 0 ? "" : std::string(separator)) + items[i];
  }
  if (items.size() > kNamed) out += fmt::format("{}and {} more", separator, items.size() - kNamed);
  return out;
}

// Larger is worse: what lost or refused, then what failed to save; speed comes last.
int severity_rank(const VerdictTally& trials, const ResultRow& row) {
  const Severity worst = severity(trials);
  if (trials.not_allowed > 0) return 100;
  const bool bad =
      worst == Severity::kLoud || worst == Severity::kSilent || worst == Severity::kWrong;
  if (bad) return 10 + static_cast<int>(worst);
  return row.metric("failed_saves").value > 0 ? 1 : 0;
}

class AnswerMaker {
 public:
  explicit AnswerMaker(const ResultRows& results)
      : results_(results), tables_(make_cost_tables(results, kPage)) {}

  Answer run() {
    find_winners();
    return {use(), avoid(), undecided()};
  }

 private:
  bool tried(const ResultRow& row) const {
    const Severity worst = severity(results_.trials_of(label(row.strategy)));
    return worst != Severity::kUnknown;
  }

  bool trusted(const ResultRow& row) const {
    const VerdictTally trials = results_.trials_of(label(row.strategy));
    const Severity worst = severity(trials);
    return !row.broken() && !row.claim.empty() && row.errors.empty() && trials.not_allowed == 0 &&
           (worst == Severity::kExact || worst == Severity::kRolled) &&
           !(row.metric("failed_saves").value > 0);
  }

  // One of each table: in its first block, of the strongest claim, that has a trusted row.
  void find_winners() {
    for (const CostTable& table : tables_) {
      for (const CostBlock& block : table.blocks) {
        const auto best = std::find_if(block.rows.begin(), block.rows.end(),
                                       [&](const ResultRow* row) { return trusted(*row); });
        if (best == block.rows.end()) continue;
        winners_.emplace_back(*best, &block);
        break;
      }
    }
  }

  std::string use() const {
    if (winners_.empty()) {
      return "nothing: no strategy was both measured and brought back from every trial";
    }
    std::vector<std::string> names;
    for (const auto& [row, block] : winners_) {
      if (std::find(names.begin(), names.end(), row->name) == names.end()) {
        names.push_back(row->name);
      }
    }
    std::vector<std::string> reasons;
    for (const std::string& name : names) {
      std::vector<std::string> places;
      const ResultRow* any = nullptr;
      for (const auto& [row, block] : winners_) {
        if (row->name != name) continue;
        any = row;
        places.push_back(fmt::format("on {} ({})", label(row->workload), stall_text(*row)));
      }
      reasons.push_back(fmt::format(
          "{}: the least stall of what survives {} {}; nothing lost in {} trials", name, any->claim,
          listed(places, ", "), results_.trials_of(label(any->strategy)).judged));
    }
    return listed(reasons, "; ");
  }

  // Empty: no reason.
  std::string reason_to_avoid(const ResultRow& row) const {
    const VerdictTally trials = results_.trials_of(label(row.strategy));
    const Severity worst = severity(trials);
    if (trials.not_allowed > 0) {
      return fmt::format("{} ({}, {} of {} trials not allowed)", row.name, worst_text(trials),
                         trials.not_allowed, trials.trials);
    }
    if (worst == Severity::kWrong || worst == Severity::kSilent || worst == Severity::kLoud) {
      const auto count = trials.counts.find(std::string(verdict_name(*trials.worst->data)));
      return fmt::format("{} ({} in {} of {} trials)", row.name, worst_text(trials), count->second,
                         trials.trials);
    }
    if (const double failed = row.metric("failed_saves").value; failed > 0) {
      return fmt::format("{} (failed saves: {})", where(row), failed);
    }
    return slow(row);
  }

  std::string slow(const ResultRow& row) const {
    for (const auto& [best, block] : winners_) {
      const bool compared =
          std::find(block->rows.begin(), block->rows.end(), &row) != block->rows.end();
      if (!compared || &row == best) continue;
      const Estimate mine = row.metric("stall_ns");
      const Estimate least = best->metric("stall_ns");
      const bool sure = mine.has_interval() && least.has_interval() && least.value > 0 &&
                        mine.low > kFarLonger * least.high;
      if (!sure) continue;
      return fmt::format("{} (stalls {} times as long as {})", where(row),
                         format_number(mine.value / least.value, 2), best->name);
    }
    return "";
  }

  std::string avoid() const {
    std::vector<std::string> reasons;
    std::vector<std::pair<int, const ResultRow*>> order;
    for (const ResultRow& row : results_.rows) {
      if (row.broken()) continue;
      order.emplace_back(severity_rank(results_.trials_of(label(row.strategy)), row), &row);
    }
    std::stable_sort(order.begin(), order.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& [rank, row] : order) {
      const std::string reason = reason_to_avoid(*row);
      const bool known = std::find(reasons.begin(), reasons.end(), reason) != reasons.end();
      if (!reason.empty() && !known) reasons.push_back(reason);
    }
    return reasons.empty() ? "nothing: no strategy here lost or refused a checkpoint"
                           : listed(reasons, ", ");
  }

  void add_marked(char letter, std::string_view words, std::vector<std::string>& parts) const {
    std::vector<std::string> rows;
    for (const CostTable& table : tables_) {
      for (const CostBlock& block : table.blocks) {
        for (const ResultRow* row : block.rows) {
          if (!row->claim.empty() && has_mark(row_marks(*row), letter)) rows.push_back(where(*row));
        }
      }
    }
    if (!rows.empty()) parts.push_back(fmt::format("{}: {}", words, listed(rows, ", ")));
  }

  void add_close_and_untried(std::vector<std::string>& parts) const {
    std::vector<std::string> close;
    std::vector<std::string> untried;
    for (const auto& [best, block] : winners_) {
      for (const ResultRow* row : block->rows) {
        const Estimate mine = row->metric("stall_ns");
        const Estimate least = best->metric("stall_ns");
        const bool apart = mine.has_interval() && least.has_interval() && mine.low > least.high;
        if (row != best && trusted(*row) && !apart && mine.has_interval()) {
          close.push_back(
              fmt::format("{} or {} on {}", best->name, row->name, label(row->workload)));
        }
      }
    }
    for (const ResultRow& row : results_.rows) {
      if (row.measured() && !row.claim.empty() && !row.broken() && !tried(row) &&
          std::find(untried.begin(), untried.end(), row.name) == untried.end()) {
        untried.push_back(row.name);
      }
    }
    if (!close.empty()) parts.push_back("which stalls less, " + listed(close, ", "));
    if (!untried.empty()) parts.push_back("not tried under faults: " + listed(untried, ", "));
  }

  void add_uncounted(std::vector<std::string>& parts) const {
    size_t trials = 0;
    for (const ResultRow& row : results_.rows) {
      for (HarnessOutcome outcome : {HarnessOutcome::kVacuous, HarnessOutcome::kOracleInvalid,
                                     HarnessOutcome::kHarnessError}) {
        const auto found = row.verdicts.counts.find(std::string(outcome_name(outcome)));
        if (found != row.verdicts.counts.end() && !row.broken()) trials += found->second;
      }
    }
    if (trials > 0) parts.push_back(fmt::format("{} trials without a verdict", trials));
    size_t errors = 0;
    for (const ResultRow& row : results_.rows) errors += row.errors.size();
    if (errors > 0) parts.push_back(fmt::format("{} cells could not be run", errors));
  }

  std::string undecided() const {
    std::vector<std::string> parts;
    add_close_and_untried(parts);
    add_marked('n', "stalls of fewer than 6 pairs have no interval", parts);
    add_marked('0', "the stall may be 0", parts);
    add_marked('i', "interference without an explanation", parts);
    add_marked('b', "samples in two clusters", parts);
    add_uncounted(parts);
    if (parts.empty()) return "nothing that these trials and figures could show";
    std::string out;
    for (const std::string& part : parts) out += (out.empty() ? "" : "; ") + part;
    return out;
  }

  const ResultRows& results_;
  std::vector<CostTable> tables_;
  std::vector<std::pair<const ResultRow*, const CostBlock*>> winners_;
};

}  // namespace

Answer make_answer(const ResultRows& results) {
  return AnswerMaker(results).run();
}

}  // namespace ckptbench
