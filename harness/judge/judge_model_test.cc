// Every small journal against every small recovery, judged twice: by the judge, and by a plain
// restatement of the rule that shares no code with it.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "harness/judge/judge.h"
#include "harness/judge/trial_maker.h"

namespace ckptbench {
namespace {

constexpr uint64_t kLast = 3;     // steps that the trained run may reach
constexpr uint64_t kNoStep = 99;  // a state of no step

enum class Save { kNone, kRequested, kDurable, kOtherHost, kFailed, kRetired, kWeights };
constexpr int kSaves = 7;
enum class Second { kGood, kRefused, kNothing, kWrong };
constexpr int kSeconds = 4;

struct Model {
  Save saves[kLast + 1] = {};  // by step; of steps 1 and 2 only
  bool refused = false;
  bool by_number = false;   // refused, and came back when asked for by number
  uint64_t parameters = 0;  // step whose parameters come back
  uint64_t rng = 0;
  bool departs = false;  // the continuation
  Second second = Second::kGood;
};

// Worst first, as in the table of the design.
enum Rank { kCorrupt, kDiverged, kRestart, kLost, kDetected, kNotByItself, kRolled, kExact };

bool is_durable(Save save) {
  return save == Save::kDurable || save == Save::kRetired;
}

// All that may go goes at the end, the oldest first: the newest of them must stay.
bool is_gone(const Model& model, uint64_t step) {
  if (model.saves[step] != Save::kRetired) return false;
  return std::any_of(model.saves + step + 1, model.saves + kLast + 1, is_durable);
}

int restated(const Model& model) {
  if (model.refused) return kDetected;
  uint64_t floor = 0;
  uint64_t hoped = 0;
  bool some_claim = false;
  bool covering_claim = false;
  for (uint64_t step = 1; step <= kLast; ++step) {
    const Save save = model.saves[step];
    if (save != Save::kNone && save != Save::kWeights) hoped = step;
    if (is_durable(save) && !is_gone(model, step)) floor = step;
    some_claim |= save == Save::kDurable || save == Save::kOtherHost || save == Save::kRetired ||
                  save == Save::kWeights;
    covering_claim |= save == Save::kDurable || save == Save::kRetired || save == Save::kWeights;
  }
  const auto asked = [&](uint64_t step) {
    return step == 0 || (step <= kLast && model.saves[step] != Save::kNone);
  };
  if (!asked(model.parameters)) return kCorrupt;
  if (model.rng != model.parameters) return kDiverged;
  if (model.departs) return kDiverged;
  const uint64_t at = model.parameters;
  const int first = model.by_number        ? kNotByItself
                    : at == 0 && floor > 0 ? kRestart
                    : at < floor           ? kLost
                    : at < hoped           ? kRolled
                                           : kExact;
  int second = kExact;
  if (model.second == Second::kRefused) second = kDetected;
  if (model.second == Second::kWrong) second = kDiverged;
  const bool promised = !some_claim || covering_claim;
  if (model.second == Second::kNothing && promised) second = kRestart;
  return std::min(first, second);
}

void add_save(std::vector<JournalEntry>& entries, uint64_t step, Save save) {
  if (save == Save::kNone) return;
  entries.push_back(entry_of(Event::kRequested, step));
  JournalEntry& requested = entries.back();
  if (save == Save::kWeights) requested.contents = "weights";
  if (save == Save::kRequested) return;
  if (save == Save::kFailed) {
    entries.push_back(entry_of(Event::kFailed, step));
    entries.back().by = "wait";
    return;
  }
  JournalEntry durable = entry_of(Event::kDurable, step);
  if (save == Save::kWeights) durable.contents = "weights";
  if (save == Save::kOtherHost) durable.survives = "host";
  entries.push_back(durable);
}

void add_retention(std::vector<JournalEntry>& entries, const Model& model) {
  JournalEntry request = entry_of(Event::kRetain, 0);
  for (uint64_t step = 1; step <= kLast; ++step) {
    if (model.saves[step] == Save::kRetired) request.drops.push_back(step);
  }
  entries.push_back(request);
  for (const uint64_t step : request.drops) entries.push_back(entry_of(Event::kRetired, step));
}

TrialEvidence evidence_of(const Model& model) {
  TrialEvidence trial = good_trial();
  trial.cell.more_steps = 1;
  auto& entries = trial.journal.entries;
  entries = {entry_of(Event::kStart, 0)};
  for (uint64_t step = 0; step <= kLast; ++step) {
    entries.push_back(entry_of(Event::kStep, step));
    add_save(entries, step, model.saves[step]);
  }
  add_retention(entries, model);
  trial.recovery = recovered_at(model.parameters, 1);
  trial.recovery->restored = digests_at(model.parameters);
  trial.recovery->restored[Role::kRng] = digest_at(Role::kRng, model.rng);
  if (model.refused) trial.recovery->outcome = RecoveryReport::Outcome::kRefused;
  trial.recovery->by_number = model.by_number;
  if (model.departs) {
    trial.recovery->continuation[0].digests[Role::kMoment1] = digest_at(Role::kMoment1, kNoStep);
  }
  trial.second = recovered_at(model.parameters + 1, 1);
  if (model.second == Second::kRefused) trial.second->outcome = RecoveryReport::Outcome::kRefused;
  if (model.second == Second::kNothing) {
    trial.second = recovered_at(0, 1);
    trial.second->outcome = RecoveryReport::Outcome::kNothing;
  }
  if (model.second == Second::kWrong) {
    trial.second->restored[Role::kLoader] = digest_at(Role::kLoader, kNoStep);
  }
  return trial;
}

class Comparison {
 public:
  void compare(const Model& model) {
    const Verdict verdict = judge(reference_, evidence_of(model));
    ASSERT_TRUE(verdict.data.has_value()) << short_text(verdict) << ": " << verdict.explanation;
    ASSERT_EQ(static_cast<int>(*verdict.data), restated(model))
        << "saves " << static_cast<int>(model.saves[1]) << ' ' << static_cast<int>(model.saves[2])
        << ", parameters of " << model.parameters << ", rng of " << model.rng << ", departs "
        << model.departs << ", second " << static_cast<int>(model.second) << ": "
        << verdict.explanation;
    ++count_;
  }
  size_t count() const { return count_; }

