#include "harness/measure/block_sampler.h"

#include <fmt/format.h>

#include "harness/measure/memory_watch.h"

namespace ckptbench {

// Blocks with saves begin with one, so that every save but the last is followed by as many steps.
void BlockSampler::align() {
  const uint64_t interval = rig_.cell().policy.every_steps;
  if (interval == 0) return;
  while ((rig_.trainer.step() + 1) % interval != 0) rig_.runner->step(false);
}

BlockTimes BlockSampler::plain_block() {
  const BlockTimes times = rig_.runner->run(plan_.steps, false);
  rig_.add("step_ns", static_cast<double>(times.wall_ns) / static_cast<double>(plan_.steps));
  rig_.folder.sync();
  return times;
}

BlockTimes BlockSampler::saving_block() {
  rig_.context.trace().reset_totals();
  const auto io_before = io_written_bytes();
  const BlockTimes times = rig_.runner->run(plan_.steps, true);
  const int64_t debt_ns = rig_.folder.sync();
  const uint64_t saves = saves_in(times);
  requested_saves_ += times.end_slot - times.first_slot;
  if (saves == 0) return times;
  const auto count = static_cast<double>(saves);
  rig_.add("tail_ns", static_cast<double>(times.tail_ns));
  rig_.add("debt_ns", static_cast<double>(debt_ns));
  const auto io_after = io_written_bytes();
  if (io_before && io_after) {
    rig_.add("io_written_bytes", static_cast<double>(io_after.value() - io_before.value()) / count);
  }
  add_saves(times.first_slot, times.end_slot);
  add_phases(count);
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
  for (uint64_t i = times.first_slot; i < times.end_slot; ++i) saves += skipped(i) ? 0 : 1;
  return saves;
}

void BlockSampler::add_saves(uint64_t first, uint64_t end) {
  for (uint64_t i = first; i < end; ++i) {
    const SaveSlot& slot = rig_.log.at(i);
    if (skipped(i)) continue;
    // With a GPU the training stream may still be busy here: parts are timed by Accounting.
    if (!rig_.has_gpu()) {
      rig_.add("block_ns", static_cast<double>(slot.returned_ns - slot.requested_ns));
    }
    if (const auto ns = rig_.persist_ns(i)) rig_.add("persist_ns", static_cast<double>(*ns));
  }
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

void BlockSampler::add_pair(const BlockTimes& plain, const BlockTimes& saving) {
  const auto without = static_cast<double>(plain.wall_ns);
  const auto with = static_cast<double>(saving.wall_ns);
  rig_.add("paired_ratio", with / without);
  rig_.add("overhead_pct", 100 * (with - without) / without);
  const auto saves = static_cast<double>(saves_in(saving));
  if (saves == 0) return;
  const double stall = (with - without) / saves;
  const double gate = static_cast<double>(saving.gate_ns - plain.gate_ns) / saves;
  rig_.add("stall_ns", stall);
  rig_.add("gate_ns", gate);
  rig_.add("interference_ns", stall - static_cast<double>(saving.block_ns) / saves - gate);
}

void BlockSampler::group(MeasureProbes& probes) {
  align();
  rig_.folder.sync();
  const BlockTimes first_plain = plain_block();
  const BlockTimes first_saving = saving_block();
  probes.run(&rig_.samples);
  rig_.folder.sync();
  const BlockTimes second_saving = saving_block();
  const BlockTimes second_plain = plain_block();
  probes.run(&rig_.samples);
  add_pair(first_plain, first_saving);
  add_pair(second_plain, second_saving);
}

}  // namespace ckptbench
