#include "harness/run/progress_watch.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "harness/platform/proc.h"

namespace ckptbench {
namespace {

// A process that only waits still wakes up now and then: less than this is no work.
constexpr double kBusyShare = 0.05;  // of the deadline
constexpr uint64_t kMovedBytes = uint64_t{1} << 16;

uint64_t size_of(const std::string& path) {
  std::error_code none;
  const auto size = std::filesystem::file_size(path, none);
  return none ? 0 : size;
}

}  // namespace

ProgressWatch::ProgressWatch(const JobFiles& files, double deadline_s)
    : files_(files),
      deadline_s_(deadline_s),
      begin_(Clock::now()),
      progress_(begin_),
      visible_(begin_) {}

double ProgressWatch::seconds_since(Clock::time_point then) const {
  return std::chrono::duration<double>(Clock::now() - then).count();
}

double ProgressWatch::pause_s() const {
  return std::clamp(deadline_s_ / 10, 0.02, 1.0);
}

ProgressWatch::State ProgressWatch::look(pid_t root) {
  const uint64_t journal = size_of(files_.journal);
  const uint64_t log = size_of(files_.faults);
  const uint64_t operations = activity_.look(root);
  const TreeActivity activity = root > 0 ? tree_activity(root) : TreeActivity{};
  const auto moved = static_cast<int64_t>(activity.moved_bytes - moved_bytes_);
  // A process that has ended takes its bytes with it: less is a sign of life, too.
  const bool moves = std::abs(moved) >= static_cast<int64_t>(kMovedBytes);
  const bool writes = journal != journal_bytes_ || log != log_bytes_;
  const bool visible = writes || operations != operations_ || moves;
  const double cpu_s = static_cast<double>(activity.cpu_ns - cpu_ns_) * 1e-9;
  const bool busy = std::abs(cpu_s) >= kBusyShare * deadline_s_;
  if (visible || busy) {
    progress_ = Clock::now();
    cpu_ns_ = activity.cpu_ns;
  }
  if (visible) {
    visible_ = progress_;
    journal_bytes_ = journal;
    log_bytes_ = log;
    operations_ = operations;
    moved_bytes_ = activity.moved_bytes;
  }
  if (seconds_since(progress_) >= deadline_s_) return State::kHangs;
  if (seconds_since(visible_) >= kSpinDeadlines * deadline_s_) return State::kHangs;
  return seconds_since(begin_) >= kMostDeadlines * deadline_s_ ? State::kTooLong : State::kGoing;
}

}  // namespace ckptbench
