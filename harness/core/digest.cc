#include "harness/core/digest.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <charconv>
#include <memory>

namespace ckptbench {
namespace {

Digest from_xxh(XXH128_hash_t hash) { return {.high = hash.high64, .low = hash.low64}; }

struct FreeState {
  void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
};

class Stream {
 public:
  Stream() : state_(XXH3_createState()) { XXH3_128bits_reset(state_.get()); }
  void add(const void* data, size_t bytes) { XXH3_128bits_update(state_.get(), data, bytes); }
  Digest digest() const { return from_xxh(XXH3_128bits_digest(state_.get())); }

 private:
  std::unique_ptr<XXH3_state_t, FreeState> state_;
};

void add_tensor(Stream& stream, const TensorView& tensor) {
  std::string header = fmt::format("{}|{}", tensor.name, dtype_name(tensor.dtype));
  for (int64_t extent : tensor.shape) header += fmt::format("|{}", extent);
  header += '\n';
  stream.add(header.data(), header.size());
  stream.add(tensor.data, tensor.bytes);
}

}  // namespace

Digest digest_of(std::span<const std::byte> bytes) {
  return from_xxh(XXH3_128bits(bytes.data(), bytes.size()));
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
  std::map<Role, Stream> streams;
  for (const TensorView& tensor : state.tensors) {
    if (!tensor.alias_of) add_tensor(streams[tensor.role], tensor);
  }
  ComponentDigests digests;
  for (const auto& [role, stream] : streams) digests[role] = stream.digest();
  return digests;
}

}  // namespace ckptbench
