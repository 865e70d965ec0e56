#include "harness/worker/measure.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "harness/platform/clock.h"
#include "harness/platform/files.h"
#include "harness/platform/unique_fd.h"
#include "harness/worker/block_runner.h"
#include "harness/worker/counting_device.h"
#include "harness/worker/folder_scan.h"
#include "harness/worker/guard.h"
#include "harness/worker/measure_plan.h"
#include "harness/worker/measure_probes.h"
#include "harness/worker/memory_watch.h"
#include "harness/worker/train.h"

namespace ckptbench {
namespace {

constexpr uint64_t kWarmUpSteps = 5;
constexpr uint64_t kPilotSaves = 2;
constexpr uint64_t kAccountedSaves = 3;
constexpr uint64_t kMaxSaves = 20'000;
constexpr uint64_t kMaxLossPoints = 500;

class Measurement {
 public:
  explicit Measurement(JobContext& context)
      : context_(context),
        cell_(context.cell()),
        folder_(context.job().checkpoint_dir),
        device_(context.device()),
        state_(cell_, device_),
        log_(kMaxSaves, nullptr),
        trainer_(cell_.policy, state_, 0, Listens::kNo) {
    folder_fd_.reset(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder_fd_) {
      throw ExitError(ExitCode::kEnvironment, folder_ + ": " + std::strerror(errno));
    }
  }

  ExitCode run() {
    warm_up();
    level_bytes_ = pss_now();
    empty_bytes_ = bytes_in_folder();
    auto strategy = context_.make_strategy(log_, device_);
    if (!strategy) throw ExitError(ExitCode::kEnvironment, strategy.error().message);
    strategy_ = std::move(strategy).value();
    saver_.emplace(cell_.policy, *strategy_, log_, nullptr);
    hook_.emplace(*strategy_);
    runner_.emplace(state_, trainer_, *hook_, *saver_, log_, device_, context_.patience());
    ExitCode code = ExitCode::kOk;
    try {
      measure();
    } catch (const StrategyBroken& broken) {
      record_.error = fmt::format("strategy {} after step {}: {}", cell_.strategy.name,
                                  trainer_.step(), broken.what());
      code = ExitCode::kNotAllowed;
    }
    report();
    context_.journal().append({.event = Event::kEnd, .step = trainer_.step()});
    return code;
  }

 private:
  void measure() {
    first_save();
    pilot_saves();
    plan_ = plan_blocks(cell_, pilot_);
    if (plan_.saves == 0) {
      throw ExitError(ExitCode::kUsage, "cell " + cell_.id + ": its policy saves in no block");
    }
    runner_->reserve(4 * plan_.steps * plan_.pairs + 1000);
    for (uint64_t group = 0; group < plan_.pairs; ++group) measure_group();
    probes_.reset();
    account();
    save_for_restore();
    strategy_.reset();
  }

  void add(const std::string& metric, double value) { samples_[metric].push_back(value); }

  static uint64_t pss_now() {
    const auto bytes = tree_pss_bytes(::getpid());
    if (!bytes) throw ExitError(ExitCode::kEnvironment, bytes.error().message);
    return bytes.value();
  }

  FolderScan scan() const {
    auto found = scan_folder(folder_);
    if (!found) throw ExitError(ExitCode::kHarness, found.error().message);
    return std::move(found).value();
  }

  uint64_t bytes_in_folder() const {
    const auto bytes = disk_bytes(folder_);
    if (!bytes) throw ExitError(ExitCode::kHarness, bytes.error().message);
    return bytes.value();
  }

  int64_t sync_file_system() const {
    const int64_t begin_ns = now_ns();
    if (::syncfs(folder_fd_.get()) != 0) {
      throw ExitError(ExitCode::kHarness, folder_ + ": syncfs: " + std::strerror(errno));
    }
    return now_ns() - begin_ns;
  }

