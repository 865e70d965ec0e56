#include "strategies/testing/save_model.h"

#include <fmt/format.h>

#include <algorithm>

namespace ckptbench {

using Event = TapeEvent::Kind;

void SaveModel::apply(const TapeEvent& event) {
  switch (event.kind) {
    case Event::kNothing:
      return;
    case Event::kRequested:
      saves_.push_back({.step = event.step,
                        .run = event.run,
                        .contents = event.contents,
                        .seeds = event.seeds,
                        .may_fail = fault_});
      return;
    case Event::kTold:
      return told(event);
    case Event::kDurable:
      return decide(event, State::kDurable);
    case Event::kFailed:
      return decide(event, State::kFailed);
    case Event::kSkipped:
      return decide(event, State::kSkipped);
    case Event::kRetain:
      return retain(event);
    case Event::kRetained:
      for (uint64_t i = 0; i < event.count; ++i) {
        free_.erase(event.seqs[i]);
        free_when_newer_.erase(event.seqs[i]);
      }
      return;
    case Event::kRefused:
      free_ = free_before_;
      free_when_newer_ = free_when_newer_before_;
      return;
    case Event::kListed:
      shown_ = std::max(shown_, event.seq);
      return;
    case Event::kRetired:
      return retired(event);
    case Event::kFault:
      fault_ = true;
      for (ModelSave& save : saves_) save.may_fail |= save.state == State::kUndecided;
      return;
    case Event::kNoFault:
      fault_ = false;
      return;
    case Event::kDamaged:
      doubtful_.insert(event.seq);
      for (const auto& [seq, save] : by_seq_) {
        if (shares_ && seq > event.seq) doubtful_.insert(seq);
      }
      return;
    case Event::kOpened:
      shown_ = 0;
      fault_ = false;
      for (ModelSave& save : saves_) {
        if (save.state == State::kUndecided) save.state = State::kLost;
      }
      return;
  }
}

void SaveModel::set_violation(const std::string& text) {
  if (violation_.empty()) violation_ = text;
}

const ModelSave* SaveModel::save_of(uint64_t seq) const {
  const auto found = by_seq_.find(seq);
  return found == by_seq_.end() ? nullptr : &saves_[found->second];
}

const ModelSave* SaveModel::save_of_step(uint64_t step) const {
  const auto found = std::find_if(saves_.rbegin(), saves_.rend(),
                                  [&](const ModelSave& save) { return save.step == step; });
  return found == saves_.rend() ? nullptr : &*found;
}

bool SaveModel::must_keep(uint64_t seq) const {
  const ModelSave* const save = save_of(seq);
  return save && save->state == State::kDurable && !free_.contains(seq) && !doubtful_.contains(seq);
}

std::set<uint64_t> SaveModel::all_kept() const {
  std::set<uint64_t> seqs;
  for (const auto& [seq, save] : by_seq_) {
    if (must_keep(seq)) seqs.insert(seq);
  }
  return seqs;
}

bool SaveModel::is_step_free(uint64_t step) const {
  return !keeps_one_ && std::none_of(saves_.begin(), saves_.end(), [&](const ModelSave& save) {
    return save.step == step && !save.seq;
  });
}

ModelSave* SaveModel::undecided_of(uint64_t step) {
  const auto found = std::find_if(saves_.begin(), saves_.end(), [&](const ModelSave& save) {
    return save.step == step && !save.seq &&
           (save.state == State::kUndecided || save.state == State::kDurable);
  });
  return found == saves_.end() ? nullptr : &*found;
}

void SaveModel::bind(ModelSave& save, uint64_t seq) {
  save.seq = seq;
  // The number of a checkpoint whose record was damaged away may be given again.
  by_seq_[seq] = static_cast<size_t>(&save - saves_.data());
  for (std::set<uint64_t>* const set : {&free_, &free_when_newer_, &retired_, &seen_, &doubtful_}) {
    set->erase(seq);
  }
}

void SaveModel::acknowledge(ModelSave& save) {
  save.state = State::kDurable;
  if (keeps_one_ && !save.seq) {
    for (const auto& [seq, older] : by_seq_) free_.insert(seq);
    bind(save, by_seq_.empty() ? 1 : by_seq_.rbegin()->first + 1);
  }
  if (!save.seq) return;
  for (auto seq = free_when_newer_.begin(); seq != free_when_newer_.end();) {
    if (*seq < *save.seq) {
      free_.insert(*seq);
      seq = free_when_newer_.erase(seq);
    } else {
      ++seq;
    }
  }
}

void SaveModel::told(const TapeEvent& event) {
  // A list may have shown it before.
  const ModelSave* const listed = keeps_one_ ? nullptr : save_of(event.seq);
  const bool known = listed && listed->step == event.step && listed->state == State::kUndecided;
  ModelSave* const save = known ? &saves_[by_seq_.at(event.seq)] : undecided_of(event.step);
  if (!save) {
    return set_violation(
        fmt::format("the observer is told that step {} is durable as checkpoint {}, "
                    "and no save of it is under way",
                    event.step, event.seq));
  }
  if (!keeps_one_ && !known) {
    if (must_keep(event.seq)) {
      return set_violation(fmt::format("checkpoint {} is given a second time", event.seq));
    }
    bind(*save, event.seq);
  }
  acknowledge(*save);
}

void SaveModel::decide(const TapeEvent& event, State state) {
  ModelSave& save = saves_.at(event.save);
  if (save.state == state) return;
  if (save.state != State::kUndecided) {
    return set_violation(
        fmt::format("wait() contradicts what was said of step {} before", save.step));
  }
  if (state == State::kDurable) return acknowledge(save);
  save.state = state;
  if (state == State::kFailed && !save.may_fail) {
    set_violation(
        fmt::format("the save of step {} has failed, and nothing was in its way", save.step));
  }
  if (state == State::kSkipped && !may_skip_) {
    set_violation(fmt::format("the save of step {} was skipped", save.step));
  }
}

void SaveModel::retain(const TapeEvent& event) {
  free_before_ = free_;
  free_when_newer_before_ = free_when_newer_;
  const auto* const keep_end = event.seqs.data() + event.count;
  const std::set<uint64_t> keep(event.seqs.data(), keep_end);
  const uint64_t known = std::max(shown_, keep.empty() ? 0 : *keep.rbegin());
  uint64_t newest = 0;
  for (const auto& [seq, index] : by_seq_) {
    if (saves_[index].state == State::kDurable) newest = seq;
  }
  for (const auto& [seq, index] : by_seq_) {
    if (seq > known || keep.contains(seq)) continue;
    (seq == newest ? free_when_newer_ : free_).insert(seq);
  }
}

void SaveModel::retired(const TapeEvent& event) {
  const ModelSave* const save = save_of(event.seq);
  if (!save || save->step != event.step) {
    return set_violation(fmt::format("retired: checkpoint {} of step {}, which nobody saved",
                                     event.seq, event.step));
  }
  if (must_keep(event.seq)) {
    return set_violation(fmt::format("retired: checkpoint {}, which is to be kept", event.seq));
  }
  retired_.insert(event.seq);
}

std::string SaveModel::recognise_unnumbered(const CheckpointInfo& info) const {
  if (info.seq == 0 && save_of_step(info.step)) return {};
  return fmt::format("lists seq {} of step {}, which no save made", info.seq, info.step);
}

std::string SaveModel::recognise(const CheckpointInfo& info) {
  if (keeps_one_) return recognise_unnumbered(info);
  const ModelSave* save = save_of(info.seq);
  if (!save || save->step != info.step) {
    // A save under way, or lost with its process, or acknowledged without a number.
    const auto found = std::find_if(saves_.begin(), saves_.end(), [&](const ModelSave& candidate) {
      return !candidate.seq && candidate.step == info.step && candidate.state != State::kSkipped;
    });
    if (found == saves_.end()) {
      return fmt::format("lists checkpoint {} of step {}, which no save made", info.seq, info.step);
    }
    if (found->state == State::kFailed && takes_back_) {
      return fmt::format("lists checkpoint {} of step {}, whose save has failed", info.seq,
                         info.step);
    }
    bind(*found, info.seq);
    save = &*found;
  }
  if (save->contents != info.contents) {
    return fmt::format("lists checkpoint {} with other contents than were saved", info.seq);
  }
  const std::string run = fmt::format("run-{}", save->run);
  if (!info.run.empty() && info.run != run) {
    return fmt::format("lists checkpoint {} as one of {}, expected {}", info.seq, info.run, run);
  }
  seen_.insert(info.seq);
  return {};
}

std::string SaveModel::deleted_untold(const std::set<uint64_t>& listed) const {
  if (!tells_retired_) return {};
  for (const uint64_t seq : seen_) {
    if (listed.contains(seq) || doubtful_.contains(seq) || retired_.contains(seq)) continue;
    return fmt::format("checkpoint {} has gone, and nobody was told that it is retired", seq);
  }
  return {};
}

std::string SaveModel::compare(const std::vector<CheckpointInfo>& listed,
                               const std::set<uint64_t>& kept, bool hides) {
  std::set<uint64_t> seqs;
  uint64_t last = UINT64_MAX;
  for (const CheckpointInfo& info : listed) {
    std::string violation = recognise(info);
    if (!violation.empty()) return violation;
    if (keeps_one_) continue;
    if (info.seq >= last) {
      return fmt::format("lists checkpoint {} after {}, expected newest first", info.seq, last);
    }
    last = info.seq;
    seqs.insert(info.seq);
  }
  if (keeps_one_) {
    return kept.empty() || !listed.empty() ? "" : "lists nothing, and one is to be kept";
  }
  for (const uint64_t seq : kept) {
    if (seqs.contains(seq) || !must_keep(seq)) continue;
    return fmt::format("does not list checkpoint {}, which is to be kept", seq);
  }
  for (const ModelSave& save : saves_) {
    if (save.state == State::kDurable && !save.seq) {
      return fmt::format("does not list step {}, whose save is acknowledged", save.step);
    }
  }
  return hides ? "" : deleted_untold(seqs);
}

}  // namespace ckptbench
