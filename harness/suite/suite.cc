#include "harness/suite/suite.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <sstream>

#include "harness/core/verdict.h"
#include "harness/suite/toml_reader.h"

namespace ckptbench {
namespace {

using Words = std::vector<std::string>;

Words phase_words() {
  Words words;
  for (int i = 0; i < kPhaseCount; ++i) words.emplace_back(phase_name(static_cast<Phase>(i)));
  return words;
}

const Words& operation_words() {
  static const Words words{"any",    "open",  "write", "fsync",    "rename", "link",
                           "unlink", "mkdir", "rmdir", "truncate", "close"};
  return words;
}

Policy read_policy(TomlReader& group) {
  Policy policy;
  auto tables = group.tables("policy");
  if (tables.size() > 1) group.fail_at("policy", "expected one table, got a list");
  if (tables.empty()) group.fail(group.line(), "policy: missing; expected e.g. {every_steps = 5}");
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

PhaseFaults read_phases(TomlReader in) {
  PhaseFaults faults{phase_words(), {"before", "after"}, {1}, 0};
  in.words("names", faults.names, phase_words());
  in.words("edges", faults.edges, Words{"before", "after"});
  in.wholes("occurrences", faults.occurrences, 1);
  in.whole("sample", faults.sample, 1);
  in.done();
  return faults;
}

FileOpFaults read_file_ops(TomlReader in, CellKind kind) {
  FileOpFaults faults;
  in.words("operations", faults.operations, operation_words());
  in.words("when", faults.when, Words{"before", "after", "partial"});
  in.text("path", faults.path);
  if (kind == CellKind::kTrial) {
    in.whole("count", faults.count, 1);
    in.wholes("occurrences", faults.occurrences, 1);
    if ((faults.count > 0) != faults.occurrences.empty()) {
      in.fail(in.line(), "file_ops: expected either count or occurrences");
    }
  }
  in.done();
  return faults;
}

MomentFaults read_moments(TomlReader in) {
  MomentFaults faults;
  in.whole("count", faults.count, 1);
  in.reals("at", faults.at, 0, 1);
  if ((faults.count > 0) != faults.at.empty()) {
    in.fail(in.line(), "moments: expected either count or at");
  }
  in.done();
  return faults;
}

void read_faults(TomlReader& in, SuiteGroup& group) {
  if (group.kind == CellKind::kTrial) {
    for (TomlReader& table : in.tables("phases")) group.phases.push_back(read_phases(table));
    for (TomlReader& table : in.tables("moments")) group.moments.push_back(read_moments(table));
  }
  if (group.kind != CellKind::kMeasure) {
    for (TomlReader& table : in.tables("file_ops")) {
      group.file_ops.push_back(read_file_ops(table, group.kind));
    }
  }
  if (group.kind == CellKind::kSweep && group.file_ops.empty()) {
    group.file_ops.push_back({{"any"}, {"before", "after", "partial"}, "*", 0, {}});
  }
}

SuiteGroup read_group(TomlReader in, CellKind kind) {
  SuiteGroup group;
  group.kind = kind;
  group.line = in.line();
  group.steps = kind == CellKind::kMeasure ? 20 : 12;
  group.more_steps = 4;
  group.pairs = Cell().pairs;
  group.precision_pct = Cell().precision_pct;
  group.budget_s = Cell().budget_s;
  group.deadline_s = 60;
  in.selections("workloads", group.workloads);
  in.selections("strategies", group.strategies);
  if (group.workloads.empty()) in.fail(group.line, "workloads: missing; expected a list of names");
  if (group.strategies.empty())
    in.fail(group.line, "strategies: missing; expected a list of names");
  group.policy = read_policy(in);
  in.wholes("seeds", group.seeds, 0);
  in.wholes("threads", group.threads, 1);
  in.word("device", group.device, Words{"cpu", "cuda"});
  in.whole("steps", group.steps, 1);
  if (kind == CellKind::kMeasure) {
    in.whole("pairs", group.pairs, 1);
    in.real("precision_pct", group.precision_pct, 0, 1e6);
    in.real("budget_s", group.budget_s, 0.1, 1e6);
    in.whole("repeat", group.repeat, 1);
  } else {
    in.whole("more_steps", group.more_steps, 1);
  }
  in.real("deadline_s", group.deadline_s, 0.1, 1e6);
  read_faults(in, group);
  in.done();
  return group;
}

enum class Source { kRequired, kOptional };

KnownFailure read_known_failure(TomlReader in, const std::string& file, Source source) {
  KnownFailure known;
  known.fault = "kill";
  known.file = fmt::format("{}:{}", file, in.line());
  in.text("strategy", known.strategy);
  in.word("fault", known.fault, Words{"none", "kill"});
  in.text("verdict", known.verdict);
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

Suite read_suite(const toml::table& table, const std::string& source) {
  Suite suite;
  TomlReader in(table, source, "the suite");
  in.text("name", suite.name);
  in.text("description", suite.description);
  in.whole("seed", suite.seed, 0);
  if (suite.name.empty()) in.fail(1, "name: missing; expected name = \"…\"");
  if (suite.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") != std::string::npos) {
    in.fail_at("name",
               fmt::format("'{}': expected lower-case letters, digits, - and _", suite.name));
  }
  for (const CellKind kind : {CellKind::kMeasure, CellKind::kTrial, CellKind::kSweep}) {
    for (TomlReader& group : in.tables(std::string(cell_kind_name(kind)))) {
      suite.groups.push_back(read_group(group, kind));
    }
  }
  suite.known_failures = read_known_failures(in, source, Source::kOptional);
  in.done();
  if (suite.groups.empty()) in.fail(1, "expected at least one [[measure]], [[trial]] or [[sweep]]");
  return suite;
}

}  // namespace

namespace {

// Calls `read` with the table of the text.
template <class Read>
auto parse_toml(const std::string& text, const std::string& source, Read read)
    -> Result<decltype(read(std::declval<const toml::table&>()))> {
  try {
    const toml::table table = toml::parse(text, source);
    return read(table);
  } catch (const toml::parse_error& error) {
    return Error{fmt::format("{}:{}: {}", source, error.source().begin.line, error.description())};
  } catch (const SuiteError& error) {
    return Error{error.what()};
  }
}

}  // namespace

Result<Suite> parse_suite(const std::string& text, const std::string& source) {
  return parse_toml(text, source,
                    [&](const toml::table& table) { return read_suite(table, source); });
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
