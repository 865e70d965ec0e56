// Known failures that records show: allowed by an entry of a list, with its reason and source
// (Record::observed, kKnownFailures). Pure functions.
#pragma once

#include <string>
#include <vector>

#include "harness/core/record.h"

namespace ckptbench {

struct KnownGroup {
  std::string strategy;  // short
  std::string verdict;   // the word that the entry covers
  std::string reason;
  std::string source;
  size_t trials = 0;
};
// Equal ones folded, in order of first appearance.
std::vector<KnownGroup> known_groups(const std::vector<Record>& records);
// "LOST-ACK: it syncs nothing (https://…)", of one record; empty where it shows none.
std::string known_text(const Record& record);
// How many records show one.
size_t count_known(const std::vector<Record>& records);

}  // namespace ckptbench
