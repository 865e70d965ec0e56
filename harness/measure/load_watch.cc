#include "harness/measure/load_watch.h"

#include <algorithm>

#include "harness/platform/clock.h"

namespace ckptbench {
namespace {

int64_t kernel_between(const CpuUse& before, const CpuUse& after) {
  int64_t sum_ns = 0;
  for (const auto& [thread, ns] : after.kernel_ns) {
    const auto known = before.kernel_ns.find(thread);
    sum_ns += ns - (known == before.kernel_ns.end() ? 0 : known->second);
  }
  return sum_ns;
}

}  // namespace

CpuUse LoadWatch::use() const {
  const auto use = cpu_use(root_);
  if (!use) throw ExitError(ExitCode::kEnvironment, use.error().message);
  return use.value();
}

void LoadWatch::begin() {
  begin_ = use();
  begin_ns_ = now_ns();
}

void LoadWatch::end() {
  const int64_t wall_ns = now_ns() - begin_ns_;
  add(begin_, use(), wall_ns);
}

void LoadWatch::add(const CpuUse& before, const CpuUse& after, int64_t wall_ns) {
  const int64_t own_ns = after.tree_ns - before.tree_ns + kernel_between(before, after);
  foreign_ns_ += static_cast<double>(after.busy_ns - before.busy_ns - own_ns);
  stolen_ns_ += static_cast<double>(after.stolen_ns - before.stolen_ns);
  capacity_ns_ += static_cast<double>(wall_ns) * static_cast<double>(after.cores);
}

// Both clocks tick in hundredths of a second, so that a short window may come out below none.
double LoadWatch::share_pct(double ns) const {
  if (capacity_ns_ <= 0) return 0;
  return std::clamp(100 * ns / capacity_ns_, 0.0, 100.0);
}

double LoadWatch::foreign_cpu_pct() const {
  return share_pct(foreign_ns_);
}

double LoadWatch::stolen_cpu_pct() const {
  return share_pct(stolen_ns_);
}

}  // namespace ckptbench
