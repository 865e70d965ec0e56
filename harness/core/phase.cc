#include "harness/core/phase.h"

#include <array>

namespace ckptbench {
namespace {

constexpr std::array<std::string_view, kPhaseCount> kPhases{
    "capture", "stage", "encode", "write", "sync", "publish", "prune", "restore"};

}  // namespace

std::string_view phase_name(Phase phase) {
  return kPhases.at(static_cast<size_t>(phase));
}

std::optional<Phase> parse_phase(std::string_view name) {
  for (size_t i = 0; i < kPhases.size(); ++i) {
    if (kPhases[i] == name) return static_cast<Phase>(i);
  }
  return std::nullopt;
}

}  // namespace ckptbench
