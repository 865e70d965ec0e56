// Runs one window of steps, with or without saves, and takes its times: the hot path of a measured
// cell. No digests, no journal, no memory beyond what the strategy itself asks for. Borrows
// everything; the training thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "harness/core/record.h"
#include "harness/measure/plain_writer.h"
#include "harness/platform/device.h"
#include "harness/train/saver.h"
#include "harness/train/trainer.h"

namespace ckptbench {

// Forwards the announcement of an update and sums the time that the strategy holds it.
class TimedHook : public UpdateHook {
 public:
  explicit TimedHook(Strategy& strategy) : hook_(strategy) {}
  void before_update(std::span<const TensorView> tensors,
                     std::span<const TensorView> gradients) override;
  int64_t gate_ns() const { return gate_ns_; }

 private:
  StrategyHook hook_;
  int64_t gate_ns_ = 0;
};

// What stands where the policy asks for a save.
enum class AtSaves { kNothing, kSave, kPlainWrite };

// What the harness does on the training thread besides the steps and the saves.
struct BesideTimes {
  int64_t retention_ns = 0;       // listing and deleting
  int64_t retention_wait_ns = 0;  // of that, for the newest save (Saver::retention_wait_ns)
  int64_t asking_ns = 0;          // what has become of the saves under way
};

struct SaveTimes {
  uint64_t slot = 0;         // of the save log
  uint64_t before_step = 0;  // index of the step in the window that follows it
  int64_t block_ns = 0;      // request to return
  BesideTimes beside;        // before and after it, no part of block_ns
};

// A window begins where the policy may ask for a save, after the step before it, and ends where it
// may ask for the next one: each save is followed by as many steps. Every part is the gap between
// two points, so the parts add up to the whole: wall_ns = sum of step_ns + block_ns + retention_ns
// + asking_ns. The gate is part of the steps. The saves under way are asked about after every step
// of a window with saves, and around each save.
struct WindowTimes {
  int64_t wall_ns = 0;             // to the end of the last step, saves included
  std::vector<int64_t> step_ns;    // each step, without the save before it
  std::vector<SaveTimes> saves;    // kSave
  std::vector<uint64_t> written;   // kPlainWrite: index of the step that follows each write
  std::vector<BesideTimes> polls;  // kSave: after each step, no part of step_ns
  int64_t block_ns = 0;            // of all saves
  int64_t retention_ns = 0;        // of all saves, that of the polls included
  int64_t retention_wait_ns = 0;   // of that
  int64_t asking_ns = 0;           // likewise
  int64_t gate_ns = 0;             // held in before_update
  int64_t tail_ns = 0;             // from the last step until every save is decided
  int64_t drain_ns = 0;            // from then until what retention let go is deleted
  // The training thread could have run, and waited for a processor; where the kernel counts it.
  std::optional<int64_t> run_delay_ns;
  int64_t steps_ns() const;  // sum of step_ns
};

class WindowRunner {
 public:
  WindowRunner(RunState& state, Trainer& trainer, TimedHook& hook, Saver& saver, const SaveLog& log,
               Device& device, std::function<Deadline()> save_deadline)
      : state_(state),
        trainer_(trainer),
        hook_(hook),
        saver_(saver),
        log_(log),
        device_(device),
        timeline_(device.make_timeline()),
        save_deadline_(std::move(save_deadline)) {}

  // `writer`: for kPlainWrite. Throws StrategyBroken; ExitError(kHarness) when a save stays
  // undecided or a plain write fails.
  WindowTimes run(uint64_t steps, AtSaves at_saves, PlainWriter* writer = nullptr);
  // One save or plain write, or nothing, and `steps` after it, right before run(), of which no time
  // is taken: the window then begins as it ends, with one under way.
  void lead_in(uint64_t steps, AtSaves at_saves, PlainWriter* writer = nullptr);
  // One step without a save.
  void step();
  // The policy asks for a save after the step that was the last so far.
  bool save_is_due() const { return next_.save(); }
  // A save of the state as it is, whatever the policy says.
  void save_now();
  void settle();

  // The loss of every step so far, in order.
  const std::vector<double>& losses() const { return losses_; }
  void reserve(uint64_t steps) { losses_.reserve(losses_.size() + steps); }

 private:
  void train();
  BesideTimes beside() const;  // so far
  // Asks what has become of the saves under way.
  BesideTimes poll();
  void request();
  SaveTimes timed_request(uint64_t step);
  void begin_save(WindowTimes& times, uint64_t step, AtSaves at_saves, PlainWriter* writer);
  void run_steps(WindowTimes& times, uint64_t steps, AtSaves at_saves, PlainWriter* writer);
  // Throws ExitError(kHarness) where one is not decided in time.
  void decide_saves();
  void finish(WindowTimes& times, PlainWriter* writer);
  void read(WindowTimes& times);

  RunState& state_;
  Trainer& trainer_;
  TimedHook& hook_;
  Saver& saver_;
  const SaveLog& log_;
  Device& device_;
  std::unique_ptr<Timeline> timeline_;
  std::function<Deadline()> save_deadline_;  // of a save that is asked about now
  Decision next_;                            // after the last step
  std::vector<double> losses_;
};

}  // namespace ckptbench
