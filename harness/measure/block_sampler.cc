#include "harness/measure/block_sampler.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "harness/core/order_statistics.h"
#include "harness/platform/proc.h"

namespace ckptbench {
namespace {

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return quantile_of_sorted(values, 0.5);
}

// Of each step, how many it comes after the newest save; 0: the block has had none yet.
std::vector<uint64_t> lags_of(const BlockTimes& saving) {
  std::vector<uint64_t> lags;
  uint64_t lag = 0;
  size_t save = 0;
  for (uint64_t i = 0; i < saving.step_ns.size(); ++i) {
    if (save > 0) ++lag;
    lags.push_back(lag);
    if (save < saving.saves.size() && saving.saves[save].after_step == i) {
      ++save;
      lag = 0;
    }
  }
  return lags;
}

}  // namespace

std::optional<double> after_save_ns(const BlockTimes& saving) {
  std::vector<double> first_ns;
  std::vector<double> later_ns;
  const std::vector<uint64_t> lags = lags_of(saving);
  for (size_t i = 0; i < lags.size(); ++i) {
    if (lags[i] == 0) continue;
    (lags[i] == 1 ? first_ns : later_ns).push_back(static_cast<double>(saving.step_ns[i]));
  }
  if (first_ns.empty() || later_ns.empty()) return std::nullopt;
  return mean_of(first_ns) - mean_of(later_ns);
}

BlockSampler::BlockSampler(MeasureRig& rig, const BlockPlan& plan)
    : rig_(rig), plan_(plan), load_(::getpid()) {}

// Blocks with saves begin with one, so that every save but the last is followed by as many steps.
void BlockSampler::align() {
  const uint64_t interval = rig_.cell().policy.every_steps;
  if (interval == 0) return;
  while ((rig_.trainer.step() + 1) % interval != 0) rig_.runner->step(false);
}

BlockTimes BlockSampler::run_block(AtSaves at_saves, PlainWriter* writer) {
  load_.begin();
  BlockTimes times = rig_.runner->run(plan_.steps, at_saves, writer);
  load_.end();
  return times;
}

BlockTimes BlockSampler::plain_block() {
  const auto delay_before = own_run_delay_ns();
  BlockTimes times = run_block(AtSaves::kNothing);
  const auto delay_after = own_run_delay_ns();
  if (delay_before && delay_after) {
    rig_.add("run_delay_ns", static_cast<double>(delay_after.value() - delay_before.value()) /
                                 static_cast<double>(plan_.steps));
  }
  rig_.add("step_ns", static_cast<double>(times.wall_ns) / static_cast<double>(plan_.steps));
  rig_.folder.sync();
  return times;
}

BlockTimes BlockSampler::saving_block() {
  rig_.context.trace().reset_totals();
  const auto io_before = io_written_bytes();
  BlockTimes times = run_block(AtSaves::kSave);
  const int64_t debt_ns = rig_.folder.sync();
  const uint64_t saves = saves_in(times);
  requested_saves_ += times.saves.size();
  if (saves == 0) return times;
  const auto count = static_cast<double>(saves);
  rig_.add("tail_ns", static_cast<double>(times.tail_ns));
  rig_.add("drain_ns", static_cast<double>(times.drain_ns));
  rig_.add("debt_ns", static_cast<double>(debt_ns));
  const auto io_after = io_written_bytes();
  if (io_before && io_after) {
    rig_.add("io_written_bytes", static_cast<double>(io_after.value() - io_before.value()) / count);
  }
  add_saves(times);
  add_phases(count);
  return times;
}

BlockTimes BlockSampler::written_block(PlainWriter* writer) {
  if (writer == nullptr) return {};
  BlockTimes times = run_block(AtSaves::kPlainWrite, writer);
  rig_.folder.sync();
  return times;
}

bool BlockSampler::skipped(uint64_t slot) const {
  for (const Saver::Decided& decided : rig_.saver->decided()) {
    if (decided.slot == slot) return std::holds_alternative<Skipped>(decided.outcome);
  }
  return false;
}

