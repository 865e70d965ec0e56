// Judges what retention has left: every acknowledged checkpoint that the last request keeps must be
// listed, load when it is asked for by number, and equal its reference. Pure functions.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "harness/judge/judge.h"

namespace ckptbench {

struct RetentionFinding {
  std::set<Finding> findings;
  std::vector<std::string> lines;  // one per finding, for people
  std::string harness_error;       // not empty: why it cannot be judged, for a reason of ours
};

// REQUIRES: both resumes were good.
RetentionFinding judge_retention(const Reference& reference, const RetentionEvidence& evidence);

// What the record says of it: "3 checkpoints asked for by number", or why none could be.
std::string retention_text(const TrialEvidence& evidence);

}  // namespace ckptbench
