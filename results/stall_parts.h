// What explain says of the parts of the stall whose evidence or advice depends on the row; the rows
// of results/metrics.cc name these functions. Pure functions.
#pragma once

#include <string>

#include "results/result_rows.h"

namespace ckptbench {

std::string block_evidence(const ResultRow& row);
std::string block_advice(const ResultRow& row);
std::string retention_evidence(const ResultRow& row);
std::string retention_advice(const ResultRow& row);
std::string asking_advice(const ResultRow& row);
std::string interference_evidence(const ResultRow& row);
std::string interference_advice(const ResultRow& row);

}  // namespace ckptbench