  void warm_up() {
    NoHook hook;
    for (uint64_t i = 0; i < kWarmUpSteps; ++i) {
      device_.synchronize();
      const int64_t begin_ns = now_ns();
      trainer_.advance(hook);
      device_.synchronize();
      // The last one: the first pays for what later ones reuse.
      pilot_.step_ns = now_ns() - begin_ns;
    }
  }

  // The newest request: its time from request to durable; nothing where it did not become so.
  std::optional<int64_t> persist_ns(uint64_t slot) const {
    const int64_t durable = log_.at(slot).durable_ns.load();
    if (durable == 0) return std::nullopt;
    return durable - log_.at(slot).requested_ns;
  }

  void first_save() {
    runner_->step(false);
    runner_->save_now();
    runner_->settle();
    const SaveSlot& slot = log_.at(0);
    add("first_block_ns", static_cast<double>(slot.returned_ns - slot.requested_ns));
    if (const auto ns = persist_ns(0)) add("first_persist_ns", static_cast<double>(*ns));
  }

  void pilot_saves() {
    Written written;
    for (uint64_t i = 0; i < kPilotSaves; ++i) {
      runner_->step(false);
      const FolderScan before = scan();
      saver_->before_retention([&] { written = written_between(before, scan()); });
      const int64_t begin_ns = now_ns();
      runner_->save_now();
      runner_->settle();
      sync_file_system();
      pilot_.save_ns = now_ns() - begin_ns;
      const SaveSlot& slot = log_.at(log_.size() - 1);
      pilot_.persist_ns = persist_ns(log_.size() - 1).value_or(0);
      pilot_.block_ns = slot.returned_ns - slot.requested_ns;
      saver_->before_retention([] {});
    }
    const bool fsync = survives_of(log_.at(log_.size() - 1)).power;
    probes_.emplace(context_.job().scratch_dir, written, fsync, state_.view().logical_bytes());
    pilot_.probe_ns = probes_->run(nullptr);
    pilot_.elapsed_ns = now_ns() - context_.start_ns();
  }

  // Blocks with saves begin with one, so that every save but the last is followed by as many steps.
  void align() {
    const uint64_t interval = cell_.policy.every_steps;
    if (interval == 0) return;
    while ((trainer_.step() + 1) % interval != 0) runner_->step(false);
  }

  BlockTimes plain_block() {
    const BlockTimes times = runner_->run(plan_.steps, false);
    add("step_ns", static_cast<double>(times.wall_ns) / static_cast<double>(plan_.steps));
    sync_file_system();
    return times;
  }

  BlockTimes saving_block() {
    context_.trace().reset_totals();
    const auto io_before = io_written_bytes();
    const BlockTimes times = runner_->run(plan_.steps, true);
    const int64_t debt_ns = sync_file_system();
    const uint64_t saves = saves_in(times);
    requested_saves_ += times.end_slot - times.first_slot;
    if (saves == 0) return times;
    const auto count = static_cast<double>(saves);
    add("tail_ns", static_cast<double>(times.tail_ns));
    add("debt_ns", static_cast<double>(debt_ns));
    const auto io_after = io_written_bytes();
    if (io_before && io_after) {
      add("io_written_bytes", static_cast<double>(io_after.value() - io_before.value()) / count);
    }
    add_saves(times.first_slot, times.end_slot);
    add_phases(count);
    return times;
  }

  bool skipped(uint64_t slot) const {
    for (const Saver::Decided& decided : saver_->decided()) {
      if (decided.slot == slot) return std::holds_alternative<Skipped>(decided.outcome);
    }
    return false;
  }

  uint64_t saves_in(const BlockTimes& times) const {
    uint64_t saves = 0;
    for (uint64_t i = times.first_slot; i < times.end_slot; ++i) saves += skipped(i) ? 0 : 1;
    return saves;
  }

  bool has_gpu() const { return cell_.device != "cpu"; }

