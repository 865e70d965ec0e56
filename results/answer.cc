#include "results/answer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "harness/core/count_text.h"
#include "results/best_rows.h"
#include "results/figure_text.h"

namespace ckptbench {
namespace {

constexpr size_t kNamed = 3;  // of a list on a terminal; the others are counted
constexpr std::string_view kUntried = "undecided: nothing was tried under faults";
constexpr double kFarLonger = 2;  // a stall that is worth avoiding, against the best one

std::string stall_text(const ResultRow& row) {
  const Metric& stall = *find_metric("stall_ns");
  const Estimate estimate = row.metric("stall_ns");
  return fmt::format("{} ms {}", value_text(stall, estimate), interval_text(stall, estimate));
}

// How many times as long as the other a stall is at least, by the near ends of both intervals. NaN:
// the intervals do not show it.
double surely_times(const Estimate& stall, const Estimate& other) {
  const bool shown = stall.has_interval() && other.has_interval() && other.high > 0;
  return shown ? stall.low / other.high : std::numeric_limits<double>::quiet_NaN();
}

std::string where(const ResultRow& row) {
  return fmt::format("{} on {}", row.name, label(row.workload));
}

void add_once(std::vector<std::string>& items, const std::string& item) {
  if (std::find(items.begin(), items.end(), item) == items.end()) items.push_back(item);
}

std::string joined(const std::vector<std::string>& items, std::string_view separator) {
  return fmt::format("{}", fmt::join(items, separator));
}

// What speaks against a strategy, whatever the workload, and how heavily: larger is worse.
struct Objection {
  std::string text;
  int weight = 0;
};

int weight_of_loss(const VerdictTally& trials) {
  const int data = trials.worst && trials.worst->data ? static_cast<int>(*trials.worst->data) : 0;
  return (trials.not_allowed > 0 ? 200 : 100) - data;
}

class AnswerMaker {
 public:
  AnswerMaker(const ResultRows& results, AnswerLength length)
      : results_(results),
        length_(length),
        tables_(make_cost_tables(results, kPage)),
        best_(best_rows(tables_, results)) {}

  std::vector<AnswerLine> run() {
    add_use();
    add_survivors();
    add_avoid();
    add("undecided", undecided());
    return std::move(lines_);
  }

 private:
  void add(std::string head, std::string text) {
    lines_.push_back({std::move(head), std::move(text)});
  }

  std::string listed(const std::vector<std::string>& items) const {
    const size_t named = length_ == AnswerLength::kWhole ? items.size() : kNamed;
    if (items.size() <= named) return joined(items, ", ");
    const std::vector<std::string> first(items.begin(), items.begin() + kNamed);
    return fmt::format("{}, and {} more (report.html)", joined(first, ", "), items.size() - named);
  }

  VerdictTally trials_of(const ResultRow& row) const {
    return results_.trials_of(label(row.strategy));
  }

  bool tried(const ResultRow& row) const { return severity(trials_of(row)) != Severity::kUnknown; }

  bool anything_tried() const {
    return std::any_of(results_.rows.begin(), results_.rows.end(),
                       [&](const ResultRow& row) { return !row.broken() && tried(row); });
  }

  // nullptr: no row of the table is trusted.
  const BestRows* best_of(const CostTable& table) const {
    for (const BestRows& best : best_) {
      for (const CostBlock& block : table.blocks) {
        if (best.block == &block) return &best;
      }
    }
    return nullptr;
  }

  // Why the one row that is left is no recommendation. Empty: others were compared with it.
  std::string why_alone(const CostTable& table, const BestRows& best) const {
    size_t measured = 0;
    size_t compared = 0;
    for (const CostBlock& block : table.blocks) {
      for (const ResultRow* row : block.rows) {
        if (row->claim.empty() || row->broken()) continue;
        ++measured;
        if (tried(*row) && !results_.is_unmet(row->strategy)) ++compared;
      }
    }
    const std::string& name = best.rows.front()->name;
    if (measured == 1) return fmt::format("only {} was measured", name);
    if (compared == 1) return fmt::format("only {} was measured and tried under faults", name);
    return "";
  }

  std::string words_of(const BestRows& best) const {
    const std::string& claim = best.rows.front()->claim;
    const std::string names = names_of(best.rows);
    if (best.rivals == 1)
      return fmt::format("{}: the only one here that survives {}", names, claim);
    if (best.sole()) return fmt::format("{}: the least stall of what survives {}", names, claim);
    return fmt::format("{}: not told apart", names);
  }

