#include "harness/run/retention_check.h"

#include <algorithm>

#include "harness/run/job_files.h"

namespace ckptbench {
namespace {

// What must still be there: kept by some request and let go by no later one. A later process knows
// only what it found listed, so a checkpoint that it does not mention has not been let go.
void add_request(std::vector<uint64_t>& kept, const JournalEntry& entry) {
  const auto named = [&](uint64_t seq) {
    const auto in = [&](const std::vector<uint64_t>& seqs) {
      return std::find(seqs.begin(), seqs.end(), seq) != seqs.end();
    };
    return in(entry.drops) || in(entry.keeps);
  };
  std::erase_if(kept, named);
  kept.insert(kept.end(), entry.keeps.begin(), entry.keeps.end());
}

void add_journal(RetentionEvidence& evidence, const JournalContents& journal) {
  for (const JournalEntry& entry : journal.entries) {
    if (entry.event == Event::kDurable && entry.seq != 0) {
      evidence.acknowledged[entry.seq] = entry.step;
    }
    if (entry.event == Event::kRetain) add_request(evidence.kept, entry);
  }
}

}  // namespace

std::optional<RetentionEvidence> check_retention(const Cell& cell, const std::string& folder,
                                                 const std::vector<std::string>& journals,
                                                 JobRunner& runner) {
  RetentionEvidence evidence;
  for (const std::string& path : journals) {
    const auto journal = read_journal(path);
    if (journal) add_journal(evidence, journal.value());  // the judge sees what gave no journal
  }
  std::erase_if(evidence.kept, [&](uint64_t seq) { return !evidence.acknowledged.contains(seq); });
  if (evidence.kept.empty()) return std::nullopt;
  const JobFiles files = job_files(folder, "retained");
  Job job = make_job(JobRole::kRetained, cell, folder, files);
  job.asked = evidence.kept;
  write_job(job, files);
  evidence.asker = runner.run(files, cell.deadline_s);
  if (auto report = read_retained(files.report)) evidence.report = std::move(report).value();
  return evidence;
}

}  // namespace ckptbench
