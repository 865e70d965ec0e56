#include "harness/run/job_finished.h"

#include <algorithm>

#include "harness/core/error.h"
#include "harness/core/journal.h"

namespace ckptbench {

bool job_finished(const ProcessEnd& end, const JobFiles& files) {
  if (!end.exited || end.exit_code != static_cast<int>(ExitCode::kOk)) return false;
  const auto journal = read_journal(files.journal);
  if (!journal) return false;
  return std::ranges::any_of(journal.value().entries,
                             [](const JournalEntry& entry) { return entry.event == Event::kEnd; });
}

}  // namespace ckptbench
