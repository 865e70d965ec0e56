#include "harness/judge/retention_verdict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/judge/ending.h"
#include "harness/judge/reference_match.h"

namespace ckptbench {
namespace {

class RetentionJudge {
 public:
  RetentionJudge(const Reference& reference, const RetentionEvidence& evidence)
      : reference_(reference), evidence_(evidence) {}

  RetentionFinding judge() {
    if (!evidence_.report) {
      judge_silence();
      return found_;
    }
    judge_list();
    judge_let_go();
    if (!evidence_.report->restores_by_number) return found_;
    for (const uint64_t seq : evidence_.kept) {
      const auto step = evidence_.acknowledged.find(seq);
      if (step != evidence_.acknowledged.end()) judge_kept(seq, step->second);
    }
    return found_;
  }

 private:
  void add(Finding finding, std::string line) {
    found_.findings.insert(finding);
    found_.lines.push_back(std::move(line));
  }

  void judge_silence() {
    const std::string why = "the process that asked for what retention keeps gave no report: it " +
                            describe(evidence_.asker);
    const Ending ending = silent_recovery_ending(evidence_.asker);
    if (ending == Ending::kHarness) {
      found_.harness_error = why;
    } else {
      add(ending == Ending::kDeadline ? Finding::kHang : Finding::kRestoreCrashed, why);
    }
  }

  void judge_list() {
    for (const ListedCheckpoint& listed : evidence_.report->listed) {
      const auto step = evidence_.acknowledged.find(listed.seq);
      if (step == evidence_.acknowledged.end() || step->second == listed.step) continue;
      add(Finding::kMislabeled,
          fmt::format("the strategy lists checkpoint {} as step {}, it was saved at step {}",
                      listed.seq, listed.step, step->second));
    }
  }

  // It costs no checkpoint, but fills the disk.
  void judge_let_go() {
    std::vector<std::string> left;
    for (const ListedCheckpoint& listed : evidence_.report->listed) {
      const auto& let_go = evidence_.let_go;
      if (std::find(let_go.begin(), let_go.end(), listed.seq) == let_go.end()) continue;
      left.push_back(fmt::format("{} (step {})", listed.seq, listed.step));
    }
    if (left.empty()) return;
    add(Finding::kRetentionBroken,
        fmt::format("checkpoints that retention let go are still listed: {}",
                    fmt::join(left, ", ")));
  }

  void judge_kept(uint64_t seq, uint64_t step) {
    const auto& report = *evidence_.report;
    const std::string name = fmt::format("checkpoint {} (step {})", seq, step);
    const auto asked = std::find_if(report.asked.begin(), report.asked.end(),
                                    [&](const AskedCheckpoint& one) { return one.seq == seq; });
    if (asked == report.asked.end()) {
      found_.harness_error = name + " was not asked for";
      return;
    }
    const auto is_it = [&](const ListedCheckpoint& one) { return one.seq == seq; };
    const std::string kept = name + ", which retention was told to keep, ";
    if (!asked->error.empty()) {
      add(Finding::kRetentionBroken, kept + "cannot be restored: " + asked->error);
    } else if (std::none_of(report.listed.begin(), report.listed.end(), is_it)) {
      add(Finding::kRetentionBroken, kept + "is not listed");
    } else {
      judge_bytes(*asked, step, name);
    }
  }

  void judge_bytes(const AskedCheckpoint& asked, uint64_t step, const std::string& name) {
    // No run gets there but one that counts from a wrong step.
    if (step >= reference_.steps.size()) {
      return add(Finding::kMislabeled, name + " lies beyond the reference");
    }
    if (asked.step != step) {
      add(Finding::kMislabeled,
          fmt::format("{}, asked for by number, claims step {}", name, asked.step));
    }
    if (const auto role = first_difference(asked.digests, reference_.steps[step].digests)) {
      add(Finding::kRetentionBroken,
          fmt::format("{} departs from its reference in {}", name, role_name(*role)));
    }
  }

  const Reference& reference_;
  const RetentionEvidence& evidence_;
  RetentionFinding found_;
};

}  // namespace

RetentionFinding judge_retention(const Reference& reference, const RetentionEvidence& evidence) {
  return RetentionJudge(reference, evidence).judge();
}

std::string retention_text(const TrialEvidence& evidence) {
  if (!evidence.retention) return "not judged: nothing older was to be kept, or it has no numbers";
  if (!evidence.retention->report) return "not judged: no report";
  if (!evidence.retention->report->restores_by_number) {
    return "cannot be judged: the strategy restores no checkpoint by number";
  }
  return fmt::format("{} checkpoints asked for by number",
                     evidence.retention->report->asked.size());
}

}  // namespace ckptbench
