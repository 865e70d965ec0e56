#include "strategies/pipeline/spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "harness/core/near_names.h"
#include "strategies/pipeline/stages.h"

namespace ckptbench {
namespace {

// `compressed` is staged: compression is slower than a disk here, and a blocking one would show
// the codec's speed as the strategy's stall.
constexpr std::array<Preset, 4> kPresets{{
    {"sync", "blocking+raw@dir", "training waits until the checkpoint is durable"},
    {"async", "staged+raw@dir", "training waits for a copy in host memory; a thread writes it"},
    {"compressed", "staged+planes+zstd@dir", "as async, byte planes compressed with zstd"},
    {"incremental", "staged+dedup@dir", "as async, unchanged chunks refer to an older checkpoint"},
}};

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// The words that may stand on one side of the '@'. An encoder's name may have several.
std::vector<std::string> known_words(bool store_side) {
  std::vector<std::string> words;
  for (const StageInfo& stage : pipeline_stages()) {
    if ((stage.kind == "store") != store_side) continue;
    for (std::string& word : split(stage.name, '+')) words.push_back(std::move(word));
  }
  return words;
}

bool is_stage(std::string_view kind, std::string_view name) {
  const auto& stages = pipeline_stages();
  return std::any_of(stages.begin(), stages.end(), [&](const StageInfo& stage) {
    return stage.kind == kind && stage.name == name;
  });
}

// What the words said so far; parse_spec turns it into a Spec.
struct Words {
  std::string capture;
  std::string place;
  bool raw = false;
  bool dedup = false;
  bool planes = false;
  bool zstd = false;
};

Status set_once(std::string& slot, const std::string& word, std::string_view kind) {
  if (!slot.empty()) {
    return Error{fmt::format("{} twice: '{}' and '{}', expected one", kind, slot, word)};
  }
  slot = word;
  return {};
}

Status set_flag(bool& flag, const std::string& word) {
  if (flag) return Error{fmt::format("'{}' twice", word)};
  flag = true;
  return {};
}

Status take_word(Words& words, const std::string& word) {
  if (is_stage("capture", word)) return set_once(words.capture, word, "capture");
  if (is_stage("place", word)) return set_once(words.place, word, "place");
  if (word == "raw") return set_flag(words.raw, word);
  if (word == "dedup") return set_flag(words.dedup, word);
  if (word == "planes") return set_flag(words.planes, word);
  if (word == "zstd") return set_flag(words.zstd, word);
  return Error{unknown_name("stage", word, known_words(false))};
}

Status check(const Words& words) {
  if (words.capture.empty()) return Error{"no capture, expected blocking or staged"};
  if (words.planes != words.zstd) return Error{"'planes' and 'zstd' go together: planes+zstd"};
  if (words.raw && (words.dedup || words.zstd)) return Error{"'raw' excludes other encoders"};
  return {};
}

}  // namespace

std::span<const Preset> presets() {
  return kPresets;
}

std::string Spec::text() const {
  std::string text = capture;
  if (raw()) text += "+raw";
  if (dedup) text += "+dedup";
  if (planes_zstd) text += "+planes+zstd";
  return text + "+" + place + "@" + store;
}

Result<Spec> parse_spec(std::string_view text) {
  const auto error = [&](const std::string& what) {
    return Error{fmt::format("strategy '{}': {}", text, what)};
  };
  const std::vector<std::string> sides = split(text, '@');
  if (sides.size() != 2) return error("expected capture[+encoder][+place]@store");
  if (!is_stage("store", sides[1])) {
    return error(unknown_name("store", sides[1], known_words(true)));
  }
  Words words;
  for (const std::string& word : split(sides[0], '+')) {
    const Status taken = take_word(words, word);
    if (!taken) return error(taken.error().message);
  }
  const Status checked = check(words);
  if (!checked) return error(checked.error().message);
  Spec spec{.capture = words.capture,
            .dedup = words.dedup,
            .planes_zstd = words.zstd,
            .place = words.place.empty() ? "rank0" : words.place,
            .store = sides[1]};
  return spec;
}

}  // namespace ckptbench
