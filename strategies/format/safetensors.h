// safetensors files. Strategies plan the layout of one to be written with it. The reader of headers
// further down is for checks alone: tests and the fuzz target read with it what was written, its
// bytes not trusted. No restore uses it: a checkpoint is restored by its manifest. Format: 8 bytes
// little-endian header size N, N bytes of JSON, then the tensors' bytes without gaps
// (huggingface/safetensors, README "Format"). Plain values; no thread rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/tensor_view.h"

namespace ckptbench {

struct SafetensorsTensor {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;  // of what the file holds, elements
  uint64_t bytes = 0;
};

using SafetensorsMetadata = std::map<std::string, std::string>;

struct SafetensorsLayout {
  std::string header;             // the size, the JSON and padding: kStoreAlignment × k bytes
  std::vector<uint64_t> offsets;  // of each given tensor, bytes into the file
  std::vector<size_t> order;      // indices of the given tensors as they lie in the file
  uint64_t file_bytes = 0;
};

// Larger elements first, else in the given order, so that each tensor is aligned to its element.
// Errors: a name twice, reserved or not UTF-8; bytes that do not match shape and dtype.
Result<SafetensorsLayout> plan_safetensors(std::span<const SafetensorsTensor> tensors,
                                           const SafetensorsMetadata& metadata);

// From here on: the reader that checks what is written.
struct SafetensorsEntry {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  uint64_t offset = 0;  // bytes into the file
  uint64_t bytes = 0;
};

struct SafetensorsHeader {
  uint64_t data_begin = 0;                // bytes into the file
  std::vector<SafetensorsEntry> entries;  // in file order
  SafetensorsMetadata metadata;
};

// The format's own limit of the JSON.
inline constexpr uint64_t kMaxSafetensorsHeader = 100'000'000;

// The JSON's size, from the first 8 bytes of a file of file_bytes bytes. Errors: fewer than 8 bytes
// given, more than the limit or the file holds.
Result<uint64_t> safetensors_header_bytes(std::span<const std::byte> begin, uint64_t file_bytes);
// `begin` holds at least 8 + safetensors_header_bytes() bytes. Errors: not JSON of that form,
// tensors that overlap, leave gaps, reach beyond the file or do not match their shape and dtype.
Result<SafetensorsHeader> parse_safetensors(std::span<const std::byte> begin, uint64_t file_bytes);

}  // namespace ckptbench
