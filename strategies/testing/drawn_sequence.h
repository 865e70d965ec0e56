// A sequence of calls of one strategy, and of accidents, drawn from a seed. An operation carries
// numbers alone and is read against what is there when it is done: which checkpoint, which tensors,
// how many. So a sequence means something without any of its operations, and can be shrunk.
// Plain values; no thread rule.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "strategies/api/strategy.h"

namespace ckptbench {

struct DrawnOp {
  enum class Kind {
    kMutate,        // an update: all tensors, a few or none
    kSave,          //
    kWait,          // of one save or all, with a short or a long deadline
    kList,          //
    kRestore,       // the newest or one by number, into a poisoned state
    kRetain,        // also of nothing and of unknown numbers
    kDrain,         //
    kPrepare,       //
    kReopen,        // closes and opens again, as another run
    kSecondWriter,  // beside the open one: refused
    kDamage,        // closes, flips, cuts or deletes one file, opens
    kSmallFiles,    // a save under a limit of file sizes
    kFailingSync,   // a save or a deletion in which one fsync fails
    kKill,          // a child does some of the operations that follow and is killed in the middle
  };
  Kind kind = Kind::kMutate;
  uint64_t a = 0;
  uint64_t b = 0;
};
std::string_view op_name(DrawnOp::Kind kind);

// What a sequence is drawn for, and what the model must know of it.
struct SequenceSubject {
  using Open = std::function<Result<std::unique_ptr<Strategy>>(const StrategyContext&,
                                                               const ParamText& params)>;
  using Names = std::function<std::vector<std::string>(const std::string& directory)>;
  using SeqOfFile = std::function<std::optional<uint64_t>(const std::string& file)>;

  std::string name;
  Open open;
  std::vector<ParamInfo> params = {};  // some are drawn
  bool background = true;              // as in StrategyInfo
  // Whether it may skip a save, with these parameters; null: never.
  std::function<bool(const ParamText& params)> may_skip = nullptr;
  bool keeps_one = false;              // numbers nothing: each save replaces the one before
  bool shares = false;                 // a checkpoint may need bytes of older ones
  bool weights_only = true;            // such saves can be asked for
  bool checks_retain = true;           // false: deletes whatever it is asked to, the newest too
  bool takes_back = true;              // a failed save is never listed
  bool checks_names = true;            // finds out a file that bears another checkpoint's name
  bool numbers_by_step = false;        // a step that comes again replaces its checkpoint
  bool tells_retired = true;           // false: deletes what it may without a word
  bool joins_at_close = true;          // false: a save under way goes on after its destruction
  std::set<DrawnOp::Kind> lacks = {};  // what it does not claim to stand
  // Files that nobody needs and that an open for writing should have removed; null: not known.
  Names leftovers = nullptr;
  // The checkpoint that a file is of; null: damage is not drawn.
  SeqOfFile seq_of_file = nullptr;
};

struct DrawnSequence {
  uint64_t seed = 0;
  ParamText params;
  std::vector<DrawnOp> ops;
};

DrawnSequence draw_sequence(const SequenceSubject& subject, uint64_t seed);

}  // namespace ckptbench
