#include "harness/measure/save_sequence.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "harness/core/json_fields.h"

namespace ckptbench {
namespace {

constexpr size_t kShownSteps = 24;
constexpr std::array<std::string_view, 4> kStepWords{"write", "sync", "rename", "sync folder"};

constexpr auto kSaveStepFields = [](auto& json, auto& step) {
  json.enumeration("what", step.what, kStepWords);
  json.field("file", step.file);
  json.field("share", step.share);
};
constexpr auto kWriteKindFields = [](auto& json, auto& kind) {
  json.field("direct", kind.direct);
  json.field("preallocated", kind.preallocated);
};
constexpr auto kSaveSequenceFields = [](auto& json, auto& sequence) {
  json.field("sizes", sequence.sizes);
  json.field("steps", sequence.steps);
  json.field("kinds", sequence.kinds);
};

void add_common(std::vector<SaveStep>& into, uint64_t begin, uint64_t end,
                const CommonSteps& steps) {
  for (uint64_t file = begin; file < end; ++file) {
    into.push_back({FileStep::kWrite, file});
    if (steps.sync) into.push_back({FileStep::kSync, file});
  }
  for (uint64_t file = begin; steps.rename && file < end; ++file) {
    into.push_back({FileStep::kRename, file});
  }
  if (steps.sync_folder) into.push_back({FileStep::kSyncFolder});
}

std::vector<size_t> by_size(const FileSizes& sizes) {
  std::vector<size_t> order(sizes.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {}, [&](size_t index) { return sizes[index]; });
  return order;
}

// Of `count` files in place of those of the sequence.
std::vector<WriteKind> kinds_of(const SaveSequence& sequence, size_t count) {
  if (sequence.sizes.empty() || count == 0) return {};
  const auto largest = std::ranges::max_element(sequence.sizes) - sequence.sizes.begin();
  const auto kind = sequence.kind_of(static_cast<uint64_t>(largest));
  if (!kind) return {};
  std::vector<WriteKind> kinds(count, *kind);
  if (count > 1) kinds.back() = sequence.kinds.back();
  return kinds;
}

std::string step_text(const SaveStep& step) {
  const std::string_view word = kStepWords.at(static_cast<size_t>(step.what));
  if (step.what == FileStep::kSyncFolder) return std::string(word);
  const std::string text = fmt::format("{} {}", word, step.file + 1);
  return step.share < 1 ? fmt::format("{} ({:.2g} %)", text, 100 * step.share) : text;
}

}  // namespace

bool SaveSequence::has(FileStep what) const {
  return std::ranges::any_of(steps, [&](const SaveStep& step) { return step.what == what; });
}

std::optional<WriteKind> SaveSequence::kind_of(uint64_t file) const {
  if (kinds.size() != sizes.size()) return std::nullopt;
  return kinds.at(file);
}

SaveSequence common_sequence(FileSizes sizes, const CommonSteps& steps) {
  SaveSequence sequence{.sizes = std::move(sizes)};
  const uint64_t count = sequence.sizes.size();
  if (count > 1) add_common(sequence.steps, 0, count - 1, steps);
  if (count > 0) add_common(sequence.steps, count - 1, count, steps);
  return sequence;
}

PlainSave claimed_save(FileSizes sizes, bool survives_power, bool in_place) {
  const CommonSteps steps{
      .sync = survives_power, .rename = !in_place, .sync_folder = survives_power && !in_place};
  return {.sequence = common_sequence(std::move(sizes), steps), .in_place = in_place};
}

SaveSequence with_sizes(const SaveSequence& sequence, FileSizes sizes) {
  if (sizes.size() != sequence.sizes.size()) {
    std::vector<WriteKind> kinds = kinds_of(sequence, sizes.size());
    SaveSequence common =
        common_sequence(std::move(sizes), {.sync = sequence.has(FileStep::kSync),
                                           .rename = sequence.has(FileStep::kRename),
                                           .sync_folder = sequence.has(FileStep::kSyncFolder)});
    common.kinds = std::move(kinds);
    return common;
  }
  SaveSequence changed = sequence;
  std::ranges::sort(sizes);
  const std::vector<size_t> order = by_size(sequence.sizes);
  for (size_t rank = 0; rank < order.size(); ++rank) changed.sizes[order[rank]] = sizes[rank];
  return changed;
}

std::string sequence_text(const SaveSequence& sequence) {
  std::string text;
  for (size_t i = 0; i < sequence.steps.size(); ++i) {
    if (i == kShownSteps) {
      return text + fmt::format(", and {} more steps", sequence.steps.size() - kShownSteps);
    }
    text += (text.empty() ? "" : ", ") + step_text(sequence.steps[i]);
  }
  return text;
}

void to_json(nlohmann::json& out, const SaveStep& value) {
  write_fields(out, value, kSaveStepFields);
}

void from_json(const nlohmann::json& in, SaveStep& value) {
  read_fields(in, "step of a save", value, kSaveStepFields);
}

void to_json(nlohmann::json& out, const WriteKind& value) {
  write_fields(out, value, kWriteKindFields);
}

void from_json(const nlohmann::json& in, WriteKind& value) {
  read_fields(in, "kind of a write", value, kWriteKindFields);
}

void to_json(nlohmann::json& out, const SaveSequence& value) {
  write_fields(out, value, kSaveSequenceFields);
}

void from_json(const nlohmann::json& in, SaveSequence& value) {
  read_fields(in, "sequence of a save", value, kSaveSequenceFields);
}

}  // namespace ckptbench
