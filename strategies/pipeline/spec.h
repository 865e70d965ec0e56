// The text form of a composed strategy: `capture[+encoder][+place]@store`, for example
// "blocking+raw@dir", "staged+planes+zstd@dir", "staged+dedup+planes+zstd+rank0@dir". The words
// before the '@' may stand in any order. No encoder means raw, no place means rank0.
// Plain values; no thread rule.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "harness/core/error.h"

namespace ckptbench {

struct Spec {
  std::string capture;       // "blocking" | "staged"
  bool dedup = false;        // unchanged chunks refer to an older checkpoint
  bool planes_zstd = false;  // byte planes, then zstd
  std::string place = "rank0";
  std::string store;  // "dir"

  bool raw() const { return !dedup && !planes_zstd; }
  // The same composition, always written the same way; parse_spec accepts it.
  std::string text() const;

  friend bool operator==(const Spec&, const Spec&) = default;
};

// Errors: an unknown word (with near names), a missing or doubled capture, place or store, an
// encoder that excludes another.
Result<Spec> parse_spec(std::string_view text);

// A short name for a composition.
struct Preset {
  std::string_view name;
  std::string_view spec;
  std::string_view summary;
};
std::span<const Preset> presets();

}  // namespace ckptbench
