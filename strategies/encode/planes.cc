#include "strategies/encode/planes.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include "strategies/api/stage.h"
#include "strategies/encode/codec.h"

namespace ckptbench {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the planes are defined on little endian");

bool is_float(DType dtype) {
  return dtype == DType::kF64 || dtype == DType::kF32 || dtype == DType::kF16 ||
         dtype == DType::kBF16;
}

// Blocks small enough that their planes stay in the cache while each is written in turn.
constexpr size_t kBlock = 2048;

template <class Word, bool kRotate>
void split(const std::byte* elements, std::byte* planes, size_t count) {
  constexpr size_t kWidth = sizeof(Word);
  Word words[kBlock];
  for (size_t begin = 0; begin < count; begin += kBlock) {
    const size_t n = count - begin < kBlock ? count - begin : kBlock;
    std::memcpy(words, elements + begin * kWidth, n * kWidth);
    if constexpr (kRotate) {
      for (size_t i = 0; i < n; ++i) {
        words[i] = static_cast<Word>((words[i] << 1) | (words[i] >> (kWidth * 8 - 1)));
      }
    }
    for (size_t plane = 0; plane < kWidth; ++plane) {
      auto* const out = reinterpret_cast<uint8_t*>(planes + plane * count + begin);
      const unsigned shift = static_cast<unsigned>(8 * (kWidth - 1 - plane));
      for (size_t i = 0; i < n; ++i) out[i] = static_cast<uint8_t>(words[i] >> shift);
    }
  }
}

template <class Word, bool kRotate>
void join(const std::byte* planes, std::byte* elements, size_t count) {
  constexpr size_t kWidth = sizeof(Word);
  Word words[kBlock];
  for (size_t begin = 0; begin < count; begin += kBlock) {
    const size_t n = count - begin < kBlock ? count - begin : kBlock;
    for (size_t i = 0; i < n; ++i) words[i] = 0;
    for (size_t plane = 0; plane < kWidth; ++plane) {
      const auto* const in = reinterpret_cast<const uint8_t*>(planes + plane * count + begin);
      const unsigned shift = static_cast<unsigned>(8 * (kWidth - 1 - plane));
      for (size_t i = 0; i < n; ++i) {
        words[i] = static_cast<Word>(words[i] | (static_cast<Word>(in[i]) << shift));
      }
    }
    if constexpr (kRotate) {
      for (size_t i = 0; i < n; ++i) {
        words[i] = static_cast<Word>((words[i] >> 1) | (words[i] << (kWidth * 8 - 1)));
      }
    }
    std::memcpy(elements + begin * kWidth, words, n * kWidth);
  }
}

// Calls split or join for the dtype's word; `run` takes (word, rotate) as types.
template <class Run>
void for_dtype(DType dtype, const Run& run) {
  const bool rotate = is_float(dtype);
  switch (dtype_bytes(dtype)) {
    case 8:
      rotate ? run(uint64_t{}, std::true_type{}) : run(uint64_t{}, std::false_type{});
      break;
    case 4:
      rotate ? run(uint32_t{}, std::true_type{}) : run(uint32_t{}, std::false_type{});
      break;
    case 2:
      rotate ? run(uint16_t{}, std::true_type{}) : run(uint16_t{}, std::false_type{});
      break;
    default:
      run(uint8_t{}, std::false_type{});
  }
}

void copy_rest(std::span<const std::byte> from, std::span<std::byte> to, size_t begin) {
  if (begin < from.size()) std::memcpy(to.data() + begin, from.data() + begin, from.size() - begin);
}

}  // namespace

void split_planes(DType dtype, std::span<const std::byte> elements, std::span<std::byte> planes) {
  const size_t count = elements.size() / dtype_bytes(dtype);
  for_dtype(dtype, [&](auto word, auto rotate) {
    split<decltype(word), decltype(rotate)::value>(elements.data(), planes.data(), count);
  });
  copy_rest(elements, planes, count * dtype_bytes(dtype));
}

void join_planes(DType dtype, std::span<const std::byte> planes, std::span<std::byte> elements) {
  const size_t count = planes.size() / dtype_bytes(dtype);
  for_dtype(dtype, [&](auto word, auto rotate) {
    join<decltype(word), decltype(rotate)::value>(planes.data(), elements.data(), count);
  });
  copy_rest(planes, elements, count * dtype_bytes(dtype));
}

namespace {

class PlanesCodec : public Codec {
 public:
  std::optional<std::span<const std::byte>> encode(DType dtype,
                                                   std::span<const std::byte> bytes) override {
    buffer_.resize(bytes.size());
    split_planes(dtype, bytes, buffer_);
    return std::span<const std::byte>(buffer_);
  }

  Result<std::span<const std::byte>> decode(DType dtype, std::span<const std::byte> bytes,
                                            uint64_t /*max_bytes*/) override {
    buffer_.resize(bytes.size());
    join_planes(dtype, bytes, buffer_);
    return std::span<const std::byte>(buffer_);
  }

 private:
  std::vector<std::byte> buffer_;
};

}  // namespace

StageRow planes_stage() {
  return {.name = "planes",
          .summary = "bytes of equal significance together, for an encoder that shrinks them",
          .only_prepares = true,
          .make = MakeCodec([](const Params&) { return std::unique_ptr<Codec>(new PlanesCodec); })};
}

}  // namespace ckptbench
