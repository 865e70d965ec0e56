// The parts of a checkpoint's life. One enumeration names the NVTX range, the metric key and the
// fault point, so that a figure, a trace and a kill speak of the same thing.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ckptbench {

enum class Phase : uint8_t {
  kCapture,  // inside save(): everything until training may go on
  kStage,    // copy to a staging buffer
  kEncode,   // checksum, compress, compare with older checkpoints
  kWrite,    // bytes to the store
  kSync,     // make the written bytes durable
  kPublish,  // the commit record: from here on the checkpoint exists
  kPrune,    // retention deletes
  kRestore,  // read, verify, copy into the state
};
inline constexpr int kPhaseCount = static_cast<int>(Phase::kRestore) + 1;

std::string_view phase_name(Phase phase);  // "capture", "stage", …
std::optional<Phase> parse_phase(std::string_view name);

enum class Edge : uint8_t { kBefore, kAfter };

}  // namespace ckptbench
