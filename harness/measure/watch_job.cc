#include "harness/measure/watch_job.h"

#include "faults/fault_log.h"
#include "harness/core/json_text.h"
#include "harness/measure/measure_rig.h"
#include "harness/measure/seen_sequence.h"
#include "harness/measure/watched_saves.h"
#include "harness/train/fault_arm.h"
#include "harness/train/guard.h"
#include "harness/train/plugins.h"

namespace ckptbench {
namespace {

// The first one, into an empty folder, and some that come after another.
constexpr int kWatchedSaves = 4;

class SaveWatch {
 public:
  explicit SaveWatch(JobContext& context) : rig_(context) {}

  ExitCode run() {
    JobContext& context = rig_.context;
    const Status loaded = preload_strategy(rig_.cell().strategy);
    if (!loaded) throw ExitError(ExitCode::kEnvironment, loaded.error().message);
    arm_.arm(context.job(), context.trace());
    rig_.open();
    try {
      rig_.saver->prepare(rig_.state.view());
      for (int i = 0; i < kWatchedSaves; ++i) watch_save();
    } catch (const StrategyBroken&) {
      // The process that measures meets it, too, and reports it.
    }
    context.write_report(watched_);
    context.journal().append({.event = Event::kEnd, .step = rig_.trainer.step()});
    rig_.strategy.reset();
    return ExitCode::kOk;
  }

 private:
  void watch_save() {
    rig_.runner->step();
    rig_.device.synchronize_training();
    const FolderScan before = rig_.folder.scan();
    const size_t begin = operations().size();
    // Retention, and what of it goes on in the background, is no part of the save.
    rig_.saver->before_retention([&] { keep(before, begin); });
    rig_.runner->save_now();
    rig_.runner->settle();
    rig_.saver->before_retention([] {});
  }

  void keep(const FolderScan& before, size_t begin) {
    std::vector<FileOperation> done = operations();
    done.erase(done.begin(), done.begin() + static_cast<ptrdiff_t>(begin));
    const auto seen = seen_sequence(done, written_between(before, rig_.folder.scan()));
    if (seen && !seen->sizes.empty()) watched_.saves.push_back(*seen);
  }

  std::vector<FileOperation> operations() const {
    auto log = read_fault_log(rig_.context.job().fault_log_path);
    if (!log) throw ExitError(ExitCode::kHarness, log.error().message);
    return std::move(log).value().operations;
  }

  MeasureRig rig_;
  FaultArm arm_;
  WatchedSaves watched_;
};

}  // namespace

ExitCode run_watch(JobContext& context) {
  if (context.job().fault_log_path.empty()) {
    throw ExitError(ExitCode::kUsage, "a watch job without a fault log");
  }
  return SaveWatch(context).run();
}

}  // namespace ckptbench
