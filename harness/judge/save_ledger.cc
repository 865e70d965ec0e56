#include "harness/judge/save_ledger.h"

#include <fmt/format.h>

#include <algorithm>

namespace ckptbench {
namespace {

bool is_full(const std::string& contents) {
  return contents != "weights";
}

Survives united(Survives a, Survives b) {
  return {.process = a.process || b.process,
          .power = a.power || b.power,
          .host = a.host || b.host,
          .media = a.media || b.media};
}

bool covers(Survives wide, Survives narrow) {
  return united(wide, narrow) == wide;
}

std::string named(Survives survives) {
  const std::string text = to_text(survives);
  return text.empty() ? "nothing" : text;
}

bool contains(const std::vector<uint64_t>& seqs, uint64_t seq) {
  return std::find(seqs.begin(), seqs.end(), seq) != seqs.end();
}

void set_first(std::string& text, std::string found) {
  if (text.empty()) text = std::move(found);
}

}  // namespace

void SaveLedger::add(const JournalEntry& entry) {
  switch (entry.event) {
    case Event::kRequested:
      saves_.push_back(
          {.step = entry.step, .full = is_full(entry.contents), .alone = entry.in_flight == false});
      if (saves_.back().full) last_requested_ = entry.step;
      break;
    case Event::kDurable:
      acknowledge(entry);
      break;
    case Event::kFailed:
      if (entry.by == "retain") {
        set_first(failed_retention_,
                  entry.detail.empty() ? "retain: no reason given" : entry.detail);
      } else {
        fail(entry);
      }
      break;
    case Event::kSkipped:
      skip(entry);
      break;
    case Event::kAwaited:
      await_all();
      break;
    case Event::kRetain:
      retain(entry);
      break;
    case Event::kRetired:
      retire(entry);
      break;
    default:
      break;
  }
}

// A step may be requested twice: the save of that number where it has one, else the newest request
// that fits, a full one first where the entry does not say what it holds.
SaveLedger::Save& SaveLedger::of(const JournalEntry& entry) {
  const auto fits = [&](const Save& save) {
    if (save.step != entry.step) return false;
    const bool contents = entry.contents.empty() || is_full(entry.contents) == save.full;
    return contents && (entry.seq == 0 || save.seq == 0 || entry.seq == save.seq);
  };
  const auto same_seq = [&](const Save& save) {
    return fits(save) && entry.seq != 0 && save.seq == entry.seq;
  };
  auto found = std::find_if(saves_.rbegin(), saves_.rend(), same_seq);
  const auto full = [&](const Save& save) { return fits(save) && save.full; };
  if (found == saves_.rend()) found = std::find_if(saves_.rbegin(), saves_.rend(), full);
  if (found == saves_.rend()) found = std::find_if(saves_.rbegin(), saves_.rend(), fits);
  if (found != saves_.rend()) return *found;
  saves_.push_back({.step = entry.step, .full = is_full(entry.contents)});
  return saves_.back();
}

void SaveLedger::acknowledge(const JournalEntry& entry) {
  Save& save = of(entry);
  if (save.awaited) {
    set_first(late_, fmt::format("the save of step {} was acknowledged only by a wait at the end "
                                 "of training",
                                 save.step));
  }
  if (save.acknowledged_by.empty()) save.acknowledged_by = entry.by.empty() ? "observer" : entry.by;
  if (save.seq == 0) save.seq = entry.seq;
  const Survives survives = parse_survives(entry.survives);
  save.survives = united(save.survives, survives);
  save.decided = save.decided || (!entry.by.empty() && entry.by != "observer");
  acknowledged_ = true;
  covered_ = covered_ || survives.process;
  if (save.refuted) {
    set_first(conflict_,
              fmt::format("{} said that the save of step {} {}, {} that it is durable",
                          save.failed_by.empty() ? "wait" : save.failed_by, save.step,
                          save.failed_by.empty() ? "was skipped" : "failed", save.acknowledged_by));
  }
}

// A save that was declined, or dropped, is no checkpoint. Declined may be what meets an earlier
// save, dropped what meets a newer one; a strategy may save whole states only.
void SaveLedger::skip(const JournalEntry& entry) {
  ++skipped_;
  Save& save = of(entry);
  save.refuted = true;
  save.skipped_alone = save.full && save.alone && &save == &saves_.back();
  if (save.skipped_alone) {
    save.failure = "skipped while no earlier save was in flight: " +
                   (entry.detail.empty() ? "no reason given" : entry.detail);
  }
  if (save.acknowledged_by.empty()) return;
  set_first(conflict_, fmt::format("{} said that the save of step {} is durable, wait that it was "
                                   "skipped",
                                   save.acknowledged_by, save.step));
}

// The observer tells of attempts: one that failed may be followed by one that is durable, and a
// checkpoint that is durable may fail to reach a further tier (conflict()). wait() and save() tell
// of the save, once.
void SaveLedger::fail(const JournalEntry& entry) {
  if (entry.by.empty()) return;  // an exception that ended training: no word of this save
  Save& save = of(entry);
  save.failed_by = entry.by;
  if (save.failure.empty()) save.failure = entry.detail;
  save.refuted = save.refuted || entry.by != "observer";
  if (save.acknowledged_by.empty()) return;
  if (entry.by == "observer" && !save.decided) {
    if (!save.failed_late) save.before_failure = save.survives;
    save.failed_late = true;
    return;
  }
  set_first(conflict_, fmt::format("{} said that the save of step {} is durable, {} that it failed",
                                   save.acknowledged_by, save.step, save.failed_by));
}

void SaveLedger::await_all() {
  for (Save& save : saves_) save.awaited = save.acknowledged_by.empty();
}

void SaveLedger::retain(const JournalEntry& entry) {
  for (Save& save : saves_) {
    if (save.seq == 0) continue;
    save.must_stay = contains(entry.keeps, save.seq);
    save.may_go = !save.must_stay && (save.may_go || contains(entry.drops, save.seq));
  }
}

bool SaveLedger::has_newer(size_t index) const {
  return std::any_of(
      saves_.begin() + static_cast<std::ptrdiff_t>(index) + 1, saves_.end(), [&](const Save& save) {
        return !save.acknowledged_by.empty() && !save.retired &&
               (save.full || !saves_[index].full) && covers(save.survives, saves_[index].survives);
      });
}

void SaveLedger::retire(const JournalEntry& entry) {
  for (size_t i = 0; i < saves_.size(); ++i) {
    Save& save = saves_[i];
    const bool same = entry.seq == save.seq || entry.seq == 0 || save.seq == 0;
    if (save.step != entry.step || !same || save.acknowledged_by.empty() || save.retired) continue;
    if (save.may_go && has_newer(i)) {
      save.retired = true;
    } else if (save.may_go) {
      set_first(early_retire_, fmt::format("step {} was deleted before a newer checkpoint was "
                                           "acknowledged",
                                           save.step));
    } else {
      set_first(early_retire_, fmt::format("step {} was deleted although {}", save.step,
                                           save.must_stay ? "the last retain request keeps it"
                                                          : "no retain request lets it go"));
    }
  }
}

// Where all that is claimed was acknowledged, no further tier is left that could fail.
std::string SaveLedger::conflict(const std::optional<Survives>& claim) const {
  if (!conflict_.empty() || !claim) return conflict_;
  const auto whole = std::find_if(saves_.begin(), saves_.end(), [&](const Save& save) {
    return save.failed_late && covers(save.before_failure, *claim);
  });
  if (whole == saves_.end()) return "";
  return fmt::format(
      "observer said that the save of step {} is durable against all that is claimed, "
      "and then that it failed",
      whole->step);
}

std::string SaveLedger::failures() const {
  const auto failed = [](const Save& save) {
    return (!save.failed_by.empty() || save.skipped_alone) && save.acknowledged_by.empty();
  };
  const auto first = std::find_if(saves_.begin(), saves_.end(), failed);
  if (first == saves_.end()) return "";
  const auto count = std::count_if(saves_.begin(), saves_.end(), failed);
  return fmt::format("{} of {} saves failed, the first of step {}: {}", count, saves_.size(),
                     first->step, first->failure.empty() ? "no reason given" : first->failure);
}

uint64_t SaveLedger::floor() const {
  uint64_t step = 0;
  for (const Save& save : saves_) {
    const bool counts = save.full && !save.acknowledged_by.empty() && save.survives.process;
    if (counts && !save.retired) step = std::max(step, save.step);
  }
  return step;
}

std::string SaveLedger::claim_mismatch(Survives claim) const {
  for (const Save& save : saves_) {
    if (save.acknowledged_by.empty()) continue;
    const bool more = !covers(claim, save.survives);
    const bool whole = save.failed_by.empty();  // no tier of it is known to have failed
    const bool less = save.decided && whole && !covers(save.survives, claim);
    if (!more && !less) continue;
    return fmt::format("the save of step {} was acknowledged as surviving {}, the list claims {}",
                       save.step, named(save.survives), named(claim));
  }
  return "";
}

}  // namespace ckptbench
