// What a measured cell works with: the training, the strategy under test, and the samples taken so
// far. Owns all of it; its parts are public, because those that measure (window sampler,
// accounting, report) borrow them. The training thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/measure/counting_device.h"
#include "harness/measure/measure_probes.h"
#include "harness/measure/measured_folder.h"
#include "harness/measure/window_runner.h"
#include "harness/train/job_context.h"
#include "harness/train/run_state.h"
#include "harness/train/save_log.h"

namespace ckptbench {

struct MeasureRig {
  // Steps before the first save, so that later ones pay for nothing that is made once.
  static constexpr uint64_t kWarmUpSteps = 5;

  // Throws ExitError: the folder or the workload cannot be opened.
  explicit MeasureRig(JobContext& context);

  // Trains kWarmUpSteps; the time of the last one, ns.
  int64_t warm_up();
  // Steps without a strategy. Before open().
  void train_plain(uint64_t steps);
  // Opens the strategy; what follows needs it. Throws ExitError(kEnvironment).
  void open();

  const Cell& cell() const { return context.cell(); }
  bool has_gpu() const { return cell().device != "cpu"; }
  void add(const std::string& metric, double value) { samples[metric].push_back(value); }
  // Of the state, what the policy saves.
  uint64_t saved_bytes();
  // What that save wrote, as far as the watched ones tell; nothing where none were watched.
  std::optional<uint64_t> written_bytes(uint64_t slot) const;
  const SaveSlot& newest() const { return log.at(log.size() - 1); }

  JobContext& context;
  MeasuredFolder folder;
  CountingDevice device;
  RunState state;
  SaveLog log;
  Trainer trainer;
  std::unique_ptr<Strategy> strategy;
  std::optional<Saver> saver;
  std::optional<TimedHook> hook;
  std::optional<WindowRunner> runner;
  SampleMap samples;
  // What saves write, one after another (watch_saves): the one in slot n of the log the set
  // n % size().
  std::vector<Written> write_sets;
};

}  // namespace ckptbench
