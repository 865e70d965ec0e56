// How the bytes of one chunk become fewer, and back. Encodings are named in the manifest:
//   raw          the bytes as they are
//   planes+zstd  byte planes (encode/planes.h), then one zstd frame
// Threads: one object per thread; they keep reused contexts and buffers.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/tensor_view.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace ckptbench {

inline constexpr std::string_view kRawEncoding = "raw";
inline constexpr std::string_view kPlanesZstdEncoding = "planes+zstd";

class PlanesZstdEncoder {
 public:
  explicit PlanesZstdEncoder(int level);
  ~PlanesZstdEncoder();
  PlanesZstdEncoder(const PlanesZstdEncoder&) = delete;
  PlanesZstdEncoder& operator=(const PlanesZstdEncoder&) = delete;

  // The encoded bytes, valid until the next call; nothing when they would not be fewer.
  std::optional<std::span<const std::byte>> encode(DType dtype, std::span<const std::byte> raw);

 private:
  ZSTD_CCtx_s* context_;
  std::vector<std::byte> planes_;
  std::vector<std::byte> encoded_;
};

class ChunkDecoder {
 public:
  ChunkDecoder();
  ~ChunkDecoder();
  ChunkDecoder(const ChunkDecoder&) = delete;
  ChunkDecoder& operator=(const ChunkDecoder&) = delete;

  // The raw bytes, within `stored` or valid until the next call. Treats `stored` as hostile.
  // Errors: unknown encoding, not raw_bytes bytes, damaged frame.
  Result<std::span<const std::byte>> decode(std::string_view encoding, DType dtype,
                                            std::span<const std::byte> stored, uint64_t raw_bytes);

 private:
  ZSTD_DCtx_s* context_;
  std::vector<std::byte> planes_;
  std::vector<std::byte> raw_;
};

}  // namespace ckptbench
