#include "harness/measure/measure_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "harness/core/json_text.h"
#include "harness/core/observed_keys.h"
#include "harness/measure/accounting.h"
#include "harness/measure/measure_plan.h"
#include "harness/measure/measure_report.h"
#include "harness/measure/measure_rig.h"
#include "harness/measure/pilot_saves.h"
#include "harness/measure/stop_rule.h"
#include "harness/measure/watched_saves.h"
#include "harness/measure/window_sampler.h"
#include "harness/measure/write_cycle.h"
#include "harness/platform/clock.h"
#include "harness/train/guard.h"
#include "harness/train/train.h"

namespace ckptbench {
namespace {

constexpr double kPilotShare = 0.05;  // of the deadline, for watching what saves write

class Measurement {
 public:
  explicit Measurement(JobContext& context) : rig_(context) {}

  ExitCode run() {
    pilot_.step_ns = rig_.warm_up();
    load_code();
    Accounting accounting(rig_);
    rig_.open();
    ExitCode code = ExitCode::kOk;
    try {
      measure(accounting);
    } catch (const StrategyBroken& broken) {
      record_.error = fmt::format("strategy {} after step {}: {}", rig_.cell().strategy.name,
                                  rig_.trainer.step(), broken.what());
      code = ExitCode::kNotAllowed;
    }
    fill_report(rig_, plan_, sampler_.saved(), record_);
    rig_.context.write_report(record_);
    rig_.context.journal().append({.event = Event::kEnd, .step = rig_.trainer.step()});
    return code;
  }

 private:
  // Interpreter and imports belong to no save, so they are there before memory is first looked at.
  void load_code() const {
    const Status loaded = preload_strategy(rig_.cell().strategy);
    if (!loaded) throw ExitError(ExitCode::kEnvironment, loaded.error().message);
  }

  void measure(Accounting& accounting) {
    pilot_saves(first_save());
    plan_ = plan_windows(rig_.cell(), pilot_);
    if (plan_.saves == 0) {
      throw ExitError(ExitCode::kUsage,
                      "cell " + rig_.cell().id + ": its policy saves in no window");
    }
    if (std::string reason = why_too_long(rig_.cell(), plan_); !reason.empty()) {
      throw ExitError(ExitCode::kUsage, std::move(reason));
    }
    warm_up();
    rig_.runner->reserve(6 * (plan_.steps + plan_.lead_steps) * plan_.groups + 1000);
    windows();
    if (writer_ && writer_->mean_bytes() > 0) rig_.add("floor_bytes", writer_->mean_bytes());
    probes_.reset();
    writer_.reset();
    accounting.run(record_.observed);
    save_for_restore();
    rig_.strategy.reset();
  }

  // What ran on the machine before is not what is measured.
  void warm_up() {
    SteadyWatch watch(std::max(plan_.expected_ns, row_budget_ns(rig_.cell(), pilot_)),
                      pilot_.step_ns);
    sampler_.warm_up(watch, writer_ ? &*writer_ : nullptr);
    record_.observed[observed::kWarmUpSteps] = watch.steps();
    record_.observed[observed::kWarmUpSteady] = watch.steady();
    pilot_.elapsed_ns = now_ns() - rig_.context.start_ns();
  }

  void windows() {
    StopRule rule(rig_.cell(), plan_.groups, pilot_);
    const int64_t begin_ns = now_ns();
    uint64_t groups = 0;
    std::string_view stopped_by;
    while (stopped_by.empty()) {
      sampler_.group(*probes_, writer_ ? &*writer_ : nullptr);
      stopped_by = rule.reason(++groups, now_ns() - begin_ns, rig_.samples["stall_ns"]);
    }
    record_.observed[observed::kPairs] = 2 * groups;
    record_.observed[observed::kForeignCpuPct] = sampler_.load().foreign_cpu_pct();
    record_.observed[observed::kStolenCpuPct] = sampler_.load().stolen_cpu_pct();
    record_.observed[observed::kStoppedBy] = plan_.cut ? observed::kByDeadline : stopped_by;
  }

