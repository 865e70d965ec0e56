// The conditions under which a row was measured: policy, contents, threads and steps of a window.
// Rows of other conditions are other experiments: their samples are never pooled, and they are
// not compared. Pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/core/cell.h"

namespace ckptbench {

// An object of plain values, one per condition.
nlohmann::json conditions_of(const Cell& cell);

// For each of them, what tells it from the others: "threads 2, contents weights"; empty where all
// are the same.
std::vector<std::string> conditions_texts(const std::vector<nlohmann::json>& conditions);

}  // namespace ckptbench
