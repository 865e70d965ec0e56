// Restores the newest valid checkpoint, or the one asked for, decoding no more manifests than it
// has to look at. What is damaged is passed over and reported; what does not fit the state is
// refused, so that nobody trains on a half of it. So is what an error of the environment keeps from
// being read: it may be whole, and an older one would silently undo training. A checkpoint that a
// writer has deleted meanwhile is no damage: the directory is listed again.
// Threads: the training thread.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "strategies/api/strategy.h"
#include "strategies/pipeline/directory.h"
#include "strategies/pipeline/load.h"
#include "strategies/pipeline/tensor_match.h"

namespace ckptbench {

class Restorer {
 public:
  // A writer that deletes faster than this restores is given up on.
  static constexpr int kMaxListings = 64;

  Restorer(Directory& directory, Loader& loader) : directory_(directory), loader_(loader) {}

  RestoreOutcome restore(const StateView& state, const Want& want);

 private:
  // Names already overwritten by a checkpoint that turned out to be damaged.
  using Touched = std::set<std::string>;
  struct Unusable {
    std::string why;
    bool not_there = false;  // some file of it
  };
  // Refused: no older checkpoint may stand in.
  using Tried = std::variant<Restored, Refused, Unusable>;

  Result<std::vector<uint64_t>> candidates(const Want& want);
  // Nothing: one of them has been deleted meanwhile.
  std::optional<RestoreOutcome> try_each(const std::vector<uint64_t>& seqs, const StateView& state,
                                         const Want& want, Touched& touched);
  Tried try_one(uint64_t seq, const StateView& state, const Want& want, Touched& touched);
  Tried fill(const std::shared_ptr<const Manifest>& record, const StateView& state,
             const Want& want, Touched& touched);
  bool is_gone(uint64_t seq);

  Directory& directory_;
  Loader& loader_;
};

}  // namespace ckptbench
