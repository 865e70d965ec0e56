#include "results/answer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "results/best_rows.h"
#include "results/figure_text.h"

namespace ckptbench {
namespace {

constexpr size_t kNamed = 3;      // of a list on a terminal; the others are counted
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

// What speaks against a row, and how heavily.
struct Objection {
  std::string text;
  int weight = 0;  // larger is worse: what lost or refused, then failed saves; speed comes last
  bool always_named = false;
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

  Answer run() const { return {use(), avoid(), undecided()}; }

 private:
  std::string listed(const std::vector<std::string>& items, std::string_view separator) const {
    const size_t named = length_ == AnswerLength::kWhole ? items.size() : kNamed;
    std::string out;
    for (size_t i = 0; i < std::min(named, items.size()); ++i) {
      out += (i == 0 ? "" : std::string(separator)) + items[i];
    }
    if (items.size() > named) {
      out += fmt::format("{}and {} more (report.html)", separator, items.size() - named);
    }
    return out;
  }

  VerdictTally trials_of(const ResultRow& row) const {
    return results_.trials_of(label(row.strategy));
  }

  bool tried(const ResultRow& row) const { return severity(trials_of(row)) != Severity::kUnknown; }

  // Equal words of several tables become one item.
  static std::string words_of(const BestRows& best) {
    const std::string& claim = best.rows.front()->claim;
    if (best.rivals == 1) {
      return fmt::format("{}: alone in what was measured and survives {}", names_of(best.rows),
                         claim);
    }
    if (best.sole()) {
      return fmt::format("{}: the least stall of what survives {}", names_of(best.rows), claim);
    }
    return fmt::format("{}: not told apart among what survives {}", names_of(best.rows), claim);
  }

  static std::string place_of(const BestRows& best) {
    std::string stalls;
    for (const ResultRow* row : best.rows) {
      stalls += (stalls.empty() ? "" : ", ") + stall_text(*row);
    }
    return fmt::format("on {} ({})", label(best.rows.front()->workload), stalls);
  }

  std::string trials_text(const BestRows& best) const {
    size_t least = trials_of(*best.rows.front()).judged;
    for (const ResultRow* row : best.rows) least = std::min(least, trials_of(*row).judged);
    return fmt::format("nothing lost in {} trials{}", least, best.sole() ? "" : " or more of each");
  }

  std::string use() const {
    if (best_.empty()) {
      return "nothing: no strategy was both measured and brought back from every trial";
    }
    std::vector<std::string> heads;
    for (const BestRows& best : best_) add_once(heads, words_of(best));
    std::vector<std::string> reasons;
    for (const std::string& head : heads) {
      std::vector<std::string> places;
      std::string trials;
      for (const BestRows& best : best_) {
        if (words_of(best) != head) continue;
        places.push_back(place_of(best));
        trials = trials_text(best);
      }
      reasons.push_back(fmt::format("{} {}; {}", head, listed(places, ", "), trials));
    }
    return listed(reasons, "; ");
  }

  bool stands_in_use(const ResultRow& row) const {
    return std::any_of(best_.begin(), best_.end(), [&](const BestRows& best) {
      return std::any_of(best.rows.begin(), best.rows.end(),
                         [&](const ResultRow* other) { return other->name == row.name; });
    });
  }

  Objection objection_to(const ResultRow& row) const {
    const VerdictTally trials = trials_of(row);
    if (const std::string lost = loss_text(trials); !lost.empty()) {
      return {fmt::format("{} ({})", row.name, lost), weight_of_loss(trials), true};
    }
    const bool named = stands_in_use(row);
    if (const double failed = row.metric("failed_saves").value; failed > 0) {
      const std::string reason = row.first_failure();
      return {fmt::format("{} (failed saves: {}{}{})", where(row), failed,
                          reason.empty() ? "" : ", the first: ", reason),
              1, named};
    }
    return {slow(row), 0, named};
  }

  // Empty: not surely far longer than the best of its table.
  std::string slow(const ResultRow& row) const {
    for (const BestRows& best : best_) {
      const auto& compared = best.block->rows;
      const ResultRow* least_row = best.surest();
      if (std::find(compared.begin(), compared.end(), &row) == compared.end()) continue;
      if (least_row == nullptr || &row == least_row) continue;
      const double times = surely_times(row.metric("stall_ns"), least_row->metric("stall_ns"));
      if (!(times > kFarLonger)) continue;
      return fmt::format("{} (stalls at least {} times as long as {})", where(row),
                         format_number_below(times, 2), least_row->name);
    }
    return "";
  }

  std::vector<Objection> objections() const {
    std::vector<Objection> all;
    for (const ResultRow& row : results_.rows) {
      if (row.broken()) continue;
      Objection own = objection_to(row);
      const bool known = std::any_of(
          all.begin(), all.end(), [&](const Objection& other) { return other.text == own.text; });
      if (!own.text.empty() && !known) all.push_back(std::move(own));
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const Objection& a, const Objection& b) { return a.weight > b.weight; });
    return all;
  }

  std::string avoid() const {
    std::vector<std::string> named;
    std::vector<std::string> others;
    for (const Objection& own : objections()) {
      (own.always_named ? named : others).push_back(own.text);
    }
    if (named.empty() && others.empty()) {
      if (!results_.unmet.empty()) return "nothing among what a fault met";
      return "nothing: no strategy here lost or refused a checkpoint";
    }
    if (!others.empty()) named.push_back(listed(others, ", "));
    return fmt::format("{}", fmt::join(named, ", "));
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
    for (const BestRows& best : best_) {
      if (best.sole()) continue;
      close.push_back(label(best.rows.front()->workload));
    }
    std::vector<std::string> untried;
    for (const ResultRow& row : results_.rows) {
      if (row.measured() && !row.claim.empty() && !row.broken() && !tried(row)) {
        add_once(untried, row.name);
      }
    }
    if (!close.empty()) parts.push_back("which of those stalls least on " + listed(close, ", "));
    if (!untried.empty()) parts.push_back("not tried under faults: " + listed(untried, ", "));
  }

  void add_unmet(std::vector<std::string>& parts) const {
    std::vector<std::string> unmet;
    for (const UnmetFaults& group : results_.unmet) {
      unmet.push_back(fmt::format("{} on {}", label(group.strategy), label(group.workload)));
    }
    if (!unmet.empty()) parts.push_back("met by no fault: " + listed(unmet, ", "));
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
    return fmt::format("{}", fmt::join(parts, "; "));
  }

  const ResultRows& results_;
  AnswerLength length_;
  std::vector<CostTable> tables_;
  std::vector<BestRows> best_;
};

}  // namespace

Answer make_answer(const ResultRows& results, AnswerLength length) {
  return AnswerMaker(results, length).run();
}

}  // namespace ckptbench