  void add_saves(uint64_t first, uint64_t end) {
    for (uint64_t i = first; i < end; ++i) {
      const SaveSlot& slot = log_.at(i);
      if (skipped(i)) continue;
      // With a GPU the training stream may still be busy here: parts are timed in account().
      if (!has_gpu()) {
        add("block_ns", static_cast<double>(slot.returned_ns - slot.requested_ns));
      }
      if (const auto ns = persist_ns(i)) add("persist_ns", static_cast<double>(*ns));
    }
  }

  void add_phases(double saves) {
    const auto totals = context_.trace().totals();
    for (int i = 0; i < kPhaseCount; ++i) {
      const PhaseTotal& total = totals[static_cast<size_t>(i)];
      if (total.count == 0) continue;
      add(fmt::format("phase_{}_ns", phase_name(static_cast<Phase>(i))),
          static_cast<double>(total.total_ns) / saves);
    }
  }

  void add_pair(const BlockTimes& plain, const BlockTimes& saving) {
    const auto without = static_cast<double>(plain.wall_ns);
    const auto with = static_cast<double>(saving.wall_ns);
    add("paired_ratio", with / without);
    add("overhead_pct", 100 * (with - without) / without);
    const auto saves = static_cast<double>(saves_in(saving));
    if (saves == 0) return;
    const double stall = (with - without) / saves;
    const double gate = static_cast<double>(saving.gate_ns - plain.gate_ns) / saves;
    add("stall_ns", stall);
    add("gate_ns", gate);
    add("interference_ns", stall - static_cast<double>(saving.block_ns) / saves - gate);
  }

  void measure_group() {
    align();
    sync_file_system();
    const BlockTimes first_plain = plain_block();
    const BlockTimes first_saving = saving_block();
    const BlockTimes second_saving = saving_block();
    const BlockTimes second_plain = plain_block();
    add_pair(first_plain, first_saving);
    add_pair(second_plain, second_saving);
    probes_->run(&samples_);
  }

  // Bytes and memory of a few more saves, watched from beside; nothing of this is timed but, with a
  // GPU, the block of a save that finds the GPU idle.
  void account() {
    MemoryWatch watch(folder_);
    for (uint64_t i = 0; i < kAccountedSaves; ++i) {
      runner_->step(false);
      device_.synchronize();
      const FolderScan before = scan();
      saver_->before_retention([&] {
        add("written_bytes", static_cast<double>(written_between(before, scan()).bytes));
      });
      runner_->save_now();
      const SaveSlot& slot = log_.at(log_.size() - 1);
      if (has_gpu()) add("block_ns", static_cast<double>(slot.returned_ns - slot.requested_ns));
      runner_->step(false);
      runner_->settle();
      saver_->before_retention([] {});
      const uint64_t retained = bytes_in_folder();
      add("retained_bytes", static_cast<double>(retained - std::min(retained, empty_bytes_)));
    }
    watch.stop();
    const uint64_t peak = watch.peak_bytes();
    add("peak_extra_host_bytes",
        peak > level_bytes_ ? static_cast<double>(peak - level_bytes_) : 0.0);
    if (has_gpu()) {
      add("peak_extra_pinned_bytes", static_cast<double>(device_.peak_host_bytes()));
    }
    record_.observed["memory_samples"] = watch.samples();
    record_.observed["direct_io"] = watch.open_files_seen() == 0
                                        ? nlohmann::json(nullptr)
                                        : nlohmann::json(watch.direct_files_seen() > 0);
  }

  // What the restore cells find, and the digests that they are verified against.
  void save_for_restore() {
    runner_->step(false);
    JournalObserver& observer = context_.observer();
    journal_step(context_.journal(), state_, trainer_.step(), trainer_.loss());
    context_.journal().append({.event = Event::kRequested,
                               .step = trainer_.step(),
                               .contents = std::string(contents_name(cell_.policy.contents))});
    runner_->save_now();
    runner_->settle();
    const SaveSlot& slot = log_.at(log_.size() - 1);
    const bool durable = slot.durable_ns.load() != 0;
    if (durable) observer.durable(slot.step, slot.seq.load(), survives_of(slot));
    record_.observed["restorable_step"] =
        durable ? nlohmann::json(slot.step) : nlohmann::json(nullptr);
  }

