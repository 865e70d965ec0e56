#include "strategies/format/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>

#include "harness/core/one_line.h"
#include "harness/platform/alignment.h"
#include "strategies/format/shape_bytes.h"
#include "strategies/format/strict_json.h"

namespace ckptbench {
namespace {

using nlohmann::json;

constexpr std::string_view kMetadataKey = "__metadata__";
constexpr uint64_t kSizeBytes = 8;
constexpr int kHeaderDepth = 4;

// The error, or nothing.
std::string check_tensor(const SafetensorsTensor& tensor) {
  if (tensor.name == kMetadataKey) return "the name is reserved";
  const std::optional<uint64_t> expected = shape_bytes(tensor.shape, tensor.dtype);
  if (!expected) return "its shape is negative or too large";
  if (tensor.bytes == *expected) return {};
  return fmt::format("{} bytes, expected {} by shape and dtype", tensor.bytes, *expected);
}

std::vector<size_t> file_order(std::span<const SafetensorsTensor> tensors) {
  std::vector<size_t> order(tensors.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return dtype_bytes(tensors[a].dtype) > dtype_bytes(tensors[b].dtype);
  });
  return order;
}

std::string entry_text(const SafetensorsTensor& tensor, uint64_t begin) {
  return fmt::format(R"({}:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})",
                     json(tensor.name).dump(), dtype_name(tensor.dtype),
                     fmt::join(tensor.shape, ","), begin, begin + tensor.bytes);
}

std::string with_size_and_padding(std::string text) {
  const uint64_t unpadded = kSizeBytes + text.size();
  const uint64_t padded = align_up(unpadded);
  text.append(padded - unpadded, ' ');
  std::string size(kSizeBytes, '\0');
  for (size_t i = 0; i < kSizeBytes; ++i) {
    size[i] = static_cast<char>(text.size() >> (8 * i) & 0xff);
  }
  return size + text;
}

SafetensorsMetadata read_metadata(const json& in) {
  if (!in.is_object()) throw JsonSurprise("__metadata__: expected an object");
  SafetensorsMetadata metadata;
  for (auto it = in.begin(); it != in.end(); ++it) {
    metadata[it.key()] = to_string(it.value(), it.key());
  }
  return metadata;
}

SafetensorsEntry read_entry(const std::string& name, const json& in, uint64_t data_bytes) {
  expect_keys(in, name, {"dtype", "shape", "data_offsets"});
  SafetensorsEntry entry;
  entry.name = name;
  const std::string& word = to_string(member(in, name, "dtype"), name);
  const std::optional<DType> dtype = parse_dtype(word);
  if (!dtype) throw JsonSurprise(fmt::format("{}: dtype '{}' is not supported", name, word));
  entry.dtype = *dtype;
  entry.shape = to_extents(member(in, name, "shape"), name);
  const json& offsets = to_array(member(in, name, "data_offsets"), name, 2);
  entry.offset = to_unsigned(offsets[0], name);
  const uint64_t end = to_unsigned(offsets[1], name);
  if (entry.offset > end || end > data_bytes) {
    throw JsonSurprise(
        fmt::format("{}: bytes {} to {} of {}", name, entry.offset, end, data_bytes));
  }
  entry.bytes = end - entry.offset;
  const std::string error = check_tensor({name, entry.dtype, entry.shape, entry.bytes});
  if (!error.empty()) throw JsonSurprise(fmt::format("{}: {}", name, error));
  return entry;
}

void expect_no_gaps(const std::vector<SafetensorsEntry>& entries, uint64_t data_bytes) {
  uint64_t end = 0;
  for (const SafetensorsEntry& entry : entries) {
    if (entry.offset != end) {
      throw JsonSurprise(
          fmt::format("{}: begins at {}, expected {}", entry.name, entry.offset, end));
    }
    end += entry.bytes;
  }
  if (end != data_bytes) {
    throw JsonSurprise(fmt::format("{} bytes of data, expected {}", data_bytes, end));
  }
}

SafetensorsHeader read_header(std::string_view text, uint64_t data_bytes) {
  const StrictJson document = parse_strict_json(text, kHeaderDepth);
  const json& root = document.root();
  if (!root.is_object()) throw JsonSurprise("expected an object");
  SafetensorsHeader header;
  header.data_begin = kSizeBytes + text.size();
  for (auto it = root.begin(); it != root.end(); ++it) {
    if (it.key() == kMetadataKey) {
      header.metadata = read_metadata(it.value());
    } else {
      header.entries.push_back(read_entry(it.key(), it.value(), data_bytes));
    }
  }
  std::stable_sort(header.entries.begin(), header.entries.end(), [](const auto& a, const auto& b) {
    return std::pair(a.offset, a.bytes) < std::pair(b.offset, b.bytes);
  });
  expect_no_gaps(header.entries, data_bytes);
  for (SafetensorsEntry& entry : header.entries) entry.offset += header.data_begin;
  return header;
}

}  // namespace

