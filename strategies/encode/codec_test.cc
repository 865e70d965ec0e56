#include "strategies/encode/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "harness/core/digest.h"
#include "harness/core/prng.h"
#include "strategies/encode/copy_digest.h"
#include "strategies/encode/planes.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;

constexpr DType kAll[] = {DType::kF64, DType::kF32, DType::kF16, DType::kBF16, DType::kI64,
                          DType::kI32, DType::kI16, DType::kI8,  DType::kU8,   DType::kBool};

std::vector<std::byte> random_bytes(size_t count, uint64_t seed) {
  Prng prng(seed);
  std::vector<std::byte> bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(prng.next());
  return bytes;
}

TEST(Planes, JoinUndoesSplitForEveryDTypeAndLength) {
  for (const DType dtype : kAll) {
    for (const size_t bytes : {0, 1, 7, 8, 4096, 16384 + 3, 100001}) {
      const auto elements = random_bytes(bytes, bytes + 1);
      std::vector<std::byte> planes(bytes), back(bytes);
      split_planes(dtype, elements, planes);
      join_planes(dtype, planes, back);
      EXPECT_EQ(back, elements) << dtype_name(dtype) << " " << bytes;
    }
  }
}

TEST(Planes, PutTheExponentOfAFloatInThePlaneInFront) {
  const float values[] = {1.0f, -1.5f, 1.9f};
  std::vector<std::byte> planes(sizeof values);
  split_planes(DType::kF32, std::as_bytes(std::span(values)), planes);
  // 1 <= |x| < 2 has biased exponent 127; the sign has left for the last plane.
  for (int i = 0; i < 3; ++i) EXPECT_EQ(std::to_integer<int>(planes[i]), 127);
  EXPECT_EQ(std::to_integer<int>(planes[10]) & 1, 1);
  EXPECT_EQ(std::to_integer<int>(planes[9]) & 1, 0);
}

TEST(Codec, DecodesWhatItEncoded) {
  PlanesZstdEncoder encoder(1);
  ChunkDecoder decoder;
  for (const DType dtype : kAll) {
    std::vector<std::byte> raw = random_bytes(65536, 3);
    for (size_t i = 3; i < raw.size(); i += 4) raw[i] = std::byte{0x3c};
    const auto encoded = encoder.encode(dtype, raw);
    ASSERT_TRUE(encoded) << dtype_name(dtype);
    EXPECT_LT(encoded->size(), raw.size());
    const auto decoded = decoder.decode(kPlanesZstdEncoding, dtype, *encoded, raw.size());
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_TRUE(std::equal(raw.begin(), raw.end(), decoded.value().begin(), decoded.value().end()));
  }
}

TEST(Codec, KeepsRawWhatDoesNotShrink) {
  PlanesZstdEncoder encoder(1);
  EXPECT_FALSE(encoder.encode(DType::kU8, random_bytes(10000, 4)));
  EXPECT_FALSE(encoder.encode(DType::kU8, random_bytes(1, 4)));
}

TEST(Codec, RefusesWhatIsNotWhatItSays) {
  PlanesZstdEncoder encoder(1);
  ChunkDecoder decoder;
  const std::vector<std::byte> raw(4096);
  const auto encoded = encoder.encode(DType::kF32, raw);
  ASSERT_TRUE(encoded);
  const std::vector<std::byte> stored(encoded->begin(), encoded->end());
  for (const uint64_t wrong : {4095, 4097, 1}) {
    EXPECT_FALSE(decoder.decode(kPlanesZstdEncoding, DType::kF32, stored, wrong)) << wrong;
  }
  for (size_t size = 0; size < stored.size(); ++size) {
    EXPECT_FALSE(decoder.decode(kPlanesZstdEncoding, DType::kF32, {stored.data(), size}, 4096));
  }
  EXPECT_FALSE(decoder.decode(kRawEncoding, DType::kF32, stored, 4096));
  EXPECT_THAT(decoder.decode("lz9", DType::kF32, stored, 4096).error().message,
              HasSubstr("unknown encoding 'lz9'"));
}

TEST(CopyDigest, IsTheDigestOfTheCopyForEverySize) {
  for (const size_t bytes : {0, 1, 240, 262144, 262145, 1000001}) {
    const auto from = random_bytes(bytes, bytes);
    std::vector<std::byte> to(bytes);
    EXPECT_EQ(copy_digest(to.data(), from), digest_of(from)) << bytes;
    EXPECT_EQ(to, from);
  }
}

}  // namespace
}  // namespace ckptbench
