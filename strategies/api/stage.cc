#include "strategies/api/stage.h"

#include <algorithm>
#include <iterator>

namespace ckptbench {
namespace {

// More threads than this have nothing to add to one disk and one memory bus.
constexpr uint64_t kMostDefaultThreads = 16;

}  // namespace

std::string_view stage_kind_name(StageKind kind) {
  static constexpr std::string_view kNames[] = {"capture", "encode", "place", "store"};
  return kNames[static_cast<size_t>(kind)];
}

StageKind StageRow::kind() const {
  static constexpr StageKind kKinds[] = {StageKind::kCapture, StageKind::kEncode,
                                         StageKind::kEncode,  StageKind::kEncode,
                                         StageKind::kPlace,   StageKind::kStore};
  static_assert(std::size(kKinds) == std::variant_size_v<decltype(make)>);
  return kKinds[make.index()];
}

ParamInfo whole_param(std::string name, std::string value, std::string help, double minimum,
                      double maximum) {
  return {.name = std::move(name),
          .type = ParamType::kInteger,
          .default_value = std::move(value),
          .help = std::move(help),
          .minimum = minimum,
          .maximum = maximum};
}

ParamInfo yes_no_param(std::string name, std::string value, std::string help) {
  return {.name = std::move(name),
          .type = ParamType::kBool,
          .default_value = std::move(value),
          .help = std::move(help)};
}

uint64_t threads_of(const Params& params, const std::string& name, uint64_t otherwise) {
  const auto asked = static_cast<uint64_t>(params.integer(name));
  return asked != 0 ? asked : std::clamp<uint64_t>(otherwise, 1, kMostDefaultThreads);
}

}  // namespace ckptbench
