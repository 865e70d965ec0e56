// What must hold after each operation of a drawn sequence.
#include <fmt/format.h>

#include <cstring>

#include "strategies/testing/sequence_run.h"

namespace ckptbench {
namespace {

constexpr uint64_t kPoison = 1ULL << 40;  // seeds of bytes that no save holds

}  // namespace

DrawnState::DrawnState() {
  // Two of several chunks; none of a multiple of one.
  state_.add("a.weight", Role::kParameter, DType::kF32, {64, 33});
  state_.add("b.weight", Role::kParameter, DType::kBF16, {1000});
  state_.add_alias("tied.weight", "a.weight");
  state_.add("mean", Role::kBuffer, DType::kF32, {7});
  state_.add("none", Role::kBuffer, DType::kF32, {0, 3});
  state_.add("exp_avg/a.weight", Role::kMoment1, DType::kF32, {64, 33});
  state_.add("optimizer step", Role::kOptimizerStep, DType::kI64, {});
  state_.add("flag", Role::kGradient, DType::kBool, {1});
  state_.add("order", Role::kLoader, DType::kI16, {333});
  state_.add("rng", Role::kRng, DType::kU8, {5056}).mutates = Mutates::kAnyTime;
}

// By the order of those that hold bytes of their own.
const TensorView& DrawnState::tensor(size_t index) {
  static const std::array<const char*, kDrawnTensors> names{
      "a.weight", "b.weight", "mean", "exp_avg/a.weight", "optimizer step", "flag", "order", "rng"};
  return *state_.view().find(names.at(index));
}

void DrawnState::fill(size_t index, uint64_t seed) {
  state_.fill(tensor(index).name, seed);
  seeds_.at(index) = seed;
}

void DrawnState::fill(const ContentSeeds& seeds) {
  for (size_t i = 0; i < kDrawnTensors; ++i) {
    if (seeds_[i] != seeds[i]) fill(i, seeds[i]);
  }
}

void SequenceRun::catch_up() {
  for (const TapeEvent& event : tape_.take()) model_.apply(event);
  if (!model_.violation().empty()) throw Violation{model_.violation()};
}

// The newest full checkpoint that must be there; 0 for none.
uint64_t SequenceRun::floor() const {
  uint64_t newest = 0;
  for (const uint64_t seq : model_.all_kept()) {
    if (model_.save_of(seq)->contents == Contents::kFull) newest = seq;
  }
  return newest;
}

void SequenceRun::check_folder() {
  if (!subject_.leftovers || is_deleting_ || left_files_) return;
  const std::vector<std::string> left = subject_.leftovers(folder_.path());
  if (!left.empty()) throw Violation{left.front() + " is left, and nobody needs it"};
}

std::vector<CheckpointInfo> SequenceRun::check_list(Strategy& strategy) {
  catch_up();
  const std::set<uint64_t> kept = model_.all_kept();
  const std::vector<CheckpointInfo> listed = strategy.list();
  catch_up();
  const std::string violation = model_.compare(listed, kept, &strategy == strategy_.get());
  if (!violation.empty()) throw Violation{violation};
  return listed;
}

// Beside the writer, which it does not disturb.
void SequenceRun::check_with_reader() {
  const auto reader = open(true);
  check_list(*reader);
  const std::set<uint64_t> kept = model_.all_kept();
  if (kept.empty() || subject_.keeps_one) {
    check_restore(*reader, {.seq = {}});
    return;
  }
  auto seq = kept.begin();
  std::advance(seq, prng_.below(kept.size()));
  check_restore(*reader, {.seq = *seq});
}

void SequenceRun::check_all_restores() {
  check_restore(*strategy_, {.seq = {}});
  if (subject_.keeps_one) return;
  for (const uint64_t seq : model_.all_kept()) {
    const bool weights = model_.save_of(seq)->contents == Contents::kWeights;
    check_restore(*strategy_, {.seq = seq, .partial = weights});
  }
}

RestoreOutcome SequenceRun::check_restore(Strategy& strategy, const Want& want) {
  catch_up();
  const uint64_t least = floor();
  const bool kept = want.seq && model_.must_keep(*want.seq);
  for (size_t i = 0; i < kDrawnTensors; ++i) target_.fill(i, kPoison + new_seed());
  const RestoreOutcome outcome = strategy.restore(target_.view(), want, nullptr);
  catch_up();
  if (const auto* const restored = std::get_if<Restored>(&outcome)) {
    check_restored(*restored, want, least);
    return outcome;
  }
  if (!want.seq && least > 0) {
    throw Violation{
        fmt::format("restore: {}, although checkpoint {} is to be kept", words(outcome), least)};
  }
  const bool fits =
      kept && (want.partial || model_.save_of(*want.seq)->contents == Contents::kFull);
  if (fits && model_.must_keep(*want.seq)) {
    throw Violation{fmt::format("restore of checkpoint {}: {}", *want.seq, words(outcome))};
  }
  return outcome;
}

void SequenceRun::check_restored(const Restored& restored, const Want& want, uint64_t floor) {
  CheckpointInfo info{.seq = restored.seq, .run = "", .step = restored.step};
  const ModelSave* const known = model_.save_of(restored.seq);
  if (known && !subject_.keeps_one) info.contents = known->contents;
  const std::string strange = model_.recognise(info);
  if (!strange.empty()) throw Violation{"restore: " + strange};
  const ModelSave* const saved =
      subject_.keeps_one ? model_.save_of_step(restored.step) : model_.save_of(restored.seq);
  if (want.seq && restored.seq != *want.seq) {
    throw Violation{fmt::format("restores {}, expected {}", restored.seq, *want.seq)};
  }
  if (!want.seq && saved->seq.value_or(0) < floor) {
    throw Violation{fmt::format("restores checkpoint {} of step {}, and {} is newer", restored.seq,
                                restored.step, floor)};
  }
  if (!want.partial && (!restored.missing.empty() || !restored.unexpected.empty())) {
    throw Violation{"a strict restore leaves names out"};
  }
  if (!restored.passed_over.empty() && !model_.has_doubtful()) {
    const bool weights = restored.passed_over.front().find("weights") != std::string::npos;
    if (!weights) throw Violation{"passes over " + restored.passed_over.front()};
  }
  check_bytes(*saved, restored);
}

void SequenceRun::check_bytes(const ModelSave& saved, const Restored& restored) {
  const bool all = saved.contents == Contents::kFull;
  if (!all && restored.missing.empty()) throw Violation{"weights alone pass for a full state"};
  DrawnState expected;
  expected.fill(saved.seeds);
  for (size_t i = 0; i < kDrawnTensors; ++i) {
    const TensorView& tensor = target_.tensor(i);
    if (!all && !is_weight(tensor.role)) continue;
    if (std::memcmp(tensor.data, expected.tensor(i).data, tensor.bytes) != 0) {
      throw Violation{fmt::format("checkpoint {} of step {}: {} does not hold what was saved",
                                  restored.seq, saved.step, tensor.name)};
    }
  }
  target_.fill(saved.seeds);
}

}  // namespace ckptbench