 private:
  Reference reference_ = reference_to(kLast + 2);
  size_t count_ = 0;
};

void compare_recoveries(Comparison& comparison, Model model) {
  constexpr uint64_t kStates[] = {0, 1, 2, 3, kNoStep};
  for (uint64_t parameters : kStates) {
    for (uint64_t rng : kStates) {
      for (int second = 0; second < kSeconds; ++second) {
        for (int flags = 0; flags < 4; ++flags) {
          model.parameters = parameters;
          model.rng = rng;
          model.second = static_cast<Second>(second);
          model.departs = (flags & 1) != 0;
          model.by_number = (flags & 2) != 0;
          ASSERT_NO_FATAL_FAILURE(comparison.compare(model));
        }
      }
    }
  }
  model.refused = true;
  comparison.compare(model);
}

TEST(JudgeModel, AgreesWithAPlainRestatementOnEverySmallCase) {
  Comparison comparison;
  for (int first = 0; first < kSaves; ++first) {
    for (int second = 0; second < kSaves; ++second) {
      Model model;
      model.saves[1] = static_cast<Save>(first);
      model.saves[2] = static_cast<Save>(second);
      ASSERT_NO_FATAL_FAILURE(compare_recoveries(comparison, model));
    }
  }
  EXPECT_EQ(comparison.count(), 7U * 7U * (5U * 5U * 4U * 4U + 1U));
}

// A resumed run deletes the save of step 1, asked to or not, with a save of its own or without one.
struct Deletion {
  Save saved;  // of step 1, in the trained run
  bool asked = false;
  bool newer = false;
};

TrialEvidence evidence_of(const Deletion& deletion) {
  Model model;
  model.saves[1] = deletion.saved;
  TrialEvidence trial = evidence_of(model);
  JournalContents resumed;
  auto& entries = resumed.entries;
  entries = {entry_of(Event::kStart, 0), entry_of(Event::kStep, kLast)};
  if (deletion.newer) add_save(entries, kLast, Save::kDurable);
  if (deletion.asked) {
    entries.push_back(entry_of(Event::kRetain, kLast));
    entries.back().drops = {1};
  }
  entries.push_back(entry_of(Event::kRetired, 1));
  trial.resumed_journals = {resumed};
  return trial;
}

TEST(JudgeModel, AgreesWithAPlainRestatementOnWhatAResumedRunDeletes) {
  for (const Save saved : {Save::kNone, Save::kRequested, Save::kDurable, Save::kFailed}) {
    for (int flags = 0; flags < 4; ++flags) {
      const Deletion deletion{saved, (flags & 1) != 0, (flags & 2) != 0};
      const Verdict verdict = judge(reference_to(kLast + 2), evidence_of(deletion));
      std::set<Finding> restated;
      if (saved == Save::kNone) restated = {Finding::kUnrequestedReport};
      if (saved == Save::kDurable && !(deletion.asked && deletion.newer)) {
        restated = {Finding::kEarlyRetire};
      }
      EXPECT_EQ(verdict.findings, restated) << "save " << static_cast<int>(saved) << ", flags "
                                            << flags << ": " << verdict.explanation;
    }
  }
}

}  // namespace
}  // namespace ckptbench
