#include "strategies/pipeline/restore.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/core/one_line.h"
#include "strategies/pipeline/io_retry.h"

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

bool reads_all(const StateMatch& match, const Manifest& manifest) {
  std::set<const ManifestTensor*> filled_from;
  for (const Fill& fill : match.fills) filled_from.insert(fill.from);
  return std::ranges::all_of(manifest.tensors, [&](const ManifestTensor& tensor) {
    return tensor.chunks.empty() || filled_from.contains(&tensor);
  });
}

Refused none_usable(const Want& want, const std::vector<std::string>& passed_over) {
  if (want.seq && passed_over.empty()) {
    return {fmt::format("there is no checkpoint {}", *want.seq)};
  }
  return {one_line(fmt::format("no checkpoint can be used: {}", fmt::join(passed_over, " | ")))};
}

bool is_environment(const IoError& error) {
  return error.fault == IoFault::kEnvironment;
}

Refused not_readable_now(const std::string& why) {
  return {fmt::format("{}; the file may be intact, so restore does not fall back", why)};
}

}  // namespace

RestoreOutcome Restorer::restore(const StateView& state, const Want& want) {
  Touched touched;
  for (int listing = 0; listing < kMaxListings; ++listing) {
    const Result<std::vector<uint64_t>> seqs = candidates(want);
    if (!seqs) return Refused{seqs.error().message};
    if (seqs.value().empty() && !want.seq) return Nothing{};
    std::optional<RestoreOutcome> outcome = try_each(seqs.value(), state, want, touched);
    if (outcome) return *std::move(outcome);
  }
  return Refused{
      fmt::format("a writer deleted what was being read, {} times in a row", kMaxListings)};
}

// A listing beside a writer may miss a name that appears and one that is deleted: that a
// directory is empty is believed when it is seen again.
Result<std::vector<uint64_t>> Restorer::candidates(const Want& want) {
  Result<std::vector<uint64_t>> seqs = directory_.stored();
  for (int again = 0; again < 2 && seqs && seqs.value().empty(); ++again) {
    seqs = directory_.stored();
  }
  if (seqs && want.seq) std::erase_if(seqs.value(), [&](uint64_t seq) { return seq != *want.seq; });
  return seqs;
}

std::optional<RestoreOutcome> Restorer::try_each(const std::vector<uint64_t>& seqs,
                                                 const StateView& state, const Want& want,
                                                 Touched& touched) {
  std::vector<std::string> passed_over;
  for (const uint64_t seq : seqs) {
    Tried tried = try_one(seq, state, want, touched);
    if (auto* restored = std::get_if<Restored>(&tried)) {
      restored->passed_over = std::move(passed_over);
      return std::move(*restored);
    }
    if (auto* refused = std::get_if<Refused>(&tried)) return std::move(*refused);
    auto& unusable = std::get<Unusable>(tried);
    if (unusable.not_there && is_gone(seq)) return std::nullopt;
    passed_over.push_back(std::move(unusable.why));
  }
  return none_usable(want, passed_over);
}

bool Restorer::is_gone(uint64_t seq) {
  const Result<std::vector<uint64_t>> seqs = directory_.stored();
  return seqs && std::find(seqs.value().begin(), seqs.value().end(), seq) == seqs.value().end();
}

Restorer::Tried Restorer::try_one(uint64_t seq, const StateView& state, const Want& want,
                                  Touched& touched) {
  const auto read = IoRetries()([&] { return read_manifest(directory_.store(), seq); });
  if (!read) {
    const std::string why = one_line(fmt::format("checkpoint {}: {}", seq, read.error().message));
    if (is_environment(read.error())) return not_readable_now(why);
    return Unusable{.why = why, .not_there = read.error().fault == IoFault::kNotThere};
  }
  return fill(read.value(), state, want, touched);
}

Restorer::Tried Restorer::fill(const std::shared_ptr<const Manifest>& record,
                               const StateView& state, const Want& want, Touched& touched) {
  const Manifest& manifest = *record;
  const auto problem_text = [&](const std::string& what) {
    return one_line(fmt::format("checkpoint {} (step {}): {}", manifest.seq, manifest.step, what));
  };
  const StateMatch found = match(manifest, state);
  if (!found.conflicts.empty()) return Refused{problem_text(join_some(found.conflicts))};
  const std::string problem = want.partial ? "" : names_problem(found);
  if (!problem.empty()) {
    const bool only_weights =
        manifest.contents == Contents::kWeights && has_more_than_weights(state);
    if (!only_weights) return Refused{problem_text(problem)};
    return Unusable{problem_text("holds weights only, which a partial restore accepts")};
  }
  const std::string mixed = left_mixed(touched, found);
  if (!mixed.empty()) {
    return Unusable{
        problem_text(fmt::format("lacks {}, which a damaged newer checkpoint has filled", mixed))};
  }
  for (const Fill& fill : found.fills) touched.insert(fill.to->name);
  const IoStatus loaded = IoRetries()([&] { return loader_.load(found.fills); });
  if (!loaded) {
    const std::string why = problem_text(loaded.error().message);
    if (is_environment(loaded.error())) return not_readable_now(why);
    return Unusable{.why = why, .not_there = loaded.error().fault == IoFault::kNotThere};
  }
  // What a partial restore left out may be damaged: the next save must not refer to it.
  if (reads_all(found, manifest)) directory_.trust(record);
  return Restored{.seq = manifest.seq,
                  .step = manifest.step,
                  .missing = found.missing,
                  .unexpected = found.unexpected,
                  .passed_over = {}};
}

}  // namespace ckptbench