Result<SafetensorsLayout> plan_safetensors(std::span<const SafetensorsTensor> tensors,
                                           const SafetensorsMetadata& metadata) {
  SafetensorsLayout layout;
  layout.order = file_order(tensors);
  layout.offsets.resize(tensors.size());
  std::set<std::string_view> names;
  uint64_t end = 0;
  try {
    std::string text = fmt::format("{{\"{}\":{}", kMetadataKey, json(metadata).dump());
    for (const size_t index : layout.order) {
      const SafetensorsTensor& tensor = tensors[index];
      std::string error = check_tensor(tensor);
      if (!names.insert(tensor.name).second) error = "the name appears twice";
      if (!error.empty()) {
        return Error{one_line(fmt::format("safetensors: '{}': {}", tensor.name, error))};
      }
      text += ',' + entry_text(tensor, end);
      layout.offsets[index] = end;
      end += tensor.bytes;
      if (end > kMaxShapeBytes) return Error{"safetensors: the file would be too large"};
    }
    layout.header = with_size_and_padding(text + '}');
  } catch (const json::exception& error) {
    return Error{one_line(fmt::format("safetensors: {}", error.what()))};
  }
  if (layout.header.size() - kSizeBytes > kMaxSafetensorsHeader) {
    return Error{fmt::format("safetensors: a header of {} bytes, expected at most {}",
                             layout.header.size(), kMaxSafetensorsHeader)};
  }
  for (uint64_t& offset : layout.offsets) offset += layout.header.size();
  layout.file_bytes = layout.header.size() + end;
  return layout;
}

Result<uint64_t> safetensors_header_bytes(std::span<const std::byte> begin, uint64_t file_bytes) {
  if (begin.size() < kSizeBytes || file_bytes < kSizeBytes) {
    return Error{
        fmt::format("safetensors: truncated: {} bytes", std::min(begin.size(), file_bytes))};
  }
  uint64_t size = 0;
  for (size_t i = 0; i < kSizeBytes; ++i) size |= static_cast<uint64_t>(begin[i]) << (8 * i);
  if (size > kMaxSafetensorsHeader || size > file_bytes - kSizeBytes) {
    return Error{
        fmt::format("safetensors: a header of {} bytes in a file of {}", size, file_bytes)};
  }
  return size;
}

Result<SafetensorsHeader> parse_safetensors(std::span<const std::byte> begin, uint64_t file_bytes) {
  const Result<uint64_t> size = safetensors_header_bytes(begin, file_bytes);
  if (!size) return size.error();
  if (begin.size() - kSizeBytes < size.value()) {
    return Error{fmt::format("safetensors: {} bytes given, the header has {}", begin.size(),
                             kSizeBytes + size.value())};
  }
  const std::string_view text(reinterpret_cast<const char*>(begin.data()) + kSizeBytes,
                              size.value());
  if (!text.starts_with('{')) return Error{"safetensors: the header does not begin with '{'"};
  try {
    return read_header(text, file_bytes - kSizeBytes - size.value());
  } catch (const JsonSurprise& surprise) {
    return Error{one_line(fmt::format("safetensors: {}", surprise.what()))};
  } catch (const std::bad_alloc&) {
    return Error{fmt::format("safetensors: no memory to read a header of {} bytes", text.size())};
  }
}

}  // namespace ckptbench
