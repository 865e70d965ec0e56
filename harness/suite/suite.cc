#include "harness/suite/suite.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/one_line.h"
#include "harness/core/verdict.h"
#include "harness/suite/toml_parser.h"
#include "harness/suite/toml_reader.h"

namespace ckptbench {
namespace {

using Words = std::vector<std::string>;

Policy read_policy(TomlReader& group) {
  Policy policy;
  auto tables = group.tables("policy");
  if (tables.size() > 1) group.fail_at("policy", "expected one table, got a list");
  group.require("policy", "e.g. {every_steps = 5}");
  if (tables.empty()) return policy;
  TomlReader& in = tables.front();
  std::string contents = "full";
  in.whole("every_steps", policy.every_steps, 1);
  in.real("every_s", policy.every_s, 1e-3, 1e9);
  in.whole("every_epochs", policy.every_epochs, 1);
  in.text("manual_file", policy.manual_file);
  in.real("sigterm_grace_s", policy.sigterm_grace_s, 0, 1e6);
  in.word("monitor", policy.monitor, Words{"loss", "accuracy"});
  in.boolean("monitor_max", policy.monitor_max);
  in.boolean("best_only", policy.best_only);
  in.word("contents", contents, Words{"full", "weights"});
  in.whole("keep_last", policy.keep_last, 1);
  in.whole("keep_best", policy.keep_best, 0);
  in.whole("keep_every", policy.keep_every, 0);
  in.done();
  policy.contents = contents == "full" ? Contents::kFull : Contents::kWeights;
  const bool ever_saves = policy.every_steps > 0 || policy.every_s > 0 || policy.every_epochs > 0 ||
                          !policy.manual_file.empty() || policy.sigterm_grace_s > 0 ||
                          !policy.monitor.empty();
  if (!ever_saves) {
    in.fail(in.line(),
            "policy: never saves; expected one of every_steps, every_s, every_epochs, "
            "manual_file, sigterm_grace_s, monitor");
  }
  if (policy.best_only && policy.monitor.empty()) {
    in.fail_at("best_only", "needs monitor = \"loss\" or \"accuracy\"");
  }
  return policy;
}

std::vector<std::string> read_key(TomlReader& in, const FaultKey& key) {
  std::vector<std::string> texts = key.defaults;
  const auto set = [&](const auto& numbers) {
    texts.clear();
    for (const auto number : numbers) texts.push_back(fmt::format("{}", number));
  };
  switch (key.type) {
    case FaultKey::Type::kWords:
      in.words(key.name, texts, key.words);
      break;
    case FaultKey::Type::kText:
      in.text(key.name, texts.front());
      break;
    case FaultKey::Type::kReals: {
      std::vector<double> reals;
      in.reals(key.name, reals, key.minimum, key.maximum);
      if (!reals.empty()) set(reals);
      break;
    }
    case FaultKey::Type::kWholes: {
      std::vector<uint64_t> wholes;
      if (key.single) {
        if (in.has(key.name)) {
          in.whole(key.name, wholes.emplace_back(), uint64_t(key.minimum), kMaxCells);
        }
      } else {
        in.wholes(key.name, wholes, uint64_t(key.minimum));
      }
      if (!wholes.empty()) set(wholes);
      break;
    }
  }
  return texts;
}

FaultGroup read_fault_group(TomlReader in, const FaultKind& kind, bool sweep) {
  FaultGroup group;
  for (const FaultKey& key : kind.keys) {
    group.values[key.name] = sweep && !key.in_sweeps ? key.defaults : read_key(in, key);
  }
  in.done();
  const std::string wrong = sweep || kind.check_group == nullptr ? "" : kind.check_group(group);
  if (!wrong.empty()) in.fail(in.line(), fmt::format("{}: {}", kind.suite_key, wrong));
  return group;
}

// Weights alone resume no training, which is what a trial judges; a measured cell restores and
// compares them.
void check_contents(const TomlReader& in, const SuiteGroup& group) {
  const Cell& cell = group.cell;
  if (cell.kind == CellKind::kMeasure || cell.policy.contents == Contents::kFull) return;
  in.fail(group.line, fmt::format("policy: contents = \"weights\" resumes no training, so there is "
                                  "nothing that a [[{}]] could judge; expected \"full\", or "
                                  "[[measure]]",
                                  cell_kind_name(cell.kind)));
}

FaultGroup whole_sweep(const FaultKind& kind) {
  FaultGroup group;
  for (const FaultKey& key : kind.keys) {
    group.values[key.name] = key.in_sweeps ? key.sweep_defaults : key.defaults;
  }
  return group;
}

void read_faults(TomlReader& in, const FaultKinds& kinds, SuiteGroup& group) {
  if (group.cell.kind == CellKind::kMeasure) return;
  const bool sweep = group.cell.kind == CellKind::kSweep;
  for (const FaultKind& kind : kinds.rows()) {
    if (kind.suite_key.empty() || (sweep && kind.points == nullptr)) continue;
    for (TomlReader& table : in.tables(kind.suite_key)) {
      group.faults.emplace_back(kind.name, read_fault_group(table, kind, sweep));
    }
  }
  if (!sweep || !group.faults.empty()) return;
  for (const FaultKind& kind : kinds.rows()) {
    if (kind.points != nullptr) group.faults.emplace_back(kind.name, whole_sweep(kind));
  }
}

SuiteGroup read_group(TomlReader in, const std::string& suite, CellKind kind,
                      const FaultKinds& kinds) {
  SuiteGroup group;
  group.line = in.line();
  Cell& cell = group.cell;
  cell.suite = suite;
  cell.kind = kind;
  cell.steps = kind == CellKind::kMeasure ? 20 : 12;
  in.selections("workloads", group.workloads);
  in.selections("strategies", group.strategies);
  in.require("workloads", "a list of names");
  in.require("strategies", "a list of names");
  cell.policy = read_policy(in);
  check_contents(in, group);
  in.wholes("seeds", group.seeds, 0);
  in.wholes("threads", group.threads, 1);
  in.word("device", cell.device, Words{"cpu", "cuda"});
  in.whole("steps", cell.steps, 1);
  if (kind == CellKind::kMeasure) {
    in.whole("pairs", cell.pairs, 1);
    in.real("precision_pct", cell.precision_pct, 0, 1e6);
    in.real("budget_s", cell.budget_s, 0.1, 1e6);
    in.whole("repeat", group.repeat, 1, kMaxCells);
  } else {
    in.whole("more_steps", cell.more_steps, 1);
  }
  in.real("deadline_s", cell.deadline_s, 0.1, 1e6);
  read_faults(in, kinds, group);
  in.done();
  return group;
}

enum class Source { kRequired, kOptional };

KnownFailure read_known_failure(TomlReader in, const std::string& file, Source source) {
  KnownFailure known;
  known.fault = fault_class_name(FaultClass::kKill);
  known.file = fmt::format("{}:{}", file, in.line());
  in.text("strategy", known.strategy);
  in.word("fault", known.fault, fault_class_names());
  in.text("verdict", known.verdict);
  in.boolean("first_save", known.first_save);
  in.text("reason", known.reason);
  in.text("source", known.source);
  in.whole("tried", known.tried, 1);
  in.done();
  if (known.strategy.empty()) in.fail(in.line(), "strategy: missing; expected its name");
  if (known.reason.empty()) in.fail(in.line(), "reason: missing; expected why this is tolerated");
  if (source == Source::kRequired && !known.source.starts_with("https://")) {
    in.fail(in.line(), "source: missing; expected a public https:// address");
  }
  if (!parse_verdict(known.verdict) && !parse_finding(known.verdict)) {
    in.fail(in.line(), fmt::format("verdict: '{}' is no data verdict and no finding; expected e.g. "
                                   "DETECTED-UNRECOVERABLE or LEAK",
                                   known.verdict));
  }
  return known;
}

std::vector<KnownFailure> read_known_failures(TomlReader& in, const std::string& file,
                                              Source source) {
  std::vector<KnownFailure> out;
  for (TomlReader& table : in.tables("known_failures")) {
    out.push_back(read_known_failure(table, file, source));
  }
  return out;
}

Suite read_suite(const toml::table& table, const std::string& source, const FaultKinds& kinds) {
  Suite suite;
  TomlReader in(table, source, "the suite");
  in.text("name", suite.name);
  in.text("description", suite.description);
  in.whole("seed", suite.seed, 0);
  in.require("name", "name = \"…\"");
  if (in.has("name") && suite.name.empty()) in.fail_at("name", "expected a word");
  if (suite.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") != std::string::npos) {
    in.fail_at("name",
               fmt::format("'{}': expected lower-case letters, digits, - and _", suite.name));
  }
  for (const CellKind kind : {CellKind::kMeasure, CellKind::kTrial, CellKind::kSweep}) {
    for (TomlReader& group : in.tables(std::string(cell_kind_name(kind)))) {
      suite.groups.push_back(read_group(group, suite.name, kind, kinds));
    }
  }
  suite.known_failures = read_known_failures(in, source, Source::kOptional);
  in.done();
  if (suite.groups.empty()) in.fail(1, "expected at least one [[measure]], [[trial]] or [[sweep]]");
  return suite;
}

}  // namespace

namespace {

bool is_surprising(std::string_view text) {
  try {
    static_cast<void>(toml::parse(text));
  } catch (const toml::parse_error&) {
    return false;
  } catch (const TomlSurprise&) {
    return true;
  }
  return false;
}

// The first line without which the parser is not surprised: it does not say where it was.
size_t surprising_line(std::string_view text) {
  std::vector<size_t> ends;
  for (size_t end = text.find('\n'); end != std::string_view::npos;
       end = text.find('\n', end + 1)) {
    ends.push_back(end + 1);
  }
  const auto line = std::partition_point(
      ends.begin(), ends.end(), [&](size_t end) { return !is_surprising(text.substr(0, end)); });
  return static_cast<size_t>(line - ends.begin()) + 1;
}

// Calls `read` with the table of the text.
template <class Read>
auto parse_toml(const std::string& text, const std::string& source, Read read)
    -> Result<decltype(read(std::declval<const toml::table&>()))> {
  try {
    const toml::table table = toml::parse(text, source);
    return read(table);
  } catch (const toml::parse_error& error) {
    return Error{
        one_line(fmt::format("{}:{}: {}", source, error.source().begin.line, error.description()))};
  } catch (const TomlSurprise& surprise) {
    return Error{one_line(
        fmt::format("{}:{}: no TOML: {}", source, surprising_line(text), surprise.what()))};
  } catch (const SuiteError& error) {
    return Error{one_line(error.what())};
  }
}

}  // namespace

Result<Suite> parse_suite(const std::string& text, const std::string& source,
                          const FaultKinds& kinds) {
  return parse_toml(text, source,
                    [&](const toml::table& table) { return read_suite(table, source, kinds); });
}

Result<std::vector<KnownFailure>> parse_known_failures(const std::string& text,
                                                       const std::string& source) {
  return parse_toml(text, source, [&](const toml::table& table) {
    TomlReader in(table, source, "the file");
    std::vector<KnownFailure> known = read_known_failures(in, source, Source::kRequired);
    in.done();
    return known;
  });
}

}  // namespace ckptbench
