#include "harness/measure/last_save.h"

#include <fmt/format.h>

#include "harness/core/journal.h"

namespace ckptbench {

Result<LastSave> read_last_save(const std::string& journal_path) {
  const auto journal = read_journal(journal_path);
  if (!journal) return journal.error();
  LastSave last;
  ComponentDigests newest;
  for (const JournalEntry& entry : journal.value().entries) {
    if (entry.event == Event::kStep) newest = entry.digests;
    if (entry.event == Event::kRequested) last = {.step = entry.step, .digests = newest};
    if (entry.event == Event::kDurable && entry.step == last.step) last.acknowledged = true;
  }
  if (last.digests.empty()) return Error{journal_path + ": no save with the digests of its state"};
  return last;
}

std::string wrong_step(const LastSave& last, uint64_t step) {
  if (step == last.step) return "";
  const std::string claim = fmt::format("claims step {}", step);
  if (step > last.step) {
    return fmt::format("{}, which was never saved; the last save was of step {}", claim, last.step);
  }
  if (last.acknowledged) {
    return fmt::format("{}; the last acknowledged save was of step {}", claim, last.step);
  }
  return fmt::format("{}; the last save, of step {}, was never acknowledged", claim, last.step);
}

}  // namespace ckptbench
