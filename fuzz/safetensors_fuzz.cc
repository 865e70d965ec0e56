// parse_safetensors: hostile headers, as a whole file and as JSON under a right size in a file that
// is as long as its tensors say. What is accepted covers the file without gaps, and a file planned
// for the same tensors is read as the same.
#include <algorithm>
#include <map>
#include <span>

#include "fuzz/fuzz_target.h"
#include "fuzz/json_mutation.h"
#include "fuzz/seed_files.h"
#include "harness/core/digest.h"
#include "harness/core/json_text.h"
#include "strategies/format/safetensors.h"
#include "strategies/format/shape_bytes.h"

namespace ckptbench {
namespace {

constexpr size_t kSizeBytes = 8;

using Described = std::map<std::string, std::tuple<DType, std::vector<int64_t>, uint64_t>>;

Described described(const SafetensorsHeader& header) {
  Described tensors;
  for (const SafetensorsEntry& entry : header.entries) {
    const auto description = std::tuple(entry.dtype, entry.shape, entry.bytes);
    must_hold(tensors.emplace(entry.name, description).second, "a name twice");
  }
  return tensors;
}

void check_covers(const SafetensorsHeader& header, uint64_t file_bytes) {
  uint64_t end = header.data_begin;
  for (const SafetensorsEntry& entry : header.entries) {
    must_hold(entry.offset == end, "a gap between tensors");
    must_hold(entry.bytes <= file_bytes - end, "a tensor beyond the file");
    must_hold(shape_bytes(entry.shape, entry.dtype) == entry.bytes, "the size of a tensor");
    end += entry.bytes;
  }
  must_hold(end == file_bytes, "tensors that do not cover the file");
}

void check_planned(const SafetensorsHeader& header) {
  std::vector<SafetensorsTensor> tensors;
  for (const SafetensorsEntry& entry : header.entries) {
    tensors.push_back({entry.name, entry.dtype, entry.shape, entry.bytes});
  }
  const Result<SafetensorsLayout> layout = plan_safetensors(tensors, header.metadata);
  if (!layout) return must_be_one_line(layout.error().message);
  const auto again = parse_safetensors(bytes_of(layout.value().header), layout.value().file_bytes);
  must_hold(again.ok(), "a planned file is refused");
  must_hold(described(again.value()) == described(header), "other tensors in the planned file");
  must_hold(again.value().metadata == header.metadata, "other metadata in the planned file");
}

void check(std::string_view file, uint64_t file_bytes) {
  const Result<SafetensorsHeader> header = parse_safetensors(bytes_of(file), file_bytes);
  if (!header) return must_be_one_line(header.error().message);
  check_covers(header.value(), file_bytes);
  described(header.value());
  check_planned(header.value());
}

std::string with_size(std::string_view text) {
  std::string file;
  for (size_t i = 0; i < kSizeBytes; ++i) file += static_cast<char>(text.size() >> (8 * i) & 0xff);
  return file.append(text);
}

// Where the last tensor ends, in bytes after the header; 0 where the JSON says nothing of the kind.
uint64_t data_bytes(std::string_view text) {
  const nlohmann::json root = try_parse_json(text);
  uint64_t end = 0;
  if (!root.is_object()) return 0;
  for (const nlohmann::json& entry : root) {
    if (!entry.is_object() || !entry.contains("data_offsets")) continue;
    const nlohmann::json& offsets = entry["data_offsets"];
    if (!offsets.is_array() || offsets.empty() || !offsets.back().is_number_unsigned()) continue;
    end = std::max(end, std::min(offsets.back().get<uint64_t>(), kMaxShapeBytes));
  }
  return end;
}

// The JSON of a whole file; the input itself where it is no file.
std::string_view header_text(std::string_view input) {
  const auto size = safetensors_header_bytes(bytes_of(input), input.size());
  return size ? input.substr(kSizeBytes, size.value()) : input;
}

void run(std::string_view input) {
  check(input, input.size());
  const std::string_view text = header_text(input);
  check(with_size(text), kSizeBytes + text.size() + data_bytes(text));
}

std::string mutate(std::string_view input, Prng& random, const BlindMutation& blind) {
  return mutate_json(header_text(input), random, blind);
}

std::vector<std::string> seeds() {
  std::vector<std::string> files;
  for (const FolderContent& folder : golden_folders()) {
    for (const auto& [name, content] : folder) {
      if (name.ends_with(".safetensors")) files.push_back(content);
    }
  }
  files.emplace_back(R"({"__metadata__":{"format":"pt","a":"b"},)"
                     R"("t":{"dtype":"I64","shape":[2,3],"data_offsets":[0,48]},)"
                     R"("empty":{"dtype":"F32","shape":[0,7],"data_offsets":[48,48]},)"
                     R"("u":{"dtype":"BOOL","shape":[],"data_offsets":[48,49]}})");
  return files;
}

}  // namespace

FuzzTarget safetensors_fuzz() {
  return {.name = "safetensors", .run = run, .mutate = mutate, .seeds = seeds};
}

}  // namespace ckptbench
