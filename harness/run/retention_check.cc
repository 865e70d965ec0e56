#include "harness/run/retention_check.h"

#include <algorithm>
#include <map>

#include "harness/run/job_files.h"

namespace ckptbench {
namespace {

bool contains(const std::vector<uint64_t>& seqs, uint64_t seq) {
  return std::find(seqs.begin(), seqs.end(), seq) != seqs.end();
}

// What the requests of a trial come to, one after the other.
class Requests {
 public:
  void add(const JournalEntry& entry) {
    if (entry.event == Event::kDurable) let_go_.erase(entry.seq);  // made anew
    if (entry.event != Event::kRetain) return;
    keep(entry);
    let_go(entry);
  }

  // Kept by some request and let go by no later one. A later process knows only what it found
  // listed, so a checkpoint that it does not mention has not been let go.
  const std::vector<uint64_t>& kept() const { return kept_; }

  // Let go, kept by no later request, and another request came after that: it makes up for
  // deletions that ended with the process, or with a kill.
  std::vector<uint64_t> let_go() const {
    std::vector<uint64_t> seqs;
    for (const auto& [seq, requests] : let_go_) {
      if (requests > 1) seqs.push_back(seq);
    }
    return seqs;
  }

 private:
  void keep(const JournalEntry& entry) {
    std::erase_if(kept_, [&](uint64_t seq) {
      return contains(entry.drops, seq) || contains(entry.keeps, seq);
    });
    kept_.insert(kept_.end(), entry.keeps.begin(), entry.keeps.end());
  }

  void let_go(const JournalEntry& entry) {
    for (const uint64_t seq : entry.keeps) let_go_.erase(seq);
    for (const uint64_t seq : entry.drops) let_go_.emplace(seq, 0);
    for (auto& [seq, requests] : let_go_) ++requests;
  }

  std::vector<uint64_t> kept_;
  std::map<uint64_t, uint64_t> let_go_;  // seq: requests since, its own included
};

void add_journal(RetentionEvidence& evidence, Requests& requests, const JournalContents& journal) {
  for (const JournalEntry& entry : journal.entries) {
    if (entry.event == Event::kDurable && entry.seq != 0) {
      evidence.acknowledged[entry.seq] = entry.step;
    }
    requests.add(entry);
  }
}

}  // namespace

std::optional<RetentionEvidence> check_retention(const Cell& cell, const std::string& folder,
                                                 const std::vector<std::string>& journals,
                                                 const NamedInfo& strategy, JobRunner& runner) {
  RetentionEvidence evidence;
  Requests requests;
  for (const std::string& path : journals) {
    const auto journal = read_journal(path);
    // The judge sees what gave no journal.
    if (journal) add_journal(evidence, requests, journal.value());
  }
  evidence.kept = requests.kept();
  // What a composition lists may be the base of what is kept.
  if (strategy.opaque) evidence.let_go = requests.let_go();
  std::erase_if(evidence.kept, [&](uint64_t seq) { return !evidence.acknowledged.contains(seq); });
  if (evidence.kept.empty() && evidence.let_go.empty()) return std::nullopt;
  const JobFiles files = job_files(folder, "retained");
  Job job = make_job(JobRole::kRetained, cell, folder, files);
  job.asked = evidence.kept;
  write_job(job, files);
  evidence.asker = runner.run(files, cell.deadline_s);
  if (auto report = read_retained(files.report)) evidence.report = std::move(report).value();
  return evidence;
}

}  // namespace ckptbench
