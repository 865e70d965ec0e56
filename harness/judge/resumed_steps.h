// The steps of a killed recovery, whose entries follow those of the trained run in the evidence,
// count from the step that the strategy claimed. Its bytes say which one it was. Pure functions.
#pragma once

#include <string>

#include "harness/judge/judge.h"

namespace ckptbench {

struct ResumedSteps {
  JournalContents journal;  // counted from the state that was restored
  std::string mislabeled;   // the first wrong claim, in words; empty: none
};

// What follows a state that equals no reference, claimed to be of a step beyond all of them, is
// left out: nothing can be said of it.
ResumedSteps count_resumed_steps(const JournalContents& journal, const Reference& reference);

}  // namespace ckptbench
