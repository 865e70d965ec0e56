// Draws sequences until one fails, and shrinks that one: the shortest failing prefix, then without
// single operations.
// Environment: CKPT_SEED, the first seed (1); CKPT_SEQUENCES, how many (`count`).
// Free functions; one thread.
#pragma once

#include <cstdint>
#include <string>

#include "strategies/testing/drawn_sequence.h"

namespace ckptbench {

struct SequenceReport {
  uint64_t sequences = 0;  // done
  uint64_t seed = 0;       // of the one that failed
  size_t ops = 0;          // of it, shrunk
  std::string what;        // is wrong; empty: nothing
  std::string text;        // all of it, for a person
  bool passed() const { return what.empty(); }
};

SequenceReport check_sequences(const SequenceSubject& subject, uint64_t count);

}  // namespace ckptbench
