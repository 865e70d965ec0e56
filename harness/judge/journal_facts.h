// What the journal of a trained run says, brought into the shape of the oracle's rule.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/core/journal.h"
#include "harness/judge/judge.h"
#include "harness/judge/save_ledger.h"

namespace ckptbench {

struct JournalFacts {
  bool ended = false;                   // kEnd: the job was finished in order
  std::set<uint64_t> requested;         // every step of which a save was requested
  uint64_t last_requested = 0;          // newest full one: what a resume could hope for
  uint64_t floor = 0;                   // what must come back at least (save_ledger.h)
  std::map<uint64_t, int64_t> step_ns;  // when each step ended
  bool claims_nothing = false;    // saves were declared durable, none of them against the fault
  std::string last_failure;       // of the newest failed save; empty: none failed
  std::string unrequested;        // the first report of a step nobody asked for; empty: none
  std::string background_change;  // a change between two calls that nobody declared; empty: none
  SaveLedger saves;
};

// REQUIRES: find_contradiction returned nothing.
JournalFacts read_facts(const JournalContents& journal);

// A finding and its words. The same finding in the same words, which name the step, is the same
// one.
struct FoundLine {
  Finding finding;
  std::string why;  // empty: not found
  bool operator==(const FoundLine&) const = default;
};
// What the reports of a journal contradict: each other, what was requested, the claim; in the order
// of an explanation. `other_conflict` counts where the journal has none; `late`: SaveLedger::late,
// where it counts.
std::vector<FoundLine> report_findings(const JournalFacts& facts,
                                       const std::optional<Survives>& claim,
                                       const std::string& other_conflict, const std::string& late);

// The harness's own entries, where they contradict each other, prove nothing: an outcome of wait()
// for a save that nobody requested, steps that jump or run backwards, two starts, steps that the
// reference does not have, no digests at all. What a strategy reports of steps that nobody asked
// for is its own doing and no contradiction. Empty: none of these.
std::string find_contradiction(const JournalContents& journal, const Reference& reference);

// The first step and component at which the trained run, which saves, departs from the reference,
// which does not.
struct Departure {
  uint64_t step = 0;
  Role component = Role::kParameter;
};
std::optional<Departure> find_perturbation(const JournalContents& journal,
                                           const Reference& reference);

}  // namespace ckptbench
