#include "strategies/encode/copy_digest.h"

#include <algorithm>
#include <cstring>

namespace ckptbench {
namespace {

constexpr size_t kPieceBytes = 256 * 1024;

}  // namespace

Digest copy_digest(std::byte* to, std::span<const std::byte> from) {
  if (from.size() <= kPieceBytes) {
    if (!from.empty()) std::memcpy(to, from.data(), from.size());
    return digest_of({to, from.size()});
  }
  DigestStream stream;
  for (size_t begin = 0; begin < from.size(); begin += kPieceBytes) {
    const size_t bytes = std::min(kPieceBytes, from.size() - begin);
    std::memcpy(to + begin, from.data() + begin, bytes);
    stream.add({to + begin, bytes});
  }
  return stream.digest();
}

}  // namespace ckptbench
