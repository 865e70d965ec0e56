// The one pipeline behind every composed strategy: capture, encode, place, store. With a blocking
// capture save() returns when the checkpoint is decided; with a detaching one it returns after the
// copy and a background thread does the rest, one save at a time: a save that meets an unfinished
// one waits for it, or is skipped.
// Threads: as strategies/api/strategy.h; the background thread starts in prepare() or with the
// first detached save, and the destructor joins it after the save in flight. Retention has a thread
// of its own (retirement.h).
#pragma once

#include <condition_variable>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>

#include "harness/platform/thread_team.h"
#include "strategies/api/stage.h"
#include "strategies/api/strategy.h"
#include "strategies/capture/capture.h"
#include "strategies/encode/checkpoint_writer.h"
#include "strategies/encode/chunk_index.h"
#include "strategies/pipeline/directory.h"
#include "strategies/pipeline/persist.h"
#include "strategies/pipeline/retirement.h"

namespace ckptbench {

struct PipelineParts {
  std::unique_ptr<ChunkIndex> index;  // null where checkpoints refer to no other
  std::unique_ptr<Directory> directory;
  std::unique_ptr<ThreadTeam> team;  // encodes and writes
  uint64_t readers = 1;              // threads of a restore
  std::unique_ptr<Capture> capture;
  bool detaches = false;  // of the capture
  std::unique_ptr<CheckpointWriter> writer;
  bool skip_when_busy = false;
  Survives survives;                 // the claim for a durable checkpoint
  std::span<const StageRow> stages;  // all whose encodings are understood; outlives the strategy
};

class Pipeline : public Strategy {
 public:
  Pipeline(const StrategyContext& context, PipelineParts parts);
  ~Pipeline() override;

  Status prepare(const StateView& state) override;
  Ticket save(const StateView& state, const SaveRequest& request) override;
  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) override;
  std::vector<CheckpointInfo> list() override;
  RestoreOutcome restore(StateView& state, const Want& want, Replay* replay) override;
  Status retain(std::span<const uint64_t> seqs) override;
  Status drain() override;

 private:
  struct InFlight {
    uint64_t ticket = 0;
    PersistJob job;
  };

  Status prepare_for(const std::vector<TensorView>& tensors, Contents contents);
  Result<const Layout*> layout_for(const std::vector<TensorView>& tensors, Contents contents);
  void expect(uint64_t ticket);
  SaveOutcome start(const StateView& state, const SaveRequest& request, uint64_t ticket);
  SaveOutcome fail(const SaveRequest& request, const Error& error);
  bool wait_until_idle();
  void wait_until_decided();
  Status start_worker();
  Status submit(InFlight in_flight);
  void work();
  void decide(uint64_t ticket, SaveOutcome outcome);
  void record(uint64_t ticket, SaveOutcome outcome);
  void rethrow_from_background();

  Observer& observer_;
  Trace& trace_;
  PipelineParts parts_;
  Retirement retirement_;
  Persister persister_;
  Device& device_;
  std::map<Contents, Layout> layouts_;
  uint64_t tickets_ = 0;

  std::mutex mutex_;  // guards the members below
  std::condition_variable changed_;
  std::map<uint64_t, SaveOutcome> outcomes_;  // by ticket
  std::optional<InFlight> in_flight_;         // stays until it is decided
  std::exception_ptr thrown_;
  bool stopping_ = false;
  std::thread worker_;
};

}  // namespace ckptbench
