#include "harness/measure/measure_job.h"

#include <fmt/format.h>

#include <optional>

#include "harness/core/json_text.h"
#include "harness/measure/accounting.h"
#include "harness/measure/block_sampler.h"
#include "harness/measure/measure_plan.h"
#include "harness/measure/measure_report.h"
#include "harness/measure/measure_rig.h"
#include "harness/measure/stop_rule.h"
#include "harness/platform/clock.h"
#include "harness/train/guard.h"
#include "harness/train/train.h"

namespace ckptbench {
namespace {

constexpr uint64_t kPilotSaves = 2;

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
    fill_report(rig_, plan_, sampler_.requested_saves(), record_);
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
    first_save();
    pilot_saves();
    plan_ = plan_blocks(rig_.cell(), pilot_);
    if (plan_.saves == 0) {
      throw ExitError(ExitCode::kUsage,
                      "cell " + rig_.cell().id + ": its policy saves in no block");
    }
    if (std::string reason = why_too_long(rig_.cell(), plan_); !reason.empty()) {
      throw ExitError(ExitCode::kUsage, std::move(reason));
    }
    rig_.runner->reserve(6 * plan_.steps * plan_.groups + 1000);
    blocks();
    probes_.reset();
    writer_.reset();
    accounting.run(record_.observed);
    save_for_restore();
    rig_.strategy.reset();
  }

  void blocks() {
    const StopRule rule(rig_.cell(), plan_.groups, pilot_);
    const int64_t begin_ns = now_ns();
    uint64_t groups = 0;
    std::string_view stopped_by;
    while (stopped_by.empty()) {
      sampler_.group(*probes_, writer_ ? &*writer_ : nullptr);
      stopped_by = rule.reason(++groups, now_ns() - begin_ns, rig_.samples["stall_ns"]);
    }
    record_.observed["pairs"] = 2 * groups;
    record_.observed["foreign_cpu_pct"] = sampler_.load().foreign_cpu_pct();
    record_.observed["stolen_cpu_pct"] = sampler_.load().stolen_cpu_pct();
    record_.observed["stopped_by"] = plan_.cut ? "deadline" : stopped_by;
  }

  void first_save() {
    rig_.add("prepare_ns", static_cast<double>(rig_.saver->prepare(rig_.state.view())));
    rig_.runner->step(false);
    rig_.runner->save_now();
    rig_.runner->settle();
    const SaveSlot& slot = rig_.log.at(0);
    rig_.add("first_block_ns", static_cast<double>(slot.returned_ns - slot.requested_ns));
    if (const auto ns = rig_.persist_ns(0)) rig_.add("first_persist_ns", static_cast<double>(*ns));
  }

  void pilot_saves() {
    Written written;
    for (uint64_t i = 0; i < kPilotSaves; ++i) {
      rig_.runner->step(false);
      const FolderScan before = rig_.folder.scan();
      rig_.saver->before_retention([&] { written = written_between(before, rig_.folder.scan()); });
      const int64_t begin_ns = now_ns();
      rig_.runner->save_now();
      rig_.runner->settle();
      rig_.folder.sync();
      pilot_.save_ns = now_ns() - begin_ns;
      const SaveSlot& slot = rig_.newest();
      pilot_.persist_ns = rig_.persist_ns(rig_.log.size() - 1).value_or(0);
      pilot_.block_ns = slot.returned_ns - slot.requested_ns;
      rig_.saver->before_retention([] {});
    }
    const bool fsync = survives_of(rig_.newest()).power;
    probes_.emplace(rig_.context.job().scratch_dir, written, fsync,
                    rig_.state.view().logical_bytes(),
                    rig_.has_gpu() ? &rig_.context.device() : nullptr);
    probes_->choose_shapes();
    record_.observed["probe_shape"] = probes_->shapes();
    if (written.bytes > 0) {
      writer_.emplace(rig_.context.job().scratch_dir, written.sizes, fsync,
                      pilot_.persist_ns <= pilot_.block_ns);
      rig_.add("floor_bytes", static_cast<double>(writer_->bytes()));
    }
    pilot_.floor = writer_.has_value();
    pilot_.probe_ns = BlockSampler::kProbesPerGroup * probes_->run(nullptr);
    pilot_.elapsed_ns = now_ns() - rig_.context.start_ns();
  }

  // What the restore cells find, and the digests that they are verified against.
  void save_for_restore() {
    rig_.runner->step(false);
    JournalObserver& observer = rig_.context.observer();
    journal_step(rig_.context.journal(), rig_.state, rig_.trainer.step(), rig_.trainer.loss());
    rig_.context.journal().append(
        {.event = Event::kRequested,
         .step = rig_.trainer.step(),
         .contents = std::string(contents_name(rig_.cell().policy.contents))});
    rig_.runner->save_now();
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
  BlockPlan plan_;
  BlockSampler sampler_{rig_, plan_};
  Record record_;
};

}  // namespace

ExitCode run_measure(JobContext& context) {
  return Measurement(context).run();
}

}  // namespace ckptbench
