// What a strategy was asked and what it said, in order, in memory that a child shares with its
// parent: the parent reads what a killed child had done. Nothing is lost at a kill but the entry
// that was being written.
// Threads: append() from any thread and from a child; reading from one thread of one process.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/cell.h"
#include "harness/core/observer.h"

namespace ckptbench {

// The bytes of every tensor of a drawn state, as the seed that each was filled from.
inline constexpr size_t kDrawnTensors = 8;
using ContentSeeds = std::array<uint64_t, kDrawnTensors>;

struct TapeEvent {
  enum class Kind : uint64_t {
    kNothing,    // its writer was killed
    kRequested,  // save() is about to be called: step, run, contents, seeds
    kTold,       // the observer: durable, step and seq
    kDurable,    // wait() or the return of save(): `save` is durable
    kFailed,     // wait(): `save` has failed
    kSkipped,    // wait(): `save` was skipped
    kRetain,     // retain(seqs) is about to be called
    kRetained,   // it returned
    kRefused,    // it was an error, and nothing has changed
    kListed,     // list() returned; seq: the newest
    kRetired,    // the observer: retired, step and seq
    kFault,      // saves may fail from here on
    kNoFault,    //
    kDamaged,    // a file of seq
    kOpened,     // what no outcome is known of is lost or not
  };
  Kind kind = Kind::kNothing;
  uint64_t save = 0;  // its number, from 0
  uint64_t step = 0;
  uint64_t seq = 0;
  uint64_t run = 0;
  Contents contents = Contents::kFull;
  ContentSeeds seeds{};
  uint64_t count = 0;
  std::array<uint64_t, 40> seqs{};
};

class EventTape : public Observer {
 public:
  EventTape();
  ~EventTape() override;
  EventTape(const EventTape&) = delete;
  EventTape& operator=(const EventTape&) = delete;

  void append(const TapeEvent& event);
  // What was appended since the last call.
  std::vector<TapeEvent> take();
  // After the death of a child: entries that it began and did not finish count as kNothing.
  void close_holes();

  // One text that a child leaves before it ends.
  void leave(const std::string& text);
  std::string left() const;

  void captured(uint64_t step) override;
  void durable(uint64_t step, uint64_t seq, Survives survives) override;
  void failed(uint64_t step, const std::string& reason) override;
  void retired(uint64_t step, uint64_t seq) override;

 private:
  struct Shared;
  Shared* const shared_;
  uint64_t taken_ = 0;
};

}  // namespace ckptbench
