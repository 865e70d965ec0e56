// Reads one checkpoint into a state: every chunk goes to a bounce buffer, is decoded and checked
// against its digest there, and only then copied. Several threads, so that checking and copying
// hide behind the disk; neighbouring chunks are read together.
// Threads: one load at a time; it uses the team that it was given.
#pragma once

#include <memory>
#include <vector>

#include "harness/platform/buffers.h"
#include "harness/platform/device.h"
#include "harness/platform/thread_team.h"
#include "strategies/encode/codec.h"
#include "strategies/pipeline/tensor_match.h"
#include "strategies/store/store.h"

namespace ckptbench {

class Loader {
 public:
  // stages: those whose encodings are understood.
  Loader(Device& device, ThreadTeam& team, Store& store, std::span<const StageRow> stages)
      : device_(device), team_(team), store_(store), stages_(stages), buffers_(device) {}

  // Fills every byte of every target. Errors: chunks that do not cover their target exactly, with
  // nothing written; a chunk that cannot be read, decoded or is not what its digest says, with the
  // tensors filled in part. An error of the environment comes before one of content.
  IoStatus load(const std::vector<Fill>& fills);

 private:
  struct ChunkLoad;
  struct Run;
  static std::vector<Run> plan(const std::vector<Fill>& fills);
  IoStatus load_run(const Run& run, uint64_t member);
  IoStatus load_chunks(const Run& run, std::span<const std::byte> buffer, uint64_t member);
  Status load_chunk(const ChunkLoad& load, std::span<const std::byte> stored, uint64_t member);

  Device& device_;
  ThreadTeam& team_;
  Store& store_;
  const std::span<const StageRow> stages_;
  Buffers buffers_;
  std::vector<std::unique_ptr<ChunkDecoder>> decoders_;  // one per team member
  std::vector<std::unique_ptr<CopyStream>> streams_;     // the same
};

}  // namespace ckptbench
