// Which rows of the results a picture may compare: those of one workload, device and set of
// conditions that claim to survive the same; the sections of the tables. And what a comparison
// shows, in words. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "results/result_rows.h"

namespace ckptbench {

struct ChartGroup {
  std::string place;  // "digits-mlp", "char-gpt, threads 2 on cuda"
  std::string claim;  // "claims to survive process,power"
  std::vector<const ResultRow*> rows;
};

// In the order of the tables. The rows must outlive the groups.
std::vector<ChartGroup> chart_groups(const ResultRows& results);

// Of each group, but for what is known to claim nothing: "digits-mlp, claims to survive process:
// least async with 1.30 ms [1.25, 1.36], most sync with 14.2 ms [13.5, 14.9]". Rows that the
// figures cannot tell apart are in no order.
std::string extremes_text(const std::vector<ChartGroup>& groups, std::string_view key);

}  // namespace ckptbench
