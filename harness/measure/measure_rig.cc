#include "harness/measure/measure_rig.h"

#include "harness/measure/saved_part.h"
#include "harness/platform/clock.h"

namespace ckptbench {
namespace {

constexpr uint64_t kMaxSaves = 20'000;

}  // namespace

MeasureRig::MeasureRig(JobContext& job)
    : context(job),
      folder(job.job().checkpoint_dir),
      device(job.device()),
      state(job.cell(), device),
      log(kMaxSaves, nullptr),
      trainer(job.cell().policy, state, 0, Listens::kNo) {}

int64_t MeasureRig::warm_up() {
  NoHook no_hook;
  int64_t last_ns = 0;
  for (uint64_t i = 0; i < kWarmUpSteps; ++i) {
    device.synchronize_training();
    const int64_t begin_ns = now_ns();
    trainer.advance(no_hook);
    device.synchronize_training();
    last_ns = now_ns() - begin_ns;
  }
  return last_ns;
}

void MeasureRig::train_plain(uint64_t steps) {
  NoHook no_hook;
  for (uint64_t i = 0; i < steps; ++i) trainer.advance(no_hook);
  device.synchronize_training();
}

void MeasureRig::open() {
  auto made = context.make_strategy(log, device);
  if (!made) throw ExitError(ExitCode::kEnvironment, made.error().message);
  strategy = std::move(made).value();
  saver.emplace(cell().policy, *strategy, log, nullptr);
  hook.emplace(*strategy);
  runner.emplace(state, trainer, *hook, *saver, log, device,
                 [this] { return context.save_deadline(); });
}

uint64_t MeasureRig::saved_bytes() {
  return saved_part(state.view(), cell().policy.contents).logical_bytes();
}

std::optional<uint64_t> MeasureRig::written_bytes(uint64_t slot) const {
  if (write_sets.empty()) return std::nullopt;
  return write_sets[slot % write_sets.size()].bytes;
}

}  // namespace ckptbench
