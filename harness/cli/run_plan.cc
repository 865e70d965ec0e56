#include "harness/cli/run_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <filesystem>
#include <set>

#include "harness/cli/results_folder.h"
#include "harness/cli/suite_file.h"
#include "harness/core/near_names.h"
#include "harness/core/selection_text.h"
#include "harness/run/environment_file.h"
#include "harness/suite/cell_plan.h"
#include "harness/suite/suite.h"

namespace ckptbench {
namespace {

std::vector<Selection> parse_selections(const std::vector<std::string>& texts) {
  std::vector<Selection> out;
  for (const std::string& text : texts) {
    auto selection = parse_selection(text);
    if (!selection) throw ExitError(ExitCode::kUsage, selection.error().message);
    out.push_back(std::move(selection).value());
  }
  return out;
}

CellKind parse_kind(const std::string& text) {
  constexpr std::array kKinds{CellKind::kTrial, CellKind::kSweep, CellKind::kMeasure};
  std::vector<std::string> names;
  for (const CellKind kind : kKinds) {
    if (text == cell_kind_name(kind)) return kind;
    names.emplace_back(cell_kind_name(kind));
  }
  throw ExitError(ExitCode::kUsage, unknown_name("kind of cells", text, names));
}

void keep_kinds(std::vector<Cell>& cells, const std::vector<std::string>& kinds,
                const std::string& path) {
  if (kinds.empty()) return;
  std::set<CellKind> kept;
  for (const std::string& kind : kinds) kept.insert(parse_kind(kind));
  std::erase_if(cells, [&](const Cell& cell) { return !kept.contains(cell.kind); });
  if (cells.empty()) {
    throw ExitError(ExitCode::kUsage,
                    fmt::format("{}: no cell of kind {}", path, fmt::join(kinds, " or ")));
  }
}

// `path`: for messages.
RunPlan plan(RunSelection selection, const std::string& path) {
  const auto suite = parse_suite(selection.suite_text, path);
  if (!suite) throw ExitError(ExitCode::kUsage, suite.error().message);
  const GivenOptions& given = selection.given;
  const PlanOverrides overrides{parse_selections(given.workloads),
                                parse_selections(given.strategies), given.seed};
  auto cells = make_plan(suite.value(), overrides);
  if (!cells) throw ExitError(ExitCode::kUsage, cells.error().message);
  keep_kinds(cells.value(), given.kinds, path);
  selection.suite = suite.value().name;
  const uint64_t seed = given.seed.value_or(suite.value().seed);
  std::vector<KnownFailure> known = shipped_known_failures();
  const auto& own = suite.value().known_failures;
  known.insert(known.end(), own.begin(), own.end());
  return {std::move(selection), seed, std::move(cells).value(), std::move(known), own};
}

void refuse(const RunOptions& options, const std::string& what, const std::string& stored,
            const std::string& given) {
  throw ExitError(ExitCode::kUsage,
                  fmt::format("{}: was run with {} {}, the command line says {}; expected the same "
                              "or nothing to --{}",
                              options.earlier_run(), what, stored, given,
                              options.resume ? "resume, or another --out" : "repeat"));
}

void compare(const RunOptions& options, const std::string& what,
             const std::vector<std::string>& stored, const std::vector<std::string>& given) {
  if (given.empty() || given == stored) return;
  refuse(options, what, stored.empty() ? "of the suite" : fmt::format("{}", fmt::join(stored, " ")),
         fmt::format("{}", fmt::join(given, " ")));
}

RunSelection earlier_selection(const RunOptions& options) {
  RunSelection stored = stored_selection(options.earlier_run());
  if (!options.suite.empty()) {
    const SuiteFile given = read_suite_file(options.suite);
    if (given.text != stored.suite_text) {
      refuse(options, "the suite", stored.suite, fmt::format("{}, which differs", given.path));
    }
  }
  for (const MatchedOption& option : kMatchedOptions) {
    compare(options, option.flag, option.words(stored.given), option.words(options.given));
  }
  if (!options.given.scratch.empty()) stored.given.scratch = options.given.scratch;
  stored.given.keep = stored.given.keep || options.given.keep;
  return stored;
}

}  // namespace

const std::string& RunOptions::earlier_run() const {
  return resume ? out : repeat;
}

RunPlan plan_from_options(const RunOptions& options) {
  if (!options.earlier_run().empty()) return plan_from_selection(earlier_selection(options));
  const SuiteFile file = read_suite_file(options.suite.empty() ? "default" : options.suite);
  return plan({"", file.text, options.given}, file.path);
}

RunPlan plan_from_selection(const RunSelection& selection) {
  return plan(selection, "the stored suite " + selection.suite);
}

RunSelection stored_selection(const std::string& out) {
  check_results_folder(out, "environment.json");
  auto selection = selection_of(read_environment(out).fields);
  if (!selection) {
    throw ExitError(ExitCode::kUsage,
                    fmt::format("{}/environment.json: {}", out, selection.error().message));
  }
  return std::move(selection).value();
}

std::vector<KnownFailure> stored_known_failures(const std::string& out) {
  const bool stored = !out.empty() && std::filesystem::exists(out + "/environment.json");
  return stored ? plan_from_selection(stored_selection(out)).known_failures
                : shipped_known_failures();
}

}  // namespace ckptbench