  void report() {
    record_.cell = cell_;
    add("logical_bytes", static_cast<double>(state_.view().logical_bytes()));
    add("parameters", static_cast<double>(parameters()));
    for (auto& [metric, values] : samples_) record_.samples.push_back({metric, 0, values});
    add_losses();
    observe_settings();
    observe_saves();
    context_.write_report(record_);
  }

  uint64_t parameters() {
    uint64_t count = 0;
    for (const TensorView& tensor : state_.view().tensors) {
      if (tensor.role != Role::kParameter || tensor.alias_of) continue;
      count += tensor.bytes / dtype_bytes(tensor.dtype);
    }
    return count;
  }

  void add_losses() {
    const std::vector<double>& losses = runner_->losses();
    const size_t stride = losses.size() / kMaxLossPoints + 1;
    for (size_t i = 0; i < losses.size(); i += stride) {
      record_.losses.push_back({kWarmUpSteps + 1 + i, losses[i], "trained"});
    }
  }

  void observe_settings() {
    nlohmann::json& seen = record_.observed;
    seen["device"] = device_.name();
    seen["requested_threads"] = cell_.threads;
    seen["threads"] = context_.torch_threads();
    seen["requested_block_steps"] = cell_.steps;
    seen["block_steps"] = plan_.steps;
    seen["requested_pairs"] = cell_.pairs;
    seen["pairs"] = plan_.pairs;
    seen["saves_per_block"] = plan_.saves;
    seen["spans_three_persists"] = plan_.spans_three_persists;
    seen["claimed_survives"] = to_text(context_.strategy().info.survives);
    const auto params = check_strategy(cell_.strategy);
    seen["strategy_params"] = params ? params.value().values() : ParamText{};
    const auto workload = check_workload(cell_.workload);
    seen["workload_params"] = workload ? workload.value().values() : ParamText{};
  }

  void observe_saves() {
    nlohmann::json& seen = record_.observed;
    uint64_t skips = 0;
    uint64_t failures = 0;
    std::string first_failure;
    for (const Saver::Decided& decided : saver_->decided()) {
      skips += std::holds_alternative<Skipped>(decided.outcome) ? 1 : 0;
      const auto* failed = std::get_if<Failed>(&decided.outcome);
      if (failed == nullptr) continue;
      if (failures++ == 0) first_failure = failed->reason;
    }
    seen["requested_saves"] = log_.size();
    seen["measured_saves"] = requested_saves_;
    seen["skipped_saves"] = skips;
    seen["failed_saves"] = failures;
    record_.samples.push_back({"skipped_saves", 0, {static_cast<double>(skips)}});
    record_.samples.push_back({"failed_saves", 0, {static_cast<double>(failures)}});
    seen["first_failure"] = first_failure;
    seen["retention_error"] = saver_->retention_error();
    seen["survives"] = log_.size() > 0 ? to_text(survives_of(log_.at(log_.size() - 1))) : "";
  }

  JobContext& context_;
  const Cell& cell_;
  std::string folder_;
  UniqueFd folder_fd_;
  CountingDevice device_;
  TrainingState state_;
  SaveLog log_;
  Trainer trainer_;
  std::unique_ptr<Strategy> strategy_;
  std::optional<Saver> saver_;
  std::optional<TimedHook> hook_;
  std::optional<BlockRunner> runner_;
  std::optional<MeasureProbes> probes_;
  Pilot pilot_;
  BlockPlan plan_;
  uint64_t level_bytes_ = 0;  // PSS before the first save
  uint64_t empty_bytes_ = 0;  // of the folder itself
  uint64_t requested_saves_ = 0;
  SampleMap samples_;
  Record record_;
};

}  // namespace

ExitCode run_measure(JobContext& context) {
  return Measurement(context).run();
}

}  // namespace ckptbench