uint64_t BlockSampler::saves_in(const BlockTimes& times) const {
  uint64_t saves = 0;
  for (const SaveTimes& save : times.saves) saves += skipped(save.slot) ? 0 : 1;
  return saves;
}

// Saves of one block are alike: an interval needs one value of each block.
void BlockSampler::add_saves(const BlockTimes& times) {
  std::vector<double> persists_ns;
  for (const SaveTimes& save : times.saves) {
    if (skipped(save.slot)) continue;
    rig_.add("save_block_ns", static_cast<double>(save.block_ns));
    if (const auto ns = rig_.persist_ns(save.slot)) {
      persists_ns.push_back(static_cast<double>(*ns));
      rig_.add("save_persist_ns", persists_ns.back());
    }
  }
  if (!persists_ns.empty()) rig_.add("persist_ns", median_of(std::move(persists_ns)));
}

void BlockSampler::add_phases(double saves) {
  const auto totals = rig_.context.trace().totals();
  for (int i = 0; i < kPhaseCount; ++i) {
    const PhaseTotal& total = totals[static_cast<size_t>(i)];
    if (total.count == 0) continue;
    rig_.add(fmt::format("phase_{}_ns", phase_name(static_cast<Phase>(i))),
             static_cast<double>(total.total_ns) / saves);
  }
}

// The four parts come from the gaps of the same two blocks, so they add up to the stall.
void BlockSampler::add_pair(const Pair& pair) {
  const auto without = static_cast<double>(pair.plain.wall_ns);
  const auto with = static_cast<double>(pair.saving.wall_ns);
  rig_.add("paired_ratio", with / without);
  rig_.add("overhead_pct", 100 * (with - without) / without);
  const uint64_t saves = saves_in(pair.saving);
  if (saves == 0) return;
  const auto per_save = [&](int64_t ns) {
    return static_cast<double>(ns) / static_cast<double>(saves);
  };
  const int64_t slower_ns = pair.saving.steps_ns() - pair.plain.steps_ns();
  const int64_t gate_ns = pair.saving.gate_ns - pair.plain.gate_ns;
  rig_.add("stall_ns", per_save(pair.saving.wall_ns - pair.plain.wall_ns));
  rig_.add("block_ns", per_save(pair.saving.block_ns));
  rig_.add("retention_ns", per_save(pair.saving.retention_ns));
  rig_.add("gate_ns", per_save(gate_ns));
  rig_.add("interference_ns", per_save(slower_ns - gate_ns));
  add_lags(pair.plain, pair.saving);
  if (const auto ns = after_save_ns(pair.saving)) rig_.add("after_save_ns", *ns);
  if (pair.written.written.empty()) return;
  rig_.add("interference_floor_ns",
           static_cast<double>(pair.written.steps_ns() - pair.plain.steps_ns()) /
               static_cast<double>(pair.written.written.size()));
}

// Means, so that a block's lags add up to its gate and interference. Lag 0: the steps before the
// first save of the block, which nothing should have slowed.
void BlockSampler::add_lags(const BlockTimes& plain, const BlockTimes& saving) {
  std::array<std::vector<double>, kMaxLag + 1> differences_ns;
  const std::vector<uint64_t> lags = lags_of(saving);
  for (size_t i = 0; i < lags.size(); ++i) {
    if (lags[i] > kMaxLag) continue;
    differences_ns[lags[i]].push_back(static_cast<double>(saving.step_ns[i] - plain.step_ns[i]));
  }
  for (uint64_t lag = 0; lag <= kMaxLag; ++lag) {
    if (differences_ns[lag].empty()) continue;
    rig_.add(fmt::format("step_lag_{}_ns", lag), mean_of(differences_ns[lag]));
  }
}

void BlockSampler::group(MeasureProbes& probes, PlainWriter* writer) {
  align();
  rig_.folder.sync();
  Pair first;
  Pair second;
  first.plain = plain_block();
  first.saving = saving_block();
  first.written = written_block(writer);
  probes.run(&rig_.samples);
  rig_.folder.sync();
  second.written = written_block(writer);
  second.saving = saving_block();
  second.plain = plain_block();
  probes.run(&rig_.samples);
  add_pair(first);
  add_pair(second);
}

}  // namespace ckptbench
