#include "harness/core/digest.h"

#define XXH_STATIC_LINKING_ONLY  // XXH3_state_t by value
#include <fmt/format.h>
#include <xxhash.h>
#ifdef __x86_64__
#include <immintrin.h>
#include <xxh_x86dispatch.h>  // SSE2, AVX2 or AVX-512, chosen at run time
#endif

#include <charconv>
#include <memory>

namespace ckptbench {
namespace {

#ifdef __x86_64__
[[gnu::target("avx")]] void zero_upper_halves() {
  _mm256_zeroupper();
}
#endif

// libxxhash 0.8.1 returns from its AVX2 and AVX-512 code with the upper halves of the vector
// registers in use. On some processors every SSE loop of the calling thread then runs several times
// slower, until they are cleared.
void clean_vector_state() {
#ifdef __x86_64__
  static const bool has_avx = __builtin_cpu_supports("avx") != 0;
  if (has_avx) zero_upper_halves();
#endif
}

Digest from_xxh(XXH128_hash_t hash) {
  return {.high = hash.high64, .low = hash.low64};
}

void add_tensor(DigestStream& stream, const TensorView& tensor) {
  std::string header = fmt::format("{}|{}", tensor.name, dtype_name(tensor.dtype));
  for (int64_t extent : tensor.shape) header += fmt::format("|{}", extent);
  header += '\n';
  stream.add(bytes_of(header));
  stream.add({tensor.data, tensor.bytes});
}

}  // namespace

// XXH3's accumulators want 64-byte alignment, which `new` honours for an aligned type.
struct DigestStream::State {
  XXH3_state_t xxh;
};

DigestStream::DigestStream() : state_(std::make_unique<State>()) {
  reset();
}
DigestStream::~DigestStream() = default;

void DigestStream::reset() {
  XXH3_128bits_reset(&state_->xxh);
}

void DigestStream::add(std::span<const std::byte> bytes) {
  XXH3_128bits_update(&state_->xxh, bytes.data(), bytes.size());
  clean_vector_state();
}

Digest DigestStream::digest() const {
  return from_xxh(XXH3_128bits_digest(&state_->xxh));
}

Digest digest_of(std::span<const std::byte> bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  clean_vector_state();
  return from_xxh(hash);
}

std::string to_hex(const Digest& digest) {
  return fmt::format("{:016x}{:016x}", digest.high, digest.low);
}

std::optional<Digest> parse_digest(std::string_view hex) {
  if (hex.size() != 32) return std::nullopt;
  Digest digest;
  const auto parse_half = [](std::string_view text, uint64_t& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, 16);
    return error == std::errc{} && end == text.data() + text.size();
  };
  if (!parse_half(hex.substr(0, 16), digest.high)) return std::nullopt;
  if (!parse_half(hex.substr(16), digest.low)) return std::nullopt;
  return digest;
}

ComponentDigests digest_components(const StateView& state) {
  std::map<Role, DigestStream> streams;
  for (const TensorView& tensor : state.tensors) {
    if (!tensor.alias_of) add_tensor(streams[tensor.role], tensor);
  }
  ComponentDigests digests;
  for (const auto& [role, stream] : streams) digests[role] = stream.digest();
  return digests;
}

}  // namespace ckptbench
