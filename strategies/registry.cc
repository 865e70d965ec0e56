#include "strategies/registry.h"

#include <fmt/format.h>

#include "harness/core/near_names.h"
#include "strategies/api/null_strategy.h"
#include "strategies/pipeline/make.h"
#include "strategies/pipeline/pipeline_options.h"
#include "strategies/pipeline/spec.h"

namespace ckptbench {
namespace {

constexpr std::string_view kNull = "null";

StrategyInfo null_info() {
  return {.name = std::string(kNull),
          .summary = "all hooks and no bytes: the harness's own floor",
          .source = "",
          .survives = {},
          .params = {}};
}

StrategyInfo spec_info(std::string name, std::string summary, const Spec& spec) {
  return {.name = std::move(name),
          .summary = std::move(summary),
          .source = "",
          .survives = {.process = true, .power = true},
          .params = pipeline_params(spec)};
}

std::vector<StrategyInfo> make_rows() {
  std::vector<StrategyInfo> rows{null_info()};
  for (const Preset& preset : presets()) {
    const Result<Spec> spec = parse_spec(preset.spec);
    if (!spec) throw ExitError(ExitCode::kHarness, spec.error().message);
    rows.push_back(spec_info(std::string(preset.name),
                             fmt::format("{} ({})", preset.summary, preset.spec), spec.value()));
  }
  return rows;
}

// The composition behind a preset's name or a spec.
Result<Spec> spec_of(const std::string& name) {
  std::vector<std::string> names{std::string(kNull)};
  for (const Preset& preset : presets()) {
    if (preset.name == name) return parse_spec(preset.spec);
    names.emplace_back(preset.name);
  }
  if (name.find_first_of("+@") != std::string::npos) return parse_spec(name);
  return Error{unknown_name("strategy", name, names)};
}

}  // namespace

const std::vector<StrategyInfo>& native_strategies() {
  static const std::vector<StrategyInfo> rows = make_rows();
  return rows;
}

Result<StrategyInfo> find_native(const std::string& name) {
  for (const StrategyInfo& row : native_strategies()) {
    if (row.name == name) return row;
  }
  const Result<Spec> spec = spec_of(name);
  if (!spec) return spec.error();
  return spec_info(spec.value().text(), "composed of its stages", spec.value());
}

Result<std::unique_ptr<Strategy>> make_native(const Selection& selection,
                                              const StrategyContext& context) {
  if (selection.name == kNull) return std::unique_ptr<Strategy>(new NullStrategy(context));
  const Result<Spec> spec = spec_of(selection.name);
  if (!spec) return spec.error();
  const Result<Params> params =
      Params::make(selection.name, pipeline_params(spec.value()), selection.params);
  if (!params) return params.error();
  const Result<PipelineOptions> options = pipeline_options(spec.value(), params.value());
  if (!options) return Error{fmt::format("{}: {}", selection.name, options.error().message)};
  return make_pipeline(spec.value(), options.value(), context);
}

}  // namespace ckptbench
