// What saves have written one after another, and whether it repeats: some strategies write all of
// the state now and then, and in between only what has changed. Told from the sizes alone, whatever
// the strategy. Plain values and free functions; any thread.
#pragma once

#include <cstdint>
#include <span>

#include "harness/measure/written_files.h"

namespace ckptbench {

// The saves that are looked at: at least, and at most.
inline constexpr uint64_t kFewestWatched = 3;
inline constexpr uint64_t kMostWatched = 32;

// The fewest saves after which the sizes come again, seen twice at least; 1: all are alike.
// 0: no such number.
uint64_t cycle_of(std::span<const Written> saves);

// Whether more saves would tell nothing new. `first`: of the first save into the empty folder,
// which cannot leave anything out: where the later ones write as much, there is no cycle.
bool watched_enough(const Written& first, std::span<const Written> saves);

// Bytes of one save, the mean.
double mean_bytes(std::span<const Written> saves);

// One save that writes the mean: the files of the save that is closest to it, scaled.
// REQUIRES: not empty.
Written average_of(std::span<const Written> saves);

}  // namespace ckptbench
