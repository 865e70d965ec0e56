// The commit record of one checkpoint. A reader accepts nothing that the manifest does not cover:
// every chunk with file, offset, encoding and 128-bit digest of its raw bytes, and a digest of
// the manifest itself. Text form: docs/format.md. Parsing treats the bytes as hostile: bounds
// checked, sizes limited, fuzzed. Plain values; no thread rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/cell.h"
#include "harness/core/digest.h"
#include "harness/core/error.h"
#include "harness/core/tensor_view.h"

namespace ckptbench {

inline constexpr int kManifestFormat = 1;
// Larger manifests are refused before they are read.
inline constexpr uint64_t kMaxManifestBytes = 64ULL << 20;
// The most raw bytes of a chunk; a decoder may allocate this much before the digest can tell that a
// size was wrong.
inline constexpr uint64_t kMaxChunkBytes = 1ULL << 30;

// A run of bytes of one tensor, as stored.
struct ManifestChunk {
  uint64_t begin = 0;  // bytes into the tensor's local bytes
  uint64_t raw_bytes = 0;
  uint64_t owner_seq = 0;  // the checkpoint whose file holds it: this one, or an older one
  std::string file;        // within that checkpoint
  uint64_t offset = 0;     // bytes into the file
  uint64_t stored_bytes = 0;
  std::string encoding = "raw";  // "raw" | "planes+zstd" | … (strategies/encode/)
  Digest digest;                 // of the raw bytes
};

struct ManifestTensor {
  std::string name;
  Role role = Role::kParameter;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;  // global, elements
  uint64_t rank = 0;           // who wrote this piece
  std::vector<Piece> pieces;   // empty: the whole tensor
  std::optional<std::string> alias_of;
  uint64_t bytes = 0;                 // local bytes
  std::vector<ManifestChunk> chunks;  // in order, without gaps, covering `bytes`; none for an alias
};

struct Manifest {
  int format = kManifestFormat;
  std::string run;
  uint64_t seq = 0;
  uint64_t step = 0;
  uint64_t world_size = 1;
  Contents contents = Contents::kFull;
  std::optional<double> metric;
  std::vector<ManifestTensor> tensors;

  // Sequence numbers of older checkpoints whose files this one needs, ascending.
  std::vector<uint64_t> needed_seqs() const;
};

// What precedes the tensors: enough to list a checkpoint and to know which files it needs.
struct ManifestHead {
  std::string run;
  uint64_t seq = 0;
  uint64_t step = 0;
  Contents contents = Contents::kFull;
  std::optional<double> metric;
  std::vector<std::pair<uint64_t, std::string>> files;  // (seq of the owner, name), of all chunks

  // As of Manifest.
  std::vector<uint64_t> needed_seqs() const;
};
ManifestHead head_of(const Manifest& manifest);
// A head longer than this is not read without the rest.
inline constexpr uint64_t kMaxHeadBytes = 64ULL << 10;

// The rules for every manifest, read or written: names usable and unique, pieces inside
// their tensor, chunks without gaps, sizes that agree with shape and dtype, texts in UTF-8. Errors
// name the tensor.
Status check_manifest(const Manifest& manifest);

// Serialized with its own digest. REQUIRES: check_manifest succeeds.
std::vector<std::byte> encode_manifest(const Manifest& manifest);
// Errors name what was expected: truncated, digest mismatch, unknown format, chunk outside a
// tensor… Each is damage; that there is no memory to decode it is thrown, here and below.
Result<Manifest> decode_manifest(std::span<const std::byte> bytes);

// From the first bytes of a manifest; nothing is vouched for. Errors: they do not hold the whole
// head, or it is damaged.
Result<ManifestHead> decode_manifest_head(std::span<const std::byte> first_bytes);
// From a whole manifest, when its digest matches; the tensors are not looked at. Errors: as
// decode_manifest.
Result<ManifestHead> verified_manifest_head(std::span<const std::byte> bytes);

}  // namespace ckptbench
