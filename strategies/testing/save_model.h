// The plain model of a checkpoint directory that a drawn sequence is compared with: which saves
// there were and what each holds, which are acknowledged, which must stay, which may be gone. Fed
// with the events of an EventTape alone. One thread.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "strategies/testing/drawn_sequence.h"
#include "strategies/testing/event_tape.h"

namespace ckptbench {

struct ModelSave {
  enum class State {
    kUndecided,
    kDurable,
    kFailed,
    kSkipped,
    kLost,  // its process ended first: it is there or not
  };
  uint64_t step = 0;
  uint64_t run = 0;
  Contents contents = Contents::kFull;
  ContentSeeds seeds{};
  State state = State::kUndecided;
  bool may_fail = false;  // a fault was armed while it was under way
  // Of a subject that numbers nothing: counted by the model.
  std::optional<uint64_t> seq = {};
};

class SaveModel {
 public:
  explicit SaveModel(const SequenceSubject& subject, bool may_skip)
      : keeps_one_(subject.keeps_one),
        shares_(subject.shares),
        takes_back_(subject.takes_back),
        tells_retired_(subject.tells_retired),
        may_skip_(may_skip) {}

  void apply(const TapeEvent& event);
  // The first thing that cannot be, empty for none.
  const std::string& violation() const { return violation_; }

  const std::vector<ModelSave>& saves() const { return saves_; }
  // nullptr: no save of which the number is known has it.
  const ModelSave* save_of(uint64_t seq) const;
  // The newest whose step is this; nullptr for none.
  const ModelSave* save_of_step(uint64_t step) const;
  // Acknowledged, and neither damaged nor left out by a retain().
  bool must_keep(uint64_t seq) const;
  std::set<uint64_t> all_kept() const;
  // Its bytes may be damaged.
  bool is_doubtful(uint64_t seq) const { return doubtful_.contains(seq); }
  bool has_doubtful() const { return !doubtful_.empty(); }
  // A save of this step would be told apart from every other one.
  bool is_step_free(uint64_t step) const;

  // The save of a listed or restored checkpoint. A save whose number was not known yet is given it.
  // Returns a violation, or nothing.
  std::string recognise(const CheckpointInfo& info);
  // A list, newest first, and what had to be in it. hides: it leaves out what is about to be
  // deleted. Saves whose number was not known are found in it. Returns a violation, or nothing.
  std::string compare(const std::vector<CheckpointInfo>& listed, const std::set<uint64_t>& kept,
                      bool hides);

 private:
  using State = ModelSave::State;
  void set_violation(const std::string& text);
  ModelSave* undecided_of(uint64_t step);
  void bind(ModelSave& save, uint64_t seq);
  void acknowledge(ModelSave& save);
  void decide(const TapeEvent& event, State state);
  void told(const TapeEvent& event);
  void retain(const TapeEvent& event);
  void retired(const TapeEvent& event);
  std::string recognise_unnumbered(const CheckpointInfo& info) const;
  std::string deleted_untold(const std::set<uint64_t>& listed) const;

  const bool keeps_one_;
  const bool shares_;
  const bool takes_back_;
  const bool tells_retired_;
  const bool may_skip_;
  std::string violation_;
  std::vector<ModelSave> saves_;
  std::map<uint64_t, size_t> by_seq_;
  std::set<uint64_t> free_;             // may be deleted
  std::set<uint64_t> free_when_newer_;  // once a newer one is acknowledged
  std::set<uint64_t> retired_;          // told
  std::set<uint64_t> seen_;             // in a list
  std::set<uint64_t> doubtful_;
  uint64_t shown_ = 0;  // the newest that list() has shown since opening
  bool fault_ = false;
  std::set<uint64_t> free_before_;  // of the last retain(), should it be refused
  std::set<uint64_t> free_when_newer_before_;
};

}  // namespace ckptbench
