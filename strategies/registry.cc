#include "strategies/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/core/near_names.h"
#include "strategies/pipeline/composition.h"
#include "strategies/stages.h"

namespace ckptbench {
namespace {

// A short name for a composition.
struct Preset {
  std::string_view name;
  std::string_view spec;
  std::string_view summary;
};

// `compressed` is staged: compression is slower than a disk here, and a blocking one would show
// the codec's speed as the strategy's stall.
constexpr std::array<Preset, 4> kPresets{{
    {"sync", "blocking+raw@dir", "training waits until the checkpoint is durable"},
    {"async", "staged+raw@dir", "training waits for a copy in host memory; a thread writes it"},
    {"compressed", "staged+planes+zstd@dir", "as async, byte planes compressed with zstd"},
    {"incremental", "staged+dedup@dir", "as async, unchanged chunks refer to an older checkpoint"},
}};

const StrategyRow* find_whole(const std::vector<StrategyRow>& wholes, const std::string& name) {
  const auto row = std::ranges::find(wholes, name, [](const auto& each) { return each.info.name; });
  return row == wholes.end() ? nullptr : &*row;
}

// Parameters that are not valid are the caller's to report; what is said here is then true of the
// defaults.
StrategyInfo spec_info(std::string name, std::string summary, const Spec& spec,
                       const ParamText& given) {
  StrategyInfo info{.name = std::move(name),
                    .summary = std::move(summary),
                    .source = "",
                    .survives = {},
                    .params = composed_params(spec)};
  Result<Params> params = Params::make(info.name, info.params, given);
  if (!params) params = Params::make(info.name, info.params, {});
  if (!params) throw ExitError(ExitCode::kHarness, params.error().message);
  info.survives = composed_survives(spec, params.value());
  info.may_skip = composed_may_skip(spec, params.value());
  return info;
}

StrategyInfo preset_info(const Preset& preset, const ParamText& given) {
  const Result<Spec> spec = parse_spec(preset.spec, native_stages());
  if (!spec) throw ExitError(ExitCode::kHarness, spec.error().message);
  return spec_info(std::string(preset.name), fmt::format("{} ({})", preset.summary, preset.spec),
                   spec.value(), given);
}

// The composition behind a preset's name or a spec.
Result<Spec> spec_of(const std::string& name, const std::vector<StrategyRow>& wholes) {
  std::vector<std::string> names;
  for (const StrategyRow& row : wholes) names.push_back(row.info.name);
  for (const Preset& preset : kPresets) {
    if (preset.name == name) return parse_spec(preset.spec, native_stages());
    names.emplace_back(preset.name);
  }
  if (name.find_first_of("+@") != std::string::npos) return parse_spec(name, native_stages());
  return Error{unknown_name("strategy", name, names)};
}

}  // namespace

std::vector<StrategyInfo> native_strategies(const std::vector<StrategyRow>& wholes) {
  std::vector<StrategyInfo> infos;
  for (const StrategyRow& row : wholes) infos.push_back(row.info);
  for (const Preset& preset : kPresets) infos.push_back(preset_info(preset, {}));
  return infos;
}

const std::vector<StrategyInfo>& native_strategies() {
  static const std::vector<StrategyInfo> infos = native_strategies(whole_strategies());
  return infos;
}

Result<StrategyInfo> find_native(const Selection& selection,
                                 const std::vector<StrategyRow>& wholes) {
  if (const StrategyRow* whole = find_whole(wholes, selection.name)) return whole->info;
  for (const Preset& preset : kPresets) {
    if (preset.name == selection.name) return preset_info(preset, selection.params);
  }
  const Result<Spec> spec = spec_of(selection.name, wholes);
  if (!spec) return spec.error();
  return spec_info(spec.value().text(), "composed of its stages", spec.value(), selection.params);
}

Status check_native(const std::string& name, const Params& params) {
  return find_whole(whole_strategies(), name) == nullptr ? check_composed(params) : Status();
}

ParamText used_params(const Selection& selection, uint64_t training_threads) {
  const Result<Spec> spec = spec_of(selection.name, whole_strategies());
  if (!spec) return selection.params;  // a whole strategy
  const Result<Params> params =
      Params::make(selection.name, composed_params(spec.value()), selection.params);
  if (!params) throw ExitError(ExitCode::kHarness, params.error().message);
  return composed_used_params(spec.value(), params.value(), training_threads);
}

Result<std::unique_ptr<Strategy>> make_native(const Selection& selection,
                                              const StrategyContext& context,
                                              const std::vector<StrategyRow>& wholes) {
  const StrategyRow* whole = find_whole(wholes, selection.name);
  if (whole != nullptr) {
    const Result<Params> params =
        Params::make(selection.name, whole->info.params, selection.params);
    if (!params) return params.error();
    return whole->make(context, params.value());
  }
  const Result<Spec> spec = spec_of(selection.name, wholes);
  if (!spec) return spec.error();
  const Result<Params> params =
      Params::make(selection.name, composed_params(spec.value()), selection.params);
  if (!params) return params.error();
  auto made = make_composed(spec.value(), params.value(), context);
  if (made) return made;
  return Error{fmt::format("{}: {}", selection.name, made.error().message)};
}

}  // namespace ckptbench
