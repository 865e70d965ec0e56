// The text form of a composed strategy: `capture[+encoder…][+place]@store`, for example
// "blocking+raw@dir", "staged+planes+zstd@dir", "staged+dedup+planes+zstd+rank0@dir". The words
// before the '@' may stand in any order. Where none of a kind is named, its default row is taken.
// Plain values; no thread rule.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/error.h"
#include "strategies/api/stage.h"

namespace ckptbench {

struct Spec {
  std::span<const StageRow> known;    // what the text could name; a reader decodes all of these
  std::vector<const StageRow*> rows;  // chosen: by kind, then in the order of `known`

  // REQUIRES: a kind of which every spec has exactly one, so not kEncode.
  const StageRow& the(StageKind kind) const;
  // The same composition, always written the same way; parse_spec accepts it.
  std::string text() const;

  friend bool operator==(const Spec& a, const Spec& b) { return a.rows == b.rows; }
};

// `known` outlives the result. Errors: an unknown word (with near names); a missing or doubled
// capture, place or store; encoders that cannot be chained; two rows with a parameter of one name.
Result<Spec> parse_spec(std::string_view text, std::span<const StageRow> known);

}  // namespace ckptbench