  std::string stalls_of(const BestRows& best) const {
    if (length_ == AnswerLength::kTerminal) return "";
    std::vector<std::string> stalls;
    for (const ResultRow* row : best.rows) stalls.push_back(stall_text(*row));
    return fmt::format(" ({})", joined(stalls, ", "));
  }

  void add_use() {
    if (tables_.empty()) return;
    if (!anything_tried()) return add("use", std::string(kUntried));
    bool decided = true;
    for (const CostTable& table : tables_) {
      const std::string head = fmt::format("use on {}", place_of(table));
      const BestRows* best = best_of(table);
      const std::string alone = best == nullptr ? "" : why_alone(table, *best);
      decided = decided && alone.empty();
      if (best == nullptr) {
        add(head, "nothing: no strategy was both measured and brought back from every trial");
      } else {
        add(head, alone.empty() ? words_of(*best) + stalls_of(*best) : "undecided: " + alone);
      }
    }
    if (decided && tables_.size() > 1) add("use on all of these", common());
  }

  // The device too, where rows of several were measured.
  std::string place_of(const CostTable& table) const {
    const ResultRow& row = *table.blocks.front().rows.front();
    const bool several = std::any_of(
        results_.rows.begin(), results_.rows.end(),
        [&](const ResultRow& other) { return other.measured() && other.device != row.device; });
    return label(row.workload) + (several ? ", " + row.device : "");
  }

  // What stands in the line of every table.
  std::string common() const {
    std::vector<const ResultRow*> rows;
    if (best_.size() == tables_.size()) rows = best_.front().rows;
    std::erase_if(rows, [&](const ResultRow* row) {
      return !std::all_of(best_.begin(), best_.end(), [&](const BestRows& best) {
        return std::any_of(best.rows.begin(), best.rows.end(),
                           [&](const ResultRow* other) { return other->name == row->name; });
      });
    });
    if (rows.empty()) return "nothing: no strategy stands in each of these lines";
    return fmt::format("{}: on none of them does another one surely stall less", names_of(rows));
  }

  // Those in use; without any, all.
  std::vector<const ResultRow*> survivors() const {
    std::vector<const ResultRow*> rows;
    for (const BestRows& best : best_) rows.insert(rows.end(), best.rows.begin(), best.rows.end());
    if (!rows.empty()) return rows;
    for (const ResultRow& row : results_.rows) {
      if (survived(row, results_)) rows.push_back(&row);
    }
    return rows;
  }

  void add_survivors() {
    std::vector<std::pair<std::string, std::vector<const ResultRow*>>> claims;
    for (const ResultRow* row : survivors()) {
      auto claim = std::find_if(claims.begin(), claims.end(),
                                [&](const auto& other) { return other.first == row->claim; });
      if (claim == claims.end()) claim = claims.insert(claim, {row->claim, {}});
      claim->second.push_back(row);
    }
    for (const auto& [claim, rows] : claims) add("survives " + claim, trials_text(rows));
  }

  // What survives does not depend on the workload, but the trials had theirs.
  std::string trials_text(const std::vector<const ResultRow*>& rows) const {
    std::vector<std::string> names;
    std::vector<std::string> workloads;
    size_t least = trials_of(*rows.front()).judged;
    for (const ResultRow* row : rows) {
      add_once(names, row->name);
      least = std::min(least, trials_of(*row).judged);
      for (const ResultRow& other : results_.rows) {
        const bool own = label(other.strategy) == label(row->strategy);
        if (own && other.verdicts.judged > 0) add_once(workloads, label(other.workload));
      }
    }
    return fmt::format("{}: nothing lost in {} trials{} on {}", joined(names, ", "), least,
                       names.size() > 1 ? " or more of each" : "", joined(workloads, ", "));
  }

  void add_avoid() {
    const size_t before = lines_.size();
    const std::string lost = losses();
    if (!lost.empty()) add("avoid", lost);
    std::vector<std::string> workloads;
    for (const ResultRow& row : results_.rows) add_once(workloads, label(row.workload));
    for (const std::string& workload : workloads) {
      std::vector<std::string> parts = failures_on(workload);
      for (const BestRows& best : best_) {
        if (label(best.rows.front()->workload) != workload) continue;
        const std::string slow = slow_against(best);
        if (!slow.empty()) parts.push_back(slow);
      }
      if (!parts.empty()) add("avoid on " + workload, joined(parts, "; "));
    }
    if (lines_.size() > before) return;
    if (!results_.unmet.empty()) return add("avoid", "nothing among what a fault met");
    add("avoid", anything_tried() ? "nothing: no strategy here lost or refused a checkpoint"
                                  : std::string(kUntried));
  }