  // What it wrote.
  Written first_save() {
    rig_.add("prepare_ns", static_cast<double>(rig_.saver->prepare(rig_.state.view())));
    const WatchedSave save = watched_save(rig_);
    const SaveSlot& slot = rig_.log.at(0);
    rig_.add("first_block_ns", static_cast<double>(slot.returned_ns - slot.requested_ns));
    if (const auto ns = rig_.log.persist_ns(0))
      rig_.add("first_persist_ns", static_cast<double>(*ns));
    return save.written;
  }

  void pilot_saves(const Written& first) {
    const auto limit_ns = static_cast<int64_t>(kPilotShare * rig_.cell().deadline_s * 1e9);
    const PilotSaves saves = watch_saves(rig_, first, limit_ns, pilot_);
    rig_.add("written_bytes", mean_bytes(rig_.write_sets));
    record_.observed["watched_saves"] = saves.watched;
    record_.observed["cycle_saves"] = saves.cycle;
    size_probes(saves);
    pilot_.floor = writer_.has_value();
    pilot_.probe_ns = WindowSampler::kProbesPerGroup * probes_->run(nullptr);
    pilot_.elapsed_ns = now_ns() - rig_.context.start_ns();
  }

  void size_probes(const PilotSaves& saves) {
    const WatchedSaves watched = watched_saves();
    const bool power = survives_of(rig_.newest()).power;
    const std::string& scratch = rig_.context.job().scratch_dir;
    const Written average = average_of(rig_.write_sets);
    const PlainSave save = watched.plain(average, power);
    probes_.emplace(scratch, save, average.bytes, rig_.saved_bytes(),
                    rig_.has_gpu() ? &rig_.context.device() : nullptr);
    probes_->choose_shapes();
    record_.observed[observed::kProbeShape] = probes_->shapes();
    record_.observed[observed::kProbeSequence] = sequence_text(save.sequence);
    record_.observed[observed::kProbeSequenceSeen] = !watched.saves.empty();
    if (average.bytes == 0) return;
    std::vector<PlainSave> plain;
    for (const Written& written : rig_.write_sets) plain.push_back(watched.plain(written, power));
    writer_.emplace(scratch, plain, saves.in_save);
  }

  // By a process of this cell that ended before; none where the job is done by itself.
  WatchedSaves watched_saves() const {
    auto watched = WatchedSaves::beside(rig_.context.job().report_path);
    if (!watched) throw ExitError(ExitCode::kHarness, watched.error().message);
    return std::move(watched).value();
  }

  // What the restore cells find, and the digests that they are verified against.
  void save_for_restore() {
    rig_.runner->step();
    JournalObserver& observer = rig_.context.observer();
    journal_step(rig_.context.journal(), rig_.state, rig_.trainer.step(), rig_.trainer.loss());
    rig_.context.journal().append(
        {.event = Event::kRequested,
         .step = rig_.trainer.step(),
         .contents = std::string(contents_name(rig_.cell().policy.contents))});
    rig_.runner->save_now();
    // A save that still reads the live tensors must not get away with it.
    rig_.runner->step();
    rig_.device.synchronize_training();
    rig_.runner->settle();
    const SaveSlot& slot = rig_.newest();
    const bool durable = slot.durable_ns.load() != 0;
    if (durable) observer.durable(slot.step, slot.seq.load(), survives_of(slot));
    record_.observed["restorable_step"] =
        durable ? nlohmann::json(slot.step) : nlohmann::json(nullptr);
  }

  MeasureRig rig_;
  std::optional<MeasureProbes> probes_;
  std::optional<PlainWriter> writer_;  // of the interference floor
  Pilot pilot_;
  WindowPlan plan_;
  WindowSampler sampler_{rig_, plan_};
  Record record_;
};

}  // namespace

ExitCode run_measure(JobContext& context) {
  return Measurement(context).run();
}

}  // namespace ckptbench
