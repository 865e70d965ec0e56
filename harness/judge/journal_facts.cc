#include "harness/judge/journal_facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/judge/reference_match.h"

namespace ckptbench {
namespace {

bool tells_of_a_save(Event event) {
  return event == Event::kCaptured || event == Event::kDurable || event == Event::kFailed ||
         event == Event::kSkipped || event == Event::kRetired;
}

// Written because a strategy called its observer; `by` is empty in what carries no word of wait().
bool is_report(const JournalEntry& entry) {
  return tells_of_a_save(entry.event) && entry.event != Event::kSkipped &&
         (entry.by.empty() || entry.by == "observer");
}

// Looks at one entry after the other and keeps what the next is checked against.
class Consistency {
 public:
  explicit Consistency(const Reference& reference) : reference_(reference) {}

  std::string check(const JournalEntry& entry) {
    if (entry.event == Event::kStart && starts_++ > 0) return "two runs started in one journal";
    if (is_report(entry) && requested_.count(entry.step) == 0) return "";
    if (entry.step >= reference_.steps.size()) {
      return fmt::format("{} of step {}, but the reference ends at step {}",
                         event_name(entry.event), entry.step, reference_.steps.size() - 1);
    }
    if (entry.event == Event::kStep) return check_step(entry);
    if (entry.event == Event::kRestored) newest_ = 0;  // a resumed run goes on from an older step
    if (entry.event == Event::kRequested) return check_request(entry);
    if (tells_of_a_save(entry.event) && requested_.count(entry.step) == 0) {
      return fmt::format("{} of step {}, which was never requested", event_name(entry.event),
                         entry.step);
    }
    return "";
  }

  std::string check_end() const {
    if (starts_ == 0) return "the trained run never started";
    if (last_step_ && !digests_) return "the trained run carries no digests";
    return "";
  }

 private:
  std::string check_step(const JournalEntry& entry) {
    const bool follows = last_step_ ? entry.step == *last_step_ + 1 : entry.step <= 1;
    if (!follows) {
      return fmt::format("step {} follows {}", entry.step,
                         last_step_ ? fmt::format("step {}", *last_step_) : "the start");
    }
    last_step_ = entry.step;
    digests_ = digests_ || !entry.digests.empty();
    return "";
  }

  std::string check_request(const JournalEntry& entry) {
    if (entry.step < newest_) {
      return fmt::format("save of step {} requested after that of step {}", entry.step, newest_);
    }
    newest_ = entry.step;
    requested_.insert(entry.step);
    return "";
  }

  const Reference& reference_;
  int starts_ = 0;
  std::optional<uint64_t> last_step_;
  bool digests_ = false;
  std::set<uint64_t> requested_;
  uint64_t newest_ = 0;
};

}  // namespace

JournalFacts read_facts(const JournalContents& journal) {
  JournalFacts facts;
  for (const JournalEntry& entry : journal.entries) {
    if (is_report(entry) && facts.requested.count(entry.step) == 0) {
      if (!facts.unrequested.empty()) continue;
      facts.unrequested =
          fmt::format("the strategy reports '{}' of step {}, which nobody asked for",
                      event_name(entry.event), entry.step);
      continue;
    }
    facts.saves.add(entry);
    switch (entry.event) {
      case Event::kStep:
        facts.step_ns[entry.step] = entry.t_ns;
        break;
      case Event::kRequested:
        facts.requested.insert(entry.step);
        break;
      case Event::kFailed:
        facts.last_failure = fmt::format("save of step {}: {}", entry.step, entry.detail);
        break;
      case Event::kChanged:
        if (!facts.background_change.empty()) break;
        facts.background_change = fmt::format(
            "{} was worked on after the save of step {} had returned, but background work is not "
            "declared",
            entry.detail, entry.step);
        break;
      case Event::kEnd:
        facts.ended = true;
        break;
      default:
        break;
    }
  }
  facts.last_requested = facts.saves.last_requested();
  facts.floor = facts.saves.floor();
  facts.claims_nothing = facts.saves.claims_nothing();
  return facts;
}

std::vector<FoundLine> report_findings(const JournalFacts& facts,
                                       const std::optional<Survives>& claim,
                                       const std::string& other_conflict, const std::string& late) {
  const std::string conflict = facts.saves.conflict(claim);
  return {{Finding::kAckConflict, conflict.empty() ? other_conflict : conflict},
          {Finding::kEarlyRetire, facts.saves.early_retire()},
          {Finding::kUnrequestedReport, facts.unrequested},
          {Finding::kNeverAcknowledged, late},
          {Finding::kClaimMismatch, claim ? facts.saves.claim_mismatch(*claim) : ""}};
}

std::string find_contradiction(const JournalContents& journal, const Reference& reference) {
  if (reference.steps.empty()) return "there is no reference";
  Consistency consistency(reference);
  for (const JournalEntry& entry : journal.entries) {
    std::string found = consistency.check(entry);
    if (!found.empty()) return found;
  }
  return consistency.check_end();
}

std::optional<Departure> find_perturbation(const JournalContents& journal,
                                           const Reference& reference) {
  for (const JournalEntry& entry : journal.entries) {
    if (entry.event != Event::kStep || entry.digests.empty()) continue;
    const auto component = first_difference(entry.digests, reference.steps.at(entry.step).digests);
    if (component) return Departure{entry.step, *component};
  }
  return std::nullopt;
}

}  // namespace ckptbench
