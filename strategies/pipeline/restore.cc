#include "strategies/pipeline/restore.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/core/one_line.h"

namespace ckptbench {
namespace {

bool has_more_than_weights(const StateView& state) {
  return std::any_of(state.tensors.begin(), state.tensors.end(),
                     [](const TensorView& tensor) { return !is_weight(tensor.role); });
}

// Nothing, or why a strict restore must not use this checkpoint.
std::string names_problem(const StateMatch& match) {
  std::string problem;
  if (!match.missing.empty()) {
    problem = fmt::format("it lacks {}", join_some(match.missing));
  }
  if (!match.unexpected.empty()) {
    problem += fmt::format("{}the state lacks {}", problem.empty() ? "" : "; ",
                           join_some(match.unexpected));
  }
  return problem;
}

// The first touched name that the checkpoint would not overwrite again; empty for none.
std::string left_mixed(const std::set<std::string>& touched, const StateMatch& match) {
  std::set<std::string> filled;
  for (const Fill& fill : match.fills) filled.insert(fill.to->name);
  for (const std::string& name : touched) {
    if (!filled.contains(name)) return name;
  }
  return {};
}

Refused none_usable(const Want& want, const std::vector<std::string>& passed_over) {
  if (want.seq && passed_over.empty()) {
    return {fmt::format("there is no checkpoint {}", *want.seq)};
  }
  return {one_line(fmt::format("no checkpoint can be used: {}", fmt::join(passed_over, " | ")))};
}

}  // namespace

RestoreOutcome Restorer::restore(const StateView& state, const Want& want) {
  const Result<std::vector<uint64_t>> seqs = directory_.stored();
  if (!seqs) return Refused{seqs.error().message};
  if (seqs.value().empty() && !want.seq) return Nothing{};
  std::vector<std::string> passed_over;
  Touched touched;
  for (const uint64_t seq : seqs.value()) {
    if (want.seq && seq != *want.seq) continue;
    const CatalogEntry entry = directory_.entry(seq);
    std::string why;
    RestoreOutcome outcome = try_one(entry, state, want, touched, why);
    if (auto* restored = std::get_if<Restored>(&outcome)) {
      restored->passed_over = passed_over;
      directory_.trust(entry.manifest);
      return outcome;
    }
    if (std::holds_alternative<Refused>(outcome)) return outcome;
    passed_over.push_back(std::move(why));
  }
  return none_usable(want, passed_over);
}

RestoreOutcome Restorer::try_one(const CatalogEntry& entry, const StateView& state,
                                 const Want& want, Touched& touched, std::string& why) {
  if (!entry.manifest) {
    why = entry.damage;
    return Nothing{};
  }
  const Manifest& manifest = *entry.manifest;
  const auto complain = [&](const std::string& what) {
    return one_line(fmt::format("checkpoint {} (step {}): {}", entry.seq, manifest.step, what));
  };
  const StateMatch found = match(manifest, state);
  if (!found.conflicts.empty()) return Refused{complain(join_some(found.conflicts))};
  const std::string problem = want.partial ? "" : names_problem(found);
  if (!problem.empty()) {
    why = complain(problem);
    const bool only_weights =
        manifest.contents == Contents::kWeights && has_more_than_weights(state);
    if (!only_weights) return Refused{why};
    why = complain("holds weights only, which a partial restore accepts");
    return Nothing{};
  }
  const std::string mixed = left_mixed(touched, found);
  if (!mixed.empty()) {
    why = complain(fmt::format("lacks {}, which a damaged newer checkpoint has filled", mixed));
    return Nothing{};
  }
  for (const Fill& fill : found.fills) touched.insert(fill.to->name);
  const Status loaded = loader_.load(found.fills);
  if (!loaded) {
    why = complain(loaded.error().message);
    return Nothing{};
  }
  return Restored{.seq = entry.seq,
                  .step = manifest.step,
                  .missing = found.missing,
                  .unexpected = found.unexpected,
                  .passed_over = {}};
}

}  // namespace ckptbench
