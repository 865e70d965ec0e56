#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "strategies/format/manifest.h"
#include "strategies/format/names.h"
#include "strategies/format/shape_bytes.h"
#include "strategies/format/utf8.h"

namespace ckptbench {
namespace {

constexpr size_t kMaxName = 4096;

// Messages go into logs that hold text.
std::string printable(const std::string& name) {
  if (is_utf8(name)) return name;
  std::string text = name;
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

bool is_inside(const Piece& piece, const std::vector<int64_t>& shape) {
  if (piece.offset.size() != shape.size() || piece.extent.size() != shape.size()) return false;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (piece.offset[i] < 0 || piece.extent[i] < 0 || piece.offset[i] > shape[i]) return false;
    if (piece.extent[i] > shape[i] - piece.offset[i]) return false;
  }
  return true;
}

// The error, or nothing.
std::string check_size(const ManifestTensor& tensor) {
  const std::optional<uint64_t> whole = shape_bytes(tensor.shape, tensor.dtype);
  if (!whole) return "its shape is too large";
  if (tensor.pieces.empty()) {
    if (tensor.bytes == *whole) return {};
    return fmt::format("{} bytes, expected {} by shape and dtype", tensor.bytes, *whole);
  }
  uint64_t end = 0;
  for (const Piece& piece : tensor.pieces) {
    if (!is_inside(piece, tensor.shape)) return "a piece lies outside the tensor";
    const std::optional<uint64_t> bytes = shape_bytes(piece.extent, tensor.dtype);
    if (!bytes || *bytes != piece.local_bytes) return "a piece's bytes do not match its extent";
    if (piece.local_begin != end) return "its pieces leave a gap in the local bytes";
    end += piece.local_bytes;
    if (end > kMaxShapeBytes) return "its pieces are too large";
  }
  if (end == tensor.bytes) return {};
  return fmt::format("its pieces hold {} bytes, expected {}", end, tensor.bytes);
}

std::string check_chunk(const ManifestChunk& chunk, uint64_t seq) {
  if (chunk.raw_bytes == 0 || chunk.raw_bytes > kMaxChunkBytes) {
    return fmt::format("a chunk of {} bytes, expected 1 to {}", chunk.raw_bytes, kMaxChunkBytes);
  }
  if (chunk.owner_seq > seq)
    return fmt::format("a chunk in the future checkpoint {}", chunk.owner_seq);
  if (!is_data_file_name(chunk.file)) return fmt::format("the file name '{}'", chunk.file);
  if (!is_encoding_name(chunk.encoding)) return fmt::format("the encoding '{}'", chunk.encoding);
  // No encoder of ours grows its input by more than a few bytes.
  if (chunk.stored_bytes == 0 || chunk.stored_bytes > 2 * chunk.raw_bytes + 4096) {
    return fmt::format("{} stored bytes for {} raw ones", chunk.stored_bytes, chunk.raw_bytes);
  }
  if (chunk.encoding == "raw" && chunk.stored_bytes != chunk.raw_bytes) {
    return "a raw chunk with two sizes";
  }
  if (chunk.offset > kMaxShapeBytes) return fmt::format("a chunk at offset {}", chunk.offset);
  return {};
}

std::string check_chunks(const ManifestTensor& tensor, uint64_t seq) {
  uint64_t end = 0;
  for (const ManifestChunk& chunk : tensor.chunks) {
    if (chunk.begin != end) {
      return fmt::format("a chunk begins at {}, expected {}", chunk.begin, end);
    }
    std::string error = check_chunk(chunk, seq);
    if (!error.empty()) return error;
    end += chunk.raw_bytes;
    if (end > tensor.bytes) return "a chunk lies outside the tensor";
  }
  if (end == tensor.bytes) return {};
  return fmt::format("its chunks hold {} bytes, expected {}", end, tensor.bytes);
}

using NameAndRank = std::pair<std::string_view, uint64_t>;
using Stored = std::map<NameAndRank, const ManifestTensor*>;

// An alias is filled with the bytes of its target, so nothing that describes bytes may differ.
std::string check_alias(const ManifestTensor& tensor, const Stored& stored) {
  if (!tensor.chunks.empty()) return "an alias with chunks of its own";
  const auto found = stored.find({*tensor.alias_of, tensor.rank});
  if (found == stored.end()) {
    return fmt::format("an alias of '{}', which is not stored", printable(*tensor.alias_of));
  }
  const ManifestTensor& target = *found->second;
  if (tensor.dtype == target.dtype && tensor.shape == target.shape &&
      tensor.bytes == target.bytes && tensor.pieces == target.pieces) {
    return {};
  }
  return fmt::format("{} [{}] with {} bytes, an alias of '{}', which is {} [{}] with {} bytes",
                     dtype_name(tensor.dtype), fmt::join(tensor.shape, ", "), tensor.bytes,
                     target.name, dtype_name(target.dtype), fmt::join(target.shape, ", "),
                     target.bytes);
}

std::string check_tensor(const ManifestTensor& tensor, const Manifest& manifest,
                         const Stored& stored) {
  if (tensor.name.empty() || tensor.name.size() > kMaxName) return "a name of unusable length";
  if (!is_utf8(tensor.name)) return "a name that is not UTF-8";
  if (tensor.rank >= manifest.world_size) {
    return fmt::format("rank {} of a world of {}", tensor.rank, manifest.world_size);
  }
  std::string error = check_size(tensor);
  if (!error.empty()) return error;
  return tensor.alias_of ? check_alias(tensor, stored) : check_chunks(tensor, manifest.seq);
}

}  // namespace

Status check_manifest(const Manifest& manifest) {
  if (manifest.format != kManifestFormat) {
    return Error{fmt::format("manifest: format {}, expected {}", manifest.format, kManifestFormat)};
  }
  if (manifest.seq == 0 || manifest.seq > kMaxSeq) {
    return Error{fmt::format("manifest: seq {}, expected 1 to {}", manifest.seq, kMaxSeq)};
  }
  if (manifest.run.size() > kMaxName) return Error{"manifest: the run id is too long"};
  if (!is_utf8(manifest.run)) return Error{"manifest: the run id is not UTF-8"};
  std::set<NameAndRank> all;
  Stored stored;
  for (const ManifestTensor& tensor : manifest.tensors) {
    if (!all.emplace(tensor.name, tensor.rank).second) {
      return Error{fmt::format("manifest: tensor '{}' appears twice", printable(tensor.name))};
    }
    if (!tensor.alias_of) stored.emplace(NameAndRank{tensor.name, tensor.rank}, &tensor);
  }
  for (const ManifestTensor& tensor : manifest.tensors) {
    const std::string error = check_tensor(tensor, manifest, stored);
    if (!error.empty()) {
      return Error{fmt::format("manifest: tensor '{}': {}", printable(tensor.name), error)};
    }
  }
  return {};
}

}  // namespace ckptbench
