#include "harness/train/final_poll.h"

#include <algorithm>

namespace ckptbench {
namespace {

using Clock = std::chrono::steady_clock;

// Of the deadline: what is left of it is the time in which the parent looks again.
constexpr double kLongestShare = 0.8;

Clock::duration seconds(double count) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(count));
}

}  // namespace

// A strategy that says nothing before it is waited for is given up soon; one whose saves are known
// to take long is not.
double FinalPoll::quiet_s() const {
  double longest_s = deadline_s_;
  bool knows_one = false;
  for (uint64_t i = 0; i < log_.size(); ++i) {
    const SaveSlot& slot = log_.at(i);
    const int64_t durable_ns = slot.durable_ns.load(std::memory_order_relaxed);
    if (durable_ns == 0) continue;
    const double save_s = static_cast<double>(durable_ns - slot.requested_ns) * 1e-9;
    longest_s = knows_one ? std::max(longest_s, save_s) : save_s;
    knows_one = true;
  }
  return std::min(kLongestShare * deadline_s_, 0.5 * deadline_s_ + longest_s);
}

bool FinalPoll::run(Deadline end) {
  size_t decided = saver_.decided().size();
  uint64_t operations = operations_();
  Deadline give_up = Clock::now() + seconds(quiet_s());
  const Clock::duration slice = seconds(deadline_s_ / 50);
  while (!saver_.poll(std::min({Clock::now() + slice, give_up, end}))) {
    const bool progress = saver_.decided().size() != decided || operations_() != operations;
    decided = saver_.decided().size();
    operations = operations_();
    if (progress) give_up = Clock::now() + seconds(quiet_s());
    if (Clock::now() >= std::min(give_up, end)) return false;
  }
  return true;
}

}  // namespace ckptbench
