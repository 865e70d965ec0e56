#include "strategies/encode/codec.h"

#include <fmt/format.h>
#include <zstd.h>

#include <new>

#include "strategies/encode/planes.h"

namespace ckptbench {

PlanesZstdEncoder::PlanesZstdEncoder(int level) : context_(ZSTD_createCCtx()) {
  if (!context_) throw std::bad_alloc();
  // The manifest's digest covers the raw bytes; a second checksum would only cost time.
  ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 0);
  const size_t set = ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, level);
  if (ZSTD_isError(set)) throw ExitError(ExitCode::kUsage, fmt::format("zstd level {}", level));
}

PlanesZstdEncoder::~PlanesZstdEncoder() {
  ZSTD_freeCCtx(context_);
}

std::optional<std::span<const std::byte>> PlanesZstdEncoder::encode(
    DType dtype, std::span<const std::byte> raw) {
  planes_.resize(raw.size());
  split_planes(dtype, raw, planes_);
  encoded_.resize(raw.size());
  const size_t bytes =
      ZSTD_compress2(context_, encoded_.data(), encoded_.size(), planes_.data(), planes_.size());
  // The only error here is that the result does not fit into as many bytes as went in.
  if (ZSTD_isError(bytes) || bytes >= raw.size()) return std::nullopt;
  return std::span<const std::byte>(encoded_).first(bytes);
}

ChunkDecoder::ChunkDecoder() : context_(ZSTD_createDCtx()) {
  if (!context_) throw std::bad_alloc();
}

ChunkDecoder::~ChunkDecoder() {
  ZSTD_freeDCtx(context_);
}

Result<std::span<const std::byte>> ChunkDecoder::decode(std::string_view encoding, DType dtype,
                                                        std::span<const std::byte> stored,
                                                        uint64_t raw_bytes) {
  if (encoding == kRawEncoding) {
    if (stored.size() == raw_bytes) return stored;
    return Error{fmt::format("{} raw bytes, expected {}", stored.size(), raw_bytes)};
  }
  if (encoding != kPlanesZstdEncoding) {
    return Error{fmt::format("unknown encoding '{}', expected {} or {}", encoding, kRawEncoding,
                             kPlanesZstdEncoding)};
  }
  planes_.resize(raw_bytes);
  raw_.resize(raw_bytes);
  const size_t bytes =
      ZSTD_decompressDCtx(context_, planes_.data(), planes_.size(), stored.data(), stored.size());
  if (ZSTD_isError(bytes)) return Error{fmt::format("zstd: {}", ZSTD_getErrorName(bytes))};
  if (bytes != raw_bytes) {
    return Error{fmt::format("{} bytes after zstd, expected {}", bytes, raw_bytes)};
  }
  join_planes(dtype, planes_, raw_);
  return std::span<const std::byte>(raw_);
}

}  // namespace ckptbench
