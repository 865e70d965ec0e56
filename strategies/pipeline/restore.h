// Restores the newest valid checkpoint, or the one asked for, decoding no more manifests than it
// has to look at. What is damaged is passed over and reported; what does not fit the state is
// refused, so that training never goes on from a half of it. Threads: the training thread.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "strategies/api/strategy.h"
#include "strategies/pipeline/directory.h"
#include "strategies/pipeline/load.h"
#include "strategies/pipeline/tensor_match.h"

namespace ckptbench {

class Restorer {
 public:
  Restorer(Directory& directory, Loader& loader) : directory_(directory), loader_(loader) {}

  RestoreOutcome restore(const StateView& state, const Want& want);

 private:
  // Names already overwritten by a checkpoint that turned out to be damaged.
  using Touched = std::set<std::string>;

  // Refused: no older checkpoint may stand in. Nothing: this one cannot be used, `why` says it.
  RestoreOutcome try_one(const CatalogEntry& entry, const StateView& state, const Want& want,
                         Touched& touched, std::string& why);

  Directory& directory_;
  Loader& loader_;
};

}  // namespace ckptbench
