// The golden checkpoints: one row for each that a reader must load for ever, with the state that it
// fills and the digest that comes back. Tests only. Free functions over plain values; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "strategies/testing/contract_samples.h"

namespace ckptbench {

struct Golden {
  const char* folder;    // below strategies/format/golden
  const char* strategy;  // that restores it
  uint64_t seq;
  uint64_t step;
  const char* digest;  // of the state, when the checkpoint was written

  std::string path() const;
};

inline void PrintTo(const Golden& golden, std::ostream* out) {
  *out << golden.folder << " " << golden.seq;
}

const std::vector<Golden>& golden_checkpoints();

// What every golden checkpoint holds: an alias, an empty tensor, a scalar, several types.
void add_golden_tensors(ContractState& state);
// The small state and, but in the raw ones, a tensor of two chunks and the types that are left.
std::unique_ptr<ContractState> golden_state(const Golden& golden);

// A strategy of run "golden" in `directory`; a test failure and nullptr when it cannot be made.
class GoldenBench {
 public:
  std::unique_ptr<Strategy> open(const std::string& strategy, const std::string& directory);

 private:
  std::unique_ptr<Device> device_ = make_cpu_device();
  SoloComm comm_;
  RecordingObserver observer_;
  Trace trace_;
};

}  // namespace ckptbench