  // The worst first, each strategy once: it may have rows of several workloads.
  std::string losses() const {
    std::vector<Objection> all;
    for (const ResultRow& row : results_.rows) {
      const VerdictTally trials = trials_of(row);
      const std::string lost = row.broken() ? "" : loss_text(trials);
      const std::string text = fmt::format("{} ({})", row.name, lost);
      const bool known = std::any_of(all.begin(), all.end(),
                                     [&](const Objection& other) { return other.text == text; });
      if (!lost.empty() && !known) all.push_back({text, weight_of_loss(trials)});
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const Objection& a, const Objection& b) { return a.weight > b.weight; });
    std::vector<std::string> texts;
    for (const Objection& own : all) texts.push_back(own.text);
    return joined(texts, ", ");
  }

  bool lost(const ResultRow& row) const { return !loss_text(trials_of(row)).empty(); }

  std::vector<std::string> failures_on(const std::string& workload) const {
    std::vector<std::string> failed;
    for (const ResultRow& row : results_.rows) {
      const double saves = row.metric("failed_saves").value;
      if (label(row.workload) != workload || !(saves > 0) || row.broken() || lost(row)) continue;
      const std::string reason = row.first_failure();
      failed.push_back(fmt::format("{} (failed saves: {}{}{})", row.name, saves,
                                   reason.empty() ? "" : ", the first: ", reason));
    }
    return failed;
  }

  // Rows of the block that surely stall far longer than its best one: "sync 2.9, compressed 3.4: at
  // least so many times the stall of async".
  std::string slow_against(const BestRows& best) const {
    const ResultRow* least = best.surest();
    if (least == nullptr) return "";
    std::vector<std::string> rows;
    for (const ResultRow* row : best.block->rows) {
      const double times = surely_times(row->metric("stall_ns"), least->metric("stall_ns"));
      const bool told = row->broken() || lost(*row) || row->metric("failed_saves").value > 0;
      if (row == least || told || !(times > kFarLonger)) continue;
      rows.push_back(fmt::format("{} {}", row->name, format_number_below(times, 2)));
    }
    if (rows.empty()) return "";
    return fmt::format("{}: at least so many times the stall of {}", joined(rows, ", "),
                       least->name);
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
    if (rows.empty()) return;
    parts.push_back(length_ == AnswerLength::kWhole
                        ? fmt::format("{}: {}", words, joined(rows, ", "))
                        : fmt::format("{} ({})", words, count_text(rows.size(), "row")));
  }

  void add_close_and_untried(std::vector<std::string>& parts) const {
    const bool close =
        std::any_of(best_.begin(), best_.end(), [](const BestRows& best) { return !best.sole(); });
    std::vector<std::string> untried;
    for (const ResultRow& row : results_.rows) {
      if (row.measured() && !row.claim.empty() && !row.broken() && !tried(row)) {
        add_once(untried, row.name);
      }
    }
    if (tables_.empty()) parts.push_back("what to use: no cost was measured");
    if (close) parts.push_back("which stalls least where several are named");
    if (!untried.empty()) parts.push_back("not tried under faults: " + listed(untried));
  }

  void add_unmet(std::vector<std::string>& parts) const {
    std::vector<std::string> unmet;
    for (const UnmetFaults& group : results_.unmet) {
      unmet.push_back(fmt::format("{} on {}", label(group.strategy), label(group.workload)));
    }
    if (!unmet.empty()) parts.push_back("met by no fault: " + listed(unmet));
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
    add_unmet(parts);
    add_marked('n', "stalls of fewer than 6 pairs have no interval", parts);
    add_marked('0', "the stall may be 0", parts);
    add_marked('g', "the stall lies below 0", parts);
    add_marked('x', "the stall is shorter than its block", parts);
    add_marked('o', "other programs ran", parts);
    add_marked('i', "interference without an explanation", parts);
    add_marked('b', "samples in two clusters", parts);
    add_uncounted(parts);
    if (parts.empty()) return "nothing that these trials and figures could show";
    return joined(parts, "; ");
  }

  const ResultRows& results_;
  AnswerLength length_;
  std::vector<CostTable> tables_;
  std::vector<BestRows> best_;
  std::vector<AnswerLine> lines_;
};

}  // namespace

std::vector<AnswerLine> make_answer(const ResultRows& results, AnswerLength length) {
  const bool broken = std::all_of(results.rows.begin(), results.rows.end(),
                                  [](const ResultRow& row) { return row.broken(); });
  if (broken) return {};
  return AnswerMaker(results, length).run();
}

}  // namespace ckptbench
