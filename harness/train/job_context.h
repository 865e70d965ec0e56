// What every job has, whatever its role: device, ranks, trace, journal. Lives as long as the job
// and longer than the strategy built from it. One training thread.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "harness/core/job.h"
#include "harness/core/journal.h"
#include "harness/platform/comm.h"
#include "harness/platform/device.h"
#include "harness/platform/trace.h"
#include "harness/train/journal_observer.h"
#include "harness/train/plugins.h"
#include "harness/train/saver.h"

namespace ckptbench {

// "cpu" | "cuda" -> a device. Throws ExitError(kEnvironment) where there is none.
using MakeDevice = std::function<std::unique_ptr<Device>(const std::string& name)>;

class JobContext {
 public:
  // Opens the journal and writes kStart; sets the training threads. Throws ExitError.
  JobContext(const Job& job, const MakeDevice& make_device);
  JobContext(const JobContext&) = delete;

  const Job& job() const { return job_; }
  const Cell& cell() const { return job_.cell; }
  Device& device() { return *device_; }
  Trace& trace() { return trace_; }
  JournalWriter& journal() { return journal_; }
  JournalObserver& observer() { return observer_; }
  uint64_t torch_threads() const { return torch_threads_; }
  int64_t start_ns() const { return start_ns_; }

  const FoundStrategy& strategy() const { return strategy_; }
  // The cell's strategy, reporting to `observer` and allocating from `device`.
  Result<std::unique_ptr<Strategy>> make_strategy(Observer& observer, Device& device);

  // Processor cores that training keeps busy.
  uint64_t training_threads() const;
  // When to stop waiting for a save that is asked about now: as late as the parent waits for the
  // whole job, so that the parent is the one to see whether there is progress; a job run by hand
  // still ends.
  Deadline save_deadline() const;
  // One JSON document to the job's report path: a temporary, then a rename.
  void write_report(const nlohmann::json& report) const;

 private:
  const Job& job_;
  int64_t start_ns_;
  uint64_t torch_threads_;
  FoundStrategy strategy_;
  std::unique_ptr<Device> device_;
  SoloComm comm_;
  Trace trace_;
  JournalWriter journal_;
  JournalObserver observer_;
};

}  // namespace ckptbench
