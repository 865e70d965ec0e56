// For tests of the contract: states with every awkward size, and a strategy opened in a directory
// of its own the way the worker does it. Not part of any library. One thread.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "harness/core/digest.h"
#include "harness/core/prng.h"
#include "harness/platform/comm.h"
#include "harness/platform/device.h"
#include "harness/platform/files.h"
#include "harness/platform/trace.h"
#include "strategies/api/strategy.h"
#include "strategies/registry.h"
#include "strategies/testing/owned_tensors.h"

namespace ckptbench {

// Tensors whose bytes are made from a seed.
class ContractState : public OwnedTensors {
 public:
  // Every byte from the seed. Floats get exponents as training has them, so that they compress.
  void fill(uint64_t seed);
  // One tensor alone.
  void fill(const std::string& name, uint64_t seed);
};

// 0-byte, 1-byte and odd tensors, every dtype, many small ones, an alias, one of several chunks.
std::unique_ptr<ContractState> adversarial_state(uint64_t seed);
// Two parameters, a buffer and a moment, some KiB.
std::unique_ptr<ContractState> small_state(uint64_t seed);

// What the observer was told, in order: "captured 3", "durable 3 seq 1 process,power", "failed 3",
// "retired 3 seq 1". Any thread.
class RecordingObserver : public Observer {
 public:
  void captured(uint64_t step) override;
  void durable(uint64_t step, uint64_t seq, Survives survives) override;
  void failed(uint64_t step, const std::string& reason) override;
  void retired(uint64_t step, uint64_t seq) override;
  std::vector<std::string> lines() const;

 private:
  void add(std::string line);
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

// The CPU, counting what is allocated from it. Any thread.
class AllocationCounter : public Device {
 public:
  std::string name() const override { return device_->name(); }
  Result<std::unique_ptr<HostBuffer>> allocate_host(uint64_t bytes) override {
    ++allocations_;
    return device_->allocate_host(bytes);
  }
  std::unique_ptr<CopyStream> make_stream() override { return device_->make_stream(); }
  void synchronize_training() override { device_->synchronize_training(); }
  std::optional<uint64_t> memory_used() override { return device_->memory_used(); }
  uint64_t allocations() const { return allocations_; }

 private:
  std::unique_ptr<Device> device_ = make_cpu_device();
  std::atomic<uint64_t> allocations_{0};
};

// A checkpoint directory and everything a strategy is built with.
class ContractBench {
 public:
  enum class Mode { kWriter, kReadOnly };
  ContractBench();

  // The strategy, or a test failure and nullptr. Every call of it is checked (checked_strategy.h).
  std::unique_ptr<Strategy> open(const std::string& name, const ParamText& params = {},
                                 Mode mode = Mode::kWriter);
  Result<std::unique_ptr<Strategy>> try_open(const std::string& name, const ParamText& params = {},
                                             Mode mode = Mode::kWriter);
  const std::string& directory() const { return directory_; }
  void use_directory(const std::string& directory) { directory_ = directory; }
  RecordingObserver& observer() { return observer_; }
  Trace& trace() { return trace_; }
  // Host buffers that strategies have taken so far.
  uint64_t allocations() const { return device_.allocations(); }

 private:
  TempDir temporary_;
  std::string directory_;
  AllocationCounter device_;
  SoloComm comm_;
  RecordingObserver observer_;
  Trace trace_;
};

// Saves and waits, for a minute at most.
SaveOutcome save_and_wait(Strategy& strategy, ContractState& state, uint64_t step,
                          Contents contents = Contents::kFull);
// "restored 3", "nothing", "refused: …"; "durable", "failed: …", "skipped: …", "pending".
std::string words(const RestoreOutcome& outcome);
std::string words(const SaveOutcome& outcome);
std::vector<uint64_t> seqs_of(const std::vector<CheckpointInfo>& checkpoints);

// The whole spec behind a preset or a composition, "blocking+raw+rank0@dir" for "sync". Errors: not
// a composition, or an unknown name.
Result<std::string> composition_of(const std::string& name);
// Each stage of the list once, beside stages that every composition may have.
std::vector<std::string> specs_of_all_stages();
// The presets that keep something. Whole strategies have tests of their own.
std::vector<std::string> keeping_strategies();
// These and, for every stage that no preset uses, a composition with it: a stage that is added to
// the list is met by every test that runs over these.
std::vector<std::string> keeping_compositions();
// Those of them that claim to survive a power loss as they are: the order of their syncs counts.
std::vector<std::string> syncing_compositions();
// Those of `params` that this composition has. Each store and stage has its own.
ParamText params_of(const std::string& composition, const ParamText& params);
// Such a name as a part of a test's name.
std::string test_name(const std::string& composition);
// Compositions that no preset is, beside stages of every kind.
std::vector<std::string> composed_samples();

}  // namespace ckptbench
