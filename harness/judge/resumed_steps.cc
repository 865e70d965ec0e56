#include "harness/judge/resumed_steps.h"

#include <fmt/format.h>

#include <set>

#include "harness/judge/reference_match.h"

namespace ckptbench {
namespace {

bool equals(const Reference& reference, uint64_t step, const ComponentDigests& state) {
  return step < reference.steps.size() && !first_difference(state, reference.steps[step].digests);
}

// The claimed step where the state is that one's, else the newest whose state it is.
std::optional<uint64_t> step_of(const Reference& reference, const JournalEntry& restored) {
  if (equals(reference, restored.step, restored.digests)) return restored.step;
  for (uint64_t step = reference.steps.size(); step-- > 0;) {
    if (equals(reference, step, restored.digests)) return step;
  }
  return std::nullopt;
}

class Counter {
 public:
  explicit Counter(const Reference& reference) : reference_(reference) {}

  void add(JournalEntry entry) {
    if (entry.event == Event::kRestored) begin(entry);
    if (lost_) return;
    if (entry.event == Event::kRequested) requested_.insert(entry.step);
    if (claimed_ && requested_.contains(entry.step)) entry.step = *step_ + entry.step - *claimed_;
    out_.journal.entries.push_back(std::move(entry));
  }

  ResumedSteps take(std::string torn_tail) {
    out_.journal.torn_tail = std::move(torn_tail);
    return std::move(out_);
  }

 private:
  void begin(JournalEntry& restored) {
    requested_.clear();
    claimed_.reset();
    lost_ = false;
    if (restored.digests.empty()) return;  // it restored nothing
    step_ = step_of(reference_, restored);
    lost_ = !step_ && restored.step >= reference_.steps.size();
    if (!step_ || *step_ == restored.step) return;
    claimed_ = restored.step;
    if (out_.mislabeled.empty()) {
      out_.mislabeled = fmt::format("the killed recovery claims step {} for the state of step {}",
                                    restored.step, *step_);
    }
    restored.step = *step_;
  }

  const Reference& reference_;
  ResumedSteps out_;
  std::set<uint64_t> requested_;     // since the last restore, as claimed
  std::optional<uint64_t> claimed_;  // where it is wrong
  std::optional<uint64_t> step_;
  bool lost_ = false;
};

}  // namespace

ResumedSteps count_resumed_steps(const JournalContents& journal, const Reference& reference) {
  Counter counter(reference);
  for (const JournalEntry& entry : journal.entries) counter.add(entry);
  return counter.take(journal.torn_tail);
}

}  // namespace ckptbench
