#include "strategies/format/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace ckptbench {
namespace {

constexpr std::string_view kPrefix = "ckpt-";
constexpr size_t kMaxFileName = 100;
constexpr size_t kMinRankDigits = 4;
constexpr size_t kMaxEncoding = 64;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

// "r0000." and something behind it. Other programs number their checkpoints like ours,
// "ckpt-00001000.pt": the rank tells the files apart.
bool names_rank(std::string_view name) {
  if (!name.starts_with('r')) return false;
  const size_t dot = std::min(name.find_first_not_of("0123456789", 1), name.size());
  return dot > kMinRankDigits && dot + 1 < name.size() && name[dot] == '.';
}

}  // namespace

bool is_data_file_name(std::string_view name) {
  return names_rank(name) && name.size() <= kMaxFileName &&
         std::all_of(name.begin(), name.end(), is_plain) &&
         name.find("..") == std::string_view::npos && !name.ends_with(kTemporarySuffix);
}

bool is_encoding_name(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '_';
  };
  return !name.empty() && name.size() <= kMaxEncoding &&
         std::all_of(name.begin(), name.end(), plain);
}

std::string stored_name(uint64_t seq, std::string_view file) {
  return fmt::format("{}{:08}.{}", kPrefix, seq, file);
}

std::optional<StoredName> parse_stored_name(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  const char* const begin = name.data() + kPrefix.size();
  const char* const end = name.data() + name.size();
  StoredName parsed;
  const auto [dot, error] = std::from_chars(begin, end, parsed.seq);
  if (error != std::errc{} || dot == end || *dot != '.') return std::nullopt;
  if (parsed.seq == 0 || parsed.seq > kMaxSeq) return std::nullopt;
  parsed.file.assign(dot + 1, end);
  parsed.temporary = name.ends_with(kTemporarySuffix);
  // Only the canonical spelling, so that no two names mean the same checkpoint.
  if (stored_name(parsed.seq, parsed.file) != name) return std::nullopt;
  std::string_view base = parsed.file;
  if (parsed.temporary) base.remove_suffix(kTemporarySuffix.size());
  if (base != kManifestSuffix && !is_data_file_name(base)) return std::nullopt;
  return parsed;
}

}  // namespace ckptbench
