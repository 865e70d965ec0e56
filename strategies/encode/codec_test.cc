#include "strategies/encode/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "harness/core/prng.h"
#include "strategies/encode/planes.h"

namespace ckptbench {

StageRow planes_stage();
StageRow zstd_stage();

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

// A shift of every byte by a constant: a chain's step that must never be left out.
class ShiftCodec : public Codec {
 public:
  std::optional<std::span<const std::byte>> encode(DType, std::span<const std::byte> in) override {
    return shifted(in, 1);
  }
  Result<std::span<const std::byte>> decode(DType, std::span<const std::byte> in,
                                            uint64_t) override {
    return shifted(in, -1);
  }

 private:
  std::span<const std::byte> shifted(std::span<const std::byte> in, int by) {
    buffer_.clear();
    for (const std::byte byte : in) {
      buffer_.push_back(static_cast<std::byte>(std::to_integer<int>(byte) + by));
    }
    return buffer_;
  }
  std::vector<std::byte> buffer_;
};

class Chain : public ::testing::Test {
 protected:
  ChunkEncoder encoder(std::vector<const StageRow*> chosen) const {
    return {chosen, Params::make("test", known[1].params, {}).value()};
  }
  const std::vector<StageRow> known{
      planes_stage(),
      zstd_stage(),
      {.name = "shift", .summary = "", .make = MakeCodec([](const Params&) {
                                         return std::unique_ptr<Codec>(new ShiftCodec);
                                       })}};
  const StageRow* const planes = &known[0];
  const StageRow* const zstd = &known[1];
  const StageRow* const shift = &known[2];
  ChunkDecoder decoder{known};
};

std::vector<std::byte> compressible(size_t bytes) {
  std::vector<std::byte> raw = random_bytes(bytes, 3);
  for (size_t i = 3; i < raw.size(); i += 4) raw[i] = std::byte{0x3c};
  return raw;
}

TEST_F(Chain, DecodesWhatItEncoded) {
  const std::vector<std::byte> raw = compressible(65536);
  const std::map<std::string, std::vector<const StageRow*>> chains{
      {"planes+zstd", {planes, zstd}},
      {"zstd", {zstd}},
      {"shift", {shift}},
      {"planes+zstd+shift", {planes, zstd, shift}}};
  for (const auto& [name, rows] : chains) {
    ChunkEncoder chain = encoder(rows);
    for (const DType dtype : kAll) {
      const ChunkEncoder::Encoded encoded = chain.encode(dtype, raw);
      EXPECT_EQ(encoded.encoding, name) << dtype_name(dtype);
      const auto decoded = decoder.decode(encoded.encoding, dtype, encoded.bytes, raw.size());
      ASSERT_TRUE(decoded) << name << ": " << decoded.error().message;
      EXPECT_TRUE(
          std::equal(raw.begin(), raw.end(), decoded.value().begin(), decoded.value().end()));
    }
  }
  EXPECT_LT(encoder({planes, zstd}).encode(DType::kF32, raw).bytes.size(), raw.size());
}

TEST_F(Chain, LeavesOutTheStepsThatGainNothing) {
  const std::vector<std::byte> noise = random_bytes(10000, 4);
  EXPECT_EQ(encoder({planes, zstd}).encode(DType::kU8, noise).encoding, "raw");
  EXPECT_EQ(encoder({planes, zstd}).encode(DType::kU8, random_bytes(1, 4)).encoding, "raw");
  EXPECT_EQ(encoder({planes, shift}).encode(DType::kF32, noise).encoding, "planes+shift");
  ChunkEncoder none = encoder({});
  EXPECT_EQ(none.encode(DType::kU8, noise).encoding, "raw");
  EXPECT_EQ(none.encode(DType::kU8, noise).bytes.data(), noise.data());
}

TEST_F(Chain, RefusesBytesThatDoNotMatchTheRecord) {
  const std::vector<std::byte> raw(4096);
  ChunkEncoder chain = encoder({planes, zstd});
  const auto encoded = chain.encode(DType::kF32, raw);
  const std::vector<std::byte> stored(encoded.bytes.begin(), encoded.bytes.end());
  ASSERT_EQ(encoded.encoding, "planes+zstd");
  for (const uint64_t wrong : {4095, 4097, 1}) {
    EXPECT_FALSE(decoder.decode("planes+zstd", DType::kF32, stored, wrong)) << wrong;
  }
  for (size_t size = 0; size < stored.size(); ++size) {
    EXPECT_FALSE(decoder.decode("planes+zstd", DType::kF32, {stored.data(), size}, 4096));
  }
  EXPECT_FALSE(decoder.decode("raw", DType::kF32, stored, 4096));
}

TEST_F(Chain, RefusesAFrameThatClaimsTooMuch) {
  const std::vector<std::byte> bomb(64 << 20);
  ChunkEncoder chain = encoder({zstd});
  const auto encoded = chain.encode(DType::kF32, bomb);
  ASSERT_LT(encoded.bytes.size(), 64u << 10);
  const auto decoded = decoder.decode("planes+zstd", DType::kF32, encoded.bytes, 4096);
  ASSERT_FALSE(decoded);
  EXPECT_THAT(decoded.error().message, HasSubstr("a frame of 67108864 bytes"));
}

TEST_F(Chain, RefusesEncodingsThatItDoesNotKnow) {
  const std::vector<std::byte> stored(16);
  const auto error_of = [&](const char* encoding) {
    const auto decoded = decoder.decode(encoding, DType::kF32, stored, 16);
    return decoded ? "decoded" : decoded.error().message;
  };
  EXPECT_EQ(error_of("lz9"),
            "unknown encoding 'lz9', expected raw or a chain of planes, zstd, shift");
  for (const char* unknown : {"", "+", "planes+", "+planes", "planes++zstd", "raw+planes"}) {
    EXPECT_THAT(error_of(unknown), HasSubstr("unknown encoding")) << unknown;
  }
  EXPECT_EQ(error_of("planes+planes"), "encoding 'planes+planes' names 'planes' twice");
  EXPECT_EQ(error_of("planes"), "decoded");
}

}  // namespace
}  // namespace ckptbench
