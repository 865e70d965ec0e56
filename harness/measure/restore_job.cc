#include "harness/measure/restore_job.h"

#include <filesystem>
#include <optional>

#include "harness/core/json_text.h"
#include "harness/core/observed_keys.h"
#include "harness/core/prng.h"
#include "harness/core/record.h"
#include "harness/measure/last_save.h"
#include "harness/measure/page_cache.h"
#include "harness/measure/read_probe.h"
#include "harness/measure/saved_part.h"
#include "harness/platform/clock.h"
#include "harness/platform/proc.h"
#include "harness/train/fill_pattern.h"
#include "harness/train/guard.h"
#include "harness/train/train.h"
#include "harness/train/trainer.h"

namespace ckptbench {
namespace {

constexpr const char* kSaversJournal = "measure.journal.jsonl";

int64_t process_age_ns() {
  const auto age = own_age_ns();
  if (!age) throw ExitError(ExitCode::kHarness, age.error().message);
  return age.value();
}

// Where the process that saved left it.
LastSave last_save_of(const Job& job) {
  const auto folder = std::filesystem::path(job.journal_path).parent_path();
  auto last = read_last_save((folder / kSaversJournal).string());
  if (!last) throw ExitError(ExitCode::kHarness, last.error().message);
  return std::move(last).value();
}

// What a restore leaves out cannot be right by chance.
Cell with_another_seed(Cell cell) {
  cell.seed = Prng(cell.seed).next();
  return cell;
}

class TimedRestores {
 public:
  TimedRestores(JobContext& context, const ReadIntoCache& read)
      : context_(context),
        cell_(context.cell()),
        folder_(context.job().checkpoint_dir),
        last_(last_save_of(context.job())),
        pages_(context.job().cold ? "cold" : "warm"),
        probe_(folder_),
        read_(read) {}

  ExitCode run() {
    RunState state(with_another_seed(cell_), context_.device());
    record_.cell = cell_;
    record_.observed["claimed_survives"] = to_text(context_.strategy().info.survives);
    for (uint64_t i = 0; i < kRestoresPerProcess && record_.error.empty(); ++i) {
      if (i > 0 && process_age_ns() > most_ns()) break;
      fill_with_pattern(state);
      if (!prepare_cache()) break;
      record_.error = one(state, i == 0);
    }
    for (const auto& [metric, values] : samples_) record_.samples.push_back({metric, 0, values});
    context_.write_report(record_);
    context_.journal().append({.event = Event::kEnd});
    return record_.error.empty() ? ExitCode::kOk : ExitCode::kNotAllowed;
  }

 private:
  // Later restores begin only within this age of the process.
  int64_t most_ns() const { return static_cast<int64_t>(cell_.deadline_s * 1e9 / 2); }

  // A strategy of its own for each, so that none finds what an earlier one has read. Empty:
  // restored, and verified.
  std::string one(RunState& state, bool first) {
    auto strategy = context_.make_strategy(context_.observer(), context_.device());
    if (!strategy) throw ExitError(ExitCode::kEnvironment, strategy.error().message);
    try {
      return restore(*strategy.value(), state, first);
    } catch (const StrategyBroken& broken) {
      return broken.what();
    }
  }

  void fill_with_pattern(RunState& state) {
    const int64_t begin_ns = now_ns();
    StateView wanted = saved_part(state.view(), cell_.policy.contents);
    overwrite_with_pattern(context_.device(), wanted);
    context_.device().synchronize_training();
    apart_ns_ += now_ns() - begin_ns;
  }

  // False: no warm restore can be timed; the record says why.
  bool prepare_cache() {
    const int64_t begin_ns = now_ns();
    const auto pages = context_.job().cold ? evicted() : read_(folder_);
    if (!pages) throw ExitError(ExitCode::kHarness, pages.error().message);
    record_.observed["checkpoint_pages"] = pages.value().total;
    record_.observed["resident_pages_" + pages_] = pages.value().resident;
    apart_ns_ += now_ns() - begin_ns;
    return is_prepared(pages.value());
  }

  Result<CachedPages> evicted() const {
    const Status status = evict(folder_);
    if (!status) return status.error();
    return cached_pages(folder_);
  }

  bool is_prepared(const CachedPages& pages) {
    const bool cold = context_.job().cold;
    if (pages.resident == (cold ? 0 : pages.total)) return true;
    const std::string found = std::to_string(pages.resident) + " of " +
                              std::to_string(pages.total) + " pages are in the page cache";
    if (cold) {
      throw ExitError(ExitCode::kEnvironment,
                      folder_ + ": " + found + "; a cold restore needs a file system on a disk");
    }
    record_.observed[observed::kWarmRestoreMissing] =
        found + " after " + std::to_string(kReadings) +
        " readings; a warm restore needs memory for all";
    return false;
  }

