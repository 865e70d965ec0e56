// Records of an earlier run: found by the words that name them, compared with what the same cells
// have come to now, and asked for the folders that they name. Plain functions; no thread rule.
#pragma once

#include <string>
#include <vector>

#include "harness/core/record.h"

namespace ckptbench {

// What `replay` takes beside --results: the cell's id, and of a point of a sweep "ID.N".
std::string replay_id(const Record& record);
// The last record of that replay_id, or of that cell. nullptr: none.
const Record* record_named(const std::vector<Record>& records, const std::string& id);
// The last record of the same cell, and in a sweep of the same fault. nullptr: none.
const Record* record_of_cell(const std::vector<Record>& records, const Cell& cell);

// "as recorded: BIT-EXACT", or "recorded: LOST-ACK (not allowed), now: BIT-EXACT".
std::string compared_text(const Record& recorded, const Record& now);
// Of a run that repeats another one, how many verdicts are as in `folder`, and a line for each that
// is not. Empty: no verdict to compare.
std::vector<std::string> comparison_lines(const std::vector<Record>& recorded,
                                          const std::string& folder,
                                          const std::vector<Record>& now);

// Of the folders below `cells`, those that a record names: its own, or that of a run that several
// trials share. By their last parts: the results may have been moved since.
std::vector<std::string> kept_folders(const std::vector<Record>& records, const std::string& cells);

}  // namespace ckptbench
