// The second half of every save, from captured bytes to a durable checkpoint: encode and write,
// sync, publish. On the training thread for a blocking capture, on a background thread for a
// detaching one.
// Threads: one save at a time.
#pragma once

#include <cstdint>
#include <string>

#include "harness/platform/trace.h"
#include "strategies/api/strategy.h"
#include "strategies/capture/capture.h"
#include "strategies/encode/checkpoint_writer.h"
#include "strategies/pipeline/directory.h"
#include "strategies/pipeline/retirement.h"

namespace ckptbench {

inline constexpr const char* kNoMemoryToSave = "no memory to save";

struct PersistJob {
  Captured captured;
  const Layout* layout = nullptr;
  SaveRequest request;
  // The state may change once its last byte was read: then the observer is told `captured`.
  bool tell_captured = false;
};

class Persister {
 public:
  // survives: what the strategy claims for its durable checkpoints.
  Persister(const StrategyContext& context, Directory& directory, Retirement& retirement,
            CheckpointWriter& writer, Survives survives);

  // Durable, or Failed with nothing left behind; tells the observer which. On a full disk it waits
  // for the deletions that were asked for, and where there were some it tries once more.
  SaveOutcome persist(const PersistJob& job);

 private:
  // What outlasts an attempt that failed.
  struct Progress {
    bool reported_captured = false;
    bool lacked_room = false;
  };

  Manifest describe(const PersistJob& job, uint64_t seq) const;
  Status write(const PersistJob& job, Directory::Begun& begun, Progress& progress);
  // The number of the published checkpoint.
  Result<uint64_t> published(const PersistJob& job, Progress& progress);
  SaveOutcome fail(const PersistJob& job, const Error& error);

  Observer& observer_;
  Trace& trace_;
  const std::string run_id_;
  const uint64_t rank_;
  const uint64_t world_size_;
  Directory& directory_;
  Retirement& retirement_;
  CheckpointWriter& writer_;
  const Survives survives_;
};

}  // namespace ckptbench