  std::string restore(Strategy& strategy, RunState& state, bool first) {
    StateView& view = state.target();
    const Want want{.partial = cell_.policy.contents == Contents::kWeights};
    context_.device().synchronize_training();
    const auto read_before = io_read_bytes();
    const int64_t begin_ns = now_ns();
    const RestoreOutcome outcome = guarded([&] { return strategy.restore(view, want, nullptr); });
    const int64_t restore_ns = now_ns() - begin_ns;
    const auto read_after = io_read_bytes();
    if (std::holds_alternative<Nothing>(outcome)) return "there is nothing to restore";
    if (const auto* refused = std::get_if<Refused>(&outcome)) return refused->reason;
    const auto& restored = std::get<Restored>(outcome);
    if (std::string wrong = verify(state, restored); !wrong.empty()) return wrong;
    if (first) time_first_step(strategy, state, restored.step);
    add("restore_" + pages_ + "_ns", static_cast<double>(restore_ns));
    if (first) add("restore_first_" + pages_ + "_ns", static_cast<double>(restore_ns));
    record_.observed["restored_step"] = restored.step;
    if (context_.job().cold && read_before && read_after) {
      probe_limit(read_after.value() - read_before.value());
    }
    return "";
  }

  // After each restore, in the same process: the samples of both alternate.
  void probe_limit(uint64_t bytes) {
    if (bytes == 0) return;  // the file system does not count them
    const auto limit = probe_.run(bytes);
    if (!limit) throw ExitError(ExitCode::kHarness, "probe: " + limit.error().message);
    add("probe_read_cold_ns", static_cast<double>(limit.value().ns));
    add("probe_read_bytes", static_cast<double>(limit.value().bytes));
    record_.observed[observed::kReadProbeShape] = limit.value().shape;
  }

  // Of the very bytes, before anything brings them into effect.
  std::string verify(RunState& state, const Restored& restored) {
    const int64_t begin_ns = now_ns();
    const ComponentDigests found = state.target_digests();
    std::string wrong = wrong_names(state, restored);
    if (wrong.empty()) wrong = wrong_step(last_, restored.step);
    if (wrong.empty()) wrong = wrong_bytes(state, found);
    apart_ns_ += now_ns() - begin_ns;
    return wrong;
  }

  std::string wrong_names(RunState& state, const Restored& restored) const {
    const StateView wanted = saved_part(state.target(), cell_.policy.contents);
    for (const std::string& name : restored.missing) {
      if (wanted.find(name) != nullptr) return "the checkpoint lacks " + name;
    }
    if (restored.unexpected.empty()) return "";
    return "the checkpoint holds " + restored.unexpected.front() + ", which the state lacks";
  }

  std::string wrong_bytes(RunState& state, const ComponentDigests& found) {
    for (const auto& [role, digest] : last_.digests) {
      if (cell_.policy.contents == Contents::kWeights && !is_weight(role)) continue;
      const auto same = found.find(role);
      if (same != found.end() && same->second == digest) continue;
      // What still holds the pattern has no other bytes that could be right.
      const StateView wanted = saved_part(state.target(), cell_.policy.contents);
      const std::vector<std::string> unfilled = find_unfilled(context_.device(), wanted);
      if (!unfilled.empty()) return "the restore left " + unfilled.front() + " as it was before";
      return "the restored " + std::string(role_name(role)) +
             " differs from what was saved at step " + std::to_string(last_.step);
    }
    return "";
  }

  void time_first_step(Strategy& strategy, RunState& state, uint64_t step) {
    state.load();
    StrategyHook hook(strategy);
    Trainer trainer(cell_.policy, state, step, Listens::kNo);
    trainer.advance(hook);
    context_.device().synchronize_training();
    add("restore_first_step_" + pages_ + "_ns", static_cast<double>(process_age_ns() - apart_ns_));
  }

  void add(const std::string& metric, double value) { samples_[metric].push_back(value); }

  JobContext& context_;
  const Cell& cell_;
  std::string folder_;
  LastSave last_;
  std::string pages_;  // "cold" | "warm"
  ReadProbe probe_;
  ReadIntoCache read_;
  int64_t apart_ns_ = 0;  // eviction and verification: no part of a restore
  SampleMap samples_;
  Record record_;
};

}  // namespace

ExitCode run_restore(JobContext& context, const ReadIntoCache& read) {
  return TimedRestores(context, read).run();
}

}  // namespace ckptbench
