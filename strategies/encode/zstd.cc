// One zstd frame per chunk.
#include <fmt/format.h>
#include <zstd.h>

#include <memory>
#include <new>
#include <vector>

#include "strategies/api/stage.h"
#include "strategies/encode/codec.h"

namespace ckptbench {
namespace {

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

class ZstdCodec : public Codec {
 public:
  explicit ZstdCodec(int level) : level_(level) {}

  std::optional<std::span<const std::byte>> encode(DType dtype,
                                                   std::span<const std::byte> bytes) override;
  Result<std::span<const std::byte>> decode(DType dtype, std::span<const std::byte> bytes,
                                            uint64_t max_bytes) override;

 private:
  void open_encoder();

  const int level_;
  // Each is made by the first call that needs it: a codec either writes or reads.
  std::unique_ptr<ZSTD_CCtx, FreeContext> encoder_;
  std::unique_ptr<ZSTD_DCtx, FreeContext> decoder_;
  std::vector<std::byte> buffer_;
};

void ZstdCodec::open_encoder() {
  encoder_.reset(ZSTD_createCCtx());
  if (!encoder_) throw std::bad_alloc();
  // The manifest's digest covers the raw bytes; a second checksum would only cost time.
  ZSTD_CCtx_setParameter(encoder_.get(), ZSTD_c_checksumFlag, 0);
  const size_t set = ZSTD_CCtx_setParameter(encoder_.get(), ZSTD_c_compressionLevel, level_);
  if (ZSTD_isError(set)) throw ExitError(ExitCode::kUsage, fmt::format("zstd level {}", level_));
}

std::optional<std::span<const std::byte>> ZstdCodec::encode(DType /*dtype*/,
                                                            std::span<const std::byte> bytes) {
  if (!encoder_) open_encoder();
  buffer_.resize(bytes.size());
  const size_t size =
      ZSTD_compress2(encoder_.get(), buffer_.data(), buffer_.size(), bytes.data(), bytes.size());
  // The only error here is that the result does not fit into as many bytes as went in.
  if (ZSTD_isError(size) || size >= bytes.size()) return std::nullopt;
  return std::span<const std::byte>(buffer_).first(size);
}

Result<std::span<const std::byte>> ZstdCodec::decode(DType /*dtype*/,
                                                     std::span<const std::byte> bytes,
                                                     uint64_t max_bytes) {
  if (!decoder_) decoder_.reset(ZSTD_createDCtx());
  if (!decoder_) throw std::bad_alloc();
  const unsigned long long content = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (content == ZSTD_CONTENTSIZE_ERROR) return Error{"zstd: no frame begins here"};
  if (content == ZSTD_CONTENTSIZE_UNKNOWN) return Error{"zstd: the frame does not say its size"};
  if (content > max_bytes) {
    return Error{fmt::format("zstd: a frame of {} bytes, expected {} at most", content, max_bytes)};
  }
  buffer_.resize(content);
  const size_t size = ZSTD_decompressDCtx(decoder_.get(), buffer_.data(), buffer_.size(),
                                          bytes.data(), bytes.size());
  if (ZSTD_isError(size)) return Error{fmt::format("zstd: {}", ZSTD_getErrorName(size))};
  return std::span<const std::byte>(buffer_).first(size);
}

}  // namespace

StageRow zstd_stage() {
  return {.name = "zstd",
          .summary = "each chunk compressed with zstd; best after planes",
          .params = {whole_param("zstd_level", "1", "zstd level", 1, 19)},
          .make = MakeCodec([](const Params& params) {
            const int level = static_cast<int>(params.integer("zstd_level"));
            return std::unique_ptr<Codec>(new ZstdCodec(level));
          })};
}

}  // namespace ckptbench
