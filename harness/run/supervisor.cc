#include "harness/run/supervisor.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <optional>
#include <thread>

#include "harness/core/python_name.h"
#include "harness/platform/clock.h"
#include "harness/platform/machine.h"
#include "harness/run/baseline.h"
#include "harness/run/job_files.h"
#include "harness/run/measured_cell.h"
#include "harness/run/trial.h"
#include "harness/run/work_queue.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMostGpuJobs = 8;

std::string trials_folder(const RunSettings& settings) {
  return settings.scratch + "/cells";
}

// Measured cells, and evidence.
std::string cells_folder(const RunSettings& settings) {
  return settings.out + "/cells";
}

// How the slots' threads ended: the first reason counts.
class SharedEnd {
 public:
  void interrupted() {
    const std::lock_guard lock(mutex_);
    interrupted_ = true;
  }
  void failed(std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
  }
  // After all threads are joined.
  RunEnd get() const {
    if (error_) std::rethrow_exception(error_);
    return interrupted_ ? RunEnd::kInterrupted : RunEnd::kComplete;
  }

 private:
  std::mutex mutex_;
  bool interrupted_ = false;
  std::exception_ptr error_;
};

// One slot: a thread with workers of its own, which takes tasks until none is left.
class Slot {
 public:
  Slot(const RunSettings& settings, const CheckedNames& names, Baselines& baselines,
       uint64_t number)
      : settings_(settings), names_(names), baselines_(baselines), number_(number) {}

  void work(WorkQueue& queue, SharedEnd& end) {
    try {
      while (const auto task = queue.next()) queue.finish(*task, run(*task));
    } catch (const Interrupted&) {
      end.interrupted();
      queue.stop();
    } catch (...) {
      end.failed(std::current_exception());
      queue.stop();
    }
  }

 private:
  Record run(const Task& task) {
    Runners& runners = runners_for(task.cell);
    const TrialSetup setup{*runners.first,
                           *runners.other,
                           baselines_,
                           names_.strategy(task.cell.strategy),
                           settings_.known_failures,
                           settings_.keep,
                           settings_.storage,
                           task.point};
    std::string name = task.cell.id;
    if (task.point > 0) name += fmt::format(".{}", task.point);
    return run_trial(task.cell, trials_folder(settings_) + "/" + name,
                     cells_folder(settings_) + "/" + name, setup);
  }

  struct Runners {
    std::unique_ptr<JobRunner> first;
    std::unique_ptr<JobRunner> other;
  };

  Runners& runners_for(const Cell& cell) {
    if (cell.device != "cpu") {
      const WorkerProgram worker = cuda_worker(settings_.worker);
      if (!cuda_.first) {
        cuda_ = {make_exec_runner(worker, Preload::kYes), make_exec_runner(worker, Preload::kYes)};
      }
      return cuda_;
    }
    const bool python = is_python_strategy(cell.strategy.name);
    Runners& runners = python ? python_ : cpu_;
    if (!runners.first) runners = {make_server(python, ""), make_server(python, "-other")};
    return runners;
  }

  std::unique_ptr<JobRunner> make_server(bool python, const char* name) const {
    return make_fork_runner(settings_.worker, python ? ServerKind::kPython : ServerKind::kNative,
                            fmt::format("{}/server-{}{}{}.log", trials_folder(settings_), number_,
                                        python ? "-python" : "", name));
  }

  const RunSettings& settings_;
  const CheckedNames& names_;
  Baselines& baselines_;
  uint64_t number_;
  Runners cpu_;
  Runners python_;
  Runners cuda_;
};

std::vector<Cell> select(const std::vector<Cell>& cells, bool measured) {
  std::vector<Cell> out;
  std::copy_if(cells.begin(), cells.end(), std::back_inserter(out),
               [&](const Cell& cell) { return (cell.kind == CellKind::kMeasure) == measured; });
  return out;
}

// The slots' own logs, then the folder itself where nothing was kept in it.
void tidy(const std::string& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().filename().string().starts_with("server-")) fs::remove(entry.path(), ignored);
  }
  fs::remove(folder, ignored);
}

}  // namespace

