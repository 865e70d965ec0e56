#include "harness/train/job_context.h"

#include <chrono>

#include "harness/core/json_text.h"
#include "harness/platform/clock.h"
#include "harness/platform/files.h"
#include "harness/train/guard.h"
#include "harness/train/policy.h"
#include "harness/train/torch_runtime.h"

namespace ckptbench {
namespace {

FoundStrategy checked_strategy(const Cell& cell) {
  if (cell.ranks != 1) {
    throw ExitError(ExitCode::kUsage,
                    "cell " + cell.id + ": ranks = " + std::to_string(cell.ranks) + ", expected 1");
  }
  if (const Status status = check_policy(cell.policy); !status) {
    throw ExitError(ExitCode::kUsage, "cell " + cell.id + ": " + status.error().message);
  }
  if (const auto params = check_strategy(cell.strategy); !params) {
    throw ExitError(ExitCode::kUsage, "cell " + cell.id + ": " + params.error().message);
  }
  auto found = find_strategy(cell.strategy);
  if (!found) throw ExitError(ExitCode::kUsage, found.error().message);
  return std::move(found).value();
}

JournalWriter open_journal(const Job& job) {
  auto journal = JournalWriter::open(job.journal_path, 0);
  if (!journal) throw ExitError(ExitCode::kHarness, journal.error().message);
  return std::move(journal).value();
}

}  // namespace

JobContext::JobContext(const Job& job, const MakeDevice& make_device)
    : job_(job),
      start_ns_(now_ns()),
      torch_threads_(set_torch_threads(job.cell.threads)),
      strategy_(checked_strategy(job.cell)),
      device_(make_device(job.cell.device)),
      journal_(open_journal(job)),
      observer_(journal_, job.cell.policy.contents) {
  journal_.append({.event = Event::kStart, .detail = std::string(job_role_name(job.role))});
}

Result<std::unique_ptr<Strategy>> JobContext::make_strategy(Observer& observer, Device& device) {
  const StrategyContext context{.device = device,
                                .comm = comm_,
                                .observer = observer,
                                .trace = trace_,
                                .directory = job_.checkpoint_dir,
                                .run_id = job_.run_id,
                                .training_threads = training_threads()};
  return guarded([&] { return ckptbench::make_strategy(job_.cell.strategy, context); });
}

// Where a GPU trains, its host thread alone is busy.
uint64_t JobContext::training_threads() const {
  return job_.cell.device == "cpu" ? torch_threads_ : 1;
}

Deadline JobContext::save_deadline() const {
  const double wait_s = kMostDeadlines * job_.cell.deadline_s;
  return std::chrono::steady_clock::now() +
         std::chrono::nanoseconds(static_cast<int64_t>(wait_s * 1e9));
}

void JobContext::write_report(const nlohmann::json& report) const {
  if (job_.report_path.empty()) return;
  const std::string text = json_text(report, 1) + "\n";
  const Status status = write_file_atomically(job_.report_path, text, Sync::kNo);
  if (!status) throw ExitError(ExitCode::kHarness, status.error().message);
}

}  // namespace ckptbench
