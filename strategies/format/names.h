// The names of a checkpoint directory: ckpt-00000012.manifest is the commit record of checkpoint
// 12, ckpt-00000012.rNNNN.ENDING a data file of one rank, and a name that ends in ".tmp" is not
// finished. All other names belong to others: what bears them is not read or removed.
// And the names that a manifest's tables hold. Free functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ckptbench {

inline constexpr std::string_view kManifestSuffix = "manifest";
inline constexpr std::string_view kTemporarySuffix = ".tmp";

// Fifteen digits: a hostile name cannot make the next number wrap around.
inline constexpr uint64_t kMaxSeq = 999'999'999'999'999;

// A name as manifests and write sets use it, "r0000.safetensors": 'r', the rank in four digits or
// more, a dot, then letters, digits, '.', '_', '-'; at most 100 in all, not temporary. Names in
// manifests are not trusted.
bool is_data_file_name(std::string_view name);

// "planes+zstd": lower-case letters, digits, '+', '-', '_', at most 64. Not whether it is known.
bool is_encoding_name(std::string_view name);

// "ckpt-00000012.r0000.safetensors".
std::string stored_name(uint64_t seq, std::string_view file);

struct StoredName {
  uint64_t seq = 0;
  std::string file;  // "manifest", "r0000.safetensors", either with ".tmp"
  bool temporary = false;
};
// Nothing for a name that is not of this form, or with a seq of 0 or beyond kMaxSeq.
std::optional<StoredName> parse_stored_name(std::string_view name);

}  // namespace ckptbench
