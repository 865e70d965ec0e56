// What every codec of the list must do (strategies/encode/codec.h): one that is added is tested by
// its row.
#include <gtest/gtest.h>

#include <cstring>

#include "harness/core/prng.h"
#include "strategies/encode/codec.h"
#include "strategies/stages.h"

namespace ckptbench {
namespace {

constexpr DType kDTypes[] = {DType::kF64, DType::kF32, DType::kF16, DType::kBF16, DType::kI64,
                             DType::kI32, DType::kI16, DType::kI8,  DType::kU8,   DType::kBool};

using Bytes = std::vector<std::byte>;

std::vector<Bytes> sample_chunks() {
  std::vector<Bytes> chunks;
  Prng prng(5);
  for (const size_t size : {1, 7, 4096, 65536 + 3}) {
    chunks.emplace_back(size);  // zeros
    Bytes noise(size);
    for (std::byte& byte : noise) byte = static_cast<std::byte>(prng.next());
    chunks.push_back(noise);
    for (size_t i = 3; i < size; i += 4) noise[i] = std::byte{0x3c};
    chunks.push_back(noise);  // as floats of one size
  }
  return chunks;
}

std::unique_ptr<Codec> made(const StageRow& row) {
  return std::get<MakeCodec>(row.make)(Params::make(row.name, row.params, {}).value());
}

Bytes copied(std::span<const std::byte> bytes) {
  return {bytes.begin(), bytes.end()};
}

class Codecs : public ::testing::TestWithParam<const StageRow*> {
 protected:
  std::unique_ptr<Codec> codec_ = made(*GetParam());
};

TEST_P(Codecs, DecodeUndoesEncode) {
  for (const Bytes& raw : sample_chunks()) {
    for (const DType dtype : kDTypes) {
      const auto encoded = codec_->encode(dtype, raw);
      if (!encoded) continue;
      const auto reader = made(*GetParam());
      const auto decoded = reader->decode(dtype, copied(*encoded), 2 * raw.size() + 4096);
      ASSERT_TRUE(decoded) << dtype_name(dtype) << ": " << decoded.error().message;
      EXPECT_EQ(copied(decoded.value()), raw) << dtype_name(dtype);
    }
  }
}

// A reader gives no more memory than the manifest allows a chunk.
TEST_P(Codecs, DecodeHostileBytesWithinTheLimit) {
  const Bytes raw(65536);
  const auto encoded = codec_->encode(DType::kF32, raw);
  ASSERT_TRUE(encoded) << "zeros, which every codec can shrink or rearrange";
  Bytes hostile = copied(*encoded);
  Prng prng(6);
  for (int i = 0; i < 200; ++i) {
    const uint64_t limit = std::max<uint64_t>(hostile.size(), prng.below(raw.size()));
    const auto decoded = made(*GetParam())->decode(DType::kF32, hostile, limit);
    EXPECT_TRUE(!decoded || decoded.value().size() <= limit);
    hostile[prng.below(hostile.size())] = static_cast<std::byte>(prng.next());
    if (hostile.size() > 1 && prng.below(4) == 0) hostile.pop_back();
  }
}

std::vector<const StageRow*> all_codecs() {
  std::vector<const StageRow*> rows;
  for (const StageRow& row : native_stages()) {
    if (std::holds_alternative<MakeCodec>(row.make)) rows.push_back(&row);
  }
  return rows;
}

INSTANTIATE_TEST_SUITE_P(Listed, Codecs, ::testing::ValuesIn(all_codecs()),
                         [](const auto& info) { return info.param->name; });

TEST(CodecChain, OfAllIsUndone) {
  std::vector<ParamInfo> infos;
  for (const StageRow* const row : all_codecs()) {
    infos.insert(infos.end(), row->params.begin(), row->params.end());
  }
  ChunkEncoder encoder(all_codecs(), Params::make("all", infos, {}).value());
  ChunkDecoder decoder(native_stages());
  for (const Bytes& raw : sample_chunks()) {
    const ChunkEncoder::Encoded encoded = encoder.encode(DType::kF32, raw);
    const auto decoded = decoder.decode(encoded.encoding, DType::kF32, encoded.bytes, raw.size());
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(copied(decoded.value()), raw) << encoded.encoding;
  }
}

}  // namespace
}  // namespace ckptbench
