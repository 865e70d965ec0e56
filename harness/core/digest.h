// 128-bit content digests (XXH3-128 of the xxHash library): manifests, oracle, deduplication.
// Not cryptographic: a guard against accidents, not against an adversary.
// Every function returns with the vector registers clean: the training thread calls them too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "harness/core/tensor_view.h"

namespace ckptbench {

struct Digest {
  uint64_t high = 0;
  uint64_t low = 0;

  friend bool operator==(const Digest&, const Digest&) = default;
  friend auto operator<=>(const Digest&, const Digest&) = default;
};

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

Digest digest_of(std::span<const std::byte> bytes);

// The same digest of bytes given in parts, for callers that hash while they copy. One thread.
class DigestStream {
 public:
  DigestStream();
  ~DigestStream();
  DigestStream(const DigestStream&) = delete;
  DigestStream& operator=(const DigestStream&) = delete;

  void reset();
  void add(std::span<const std::byte> bytes);
  Digest digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// 32 lower-case hex digits, high half first.
std::string to_hex(const Digest& digest);
std::optional<Digest> parse_digest(std::string_view hex);

// One digest per component (Role) of a state, over names, dtypes, shapes and bytes in view order.
// REQUIRES: host memory; copy CUDA tensors first.
using ComponentDigests = std::map<Role, Digest>;
ComponentDigests digest_components(const StateView& state);

}  // namespace ckptbench