RunSettings make_settings(const WorkerProgram& worker, const std::string& out,
                          const ScratchFolder& scratch, uint64_t jobs) {
  RunSettings settings;
  settings.worker = worker;
  settings.out = out;
  settings.scratch = scratch.path();
  settings.storage = scratch.describe();
  settings.jobs = jobs > 0 ? jobs : usable_cores();
  settings.gpu_jobs = jobs > 0 ? jobs : std::min(usable_cores(), kMostGpuJobs);
  return settings;
}

uint64_t count_slots(const RunSettings& settings, const std::vector<Cell>& trials) {
  const bool gpu = std::any_of(trials.begin(), trials.end(),
                               [](const Cell& cell) { return cell.device != "cpu"; });
  return gpu ? settings.gpu_jobs : settings.jobs;
}

double TrialRate::per_second_per_core() const {
  const double core_s = wall_s * static_cast<double>(cores);
  return core_s > 0 ? static_cast<double>(trials) / core_s : 0;
}

void remove_leftovers(const RunSettings& settings, const std::vector<std::string>& kept) {
  for (const std::string& folder : {trials_folder(settings), cells_folder(settings)}) {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder, none)) {
      if (std::find(kept.begin(), kept.end(), entry.path().string()) != kept.end()) continue;
      std::error_code error;
      fs::remove_all(entry.path(), error);
      if (error) {
        throw ExitError(ExitCode::kEnvironment,
                        fmt::format("{}: {}", entry.path().string(), error.message()));
      }
    }
  }
}

Supervisor::Supervisor(RunSettings settings, const CheckedNames& names)
    : settings_(std::move(settings)), names_(names) {}

RunEnd Supervisor::run(const std::vector<Cell>& cells, const OnRecord& on_record,
                       const IsNeedless& is_needless) {
  make_folder(trials_folder(settings_));
  struct Tidy {
    const RunSettings& settings;
    ~Tidy() {
      tidy(trials_folder(settings));
      tidy(cells_folder(settings));
    }
  } const at_end{settings_};
  const RunEnd end = run_trials(select(cells, false), on_record, is_needless);
  if (end == RunEnd::kInterrupted) return end;
  return run_measured_cells(select(cells, true), on_record);
}

RunEnd Supervisor::run_trials(const std::vector<Cell>& cells, const OnRecord& on_record,
                              const IsNeedless& is_needless) {
  if (cells.empty()) return RunEnd::kComplete;
  Baselines baselines(trials_folder(settings_), cells_folder(settings_));
  rate_ = {};
  const uint64_t slots = count_slots(settings_, cells);
  rate_.cores = std::min(slots, usable_cores());
  const auto emit = [&](const Record& record) {
    ++rate_.trials;
    on_record(record);
  };
  WorkQueue queue(cells, emit, is_needless);
  const int64_t begin_ns = now_ns();
  SharedEnd end;
  {
    std::vector<std::jthread> threads;
    for (uint64_t i = 0; i < slots; ++i) {
      threads.emplace_back([&, i] {
        Slot slot(settings_, names_, baselines, i);
        slot.work(queue, end);
      });
    }
  }
  rate_.wall_s = static_cast<double>(now_ns() - begin_ns) * 1e-9;
  return end.get();
}

RunEnd Supervisor::run_measured_cells(const std::vector<Cell>& cells, const OnRecord& on_record) {
  try {
    for (const Cell& cell : cells) {
      const bool cuda = cell.device != "cpu";
      const WorkerProgram worker = cuda ? cuda_worker(settings_.worker) : settings_.worker;
      const auto runner = make_exec_runner(worker, Preload::kNo);
      const auto watcher = make_exec_runner(worker, Preload::kYes);
      on_record(run_measured_cell(cell, settings_.out + "/cells/" + cell.id,
                                  names_.strategy(cell.strategy), *runner, *watcher));
    }
  } catch (const Interrupted&) {
    return RunEnd::kInterrupted;
  }
  return RunEnd::kComplete;
}

}  // namespace ckptbench
