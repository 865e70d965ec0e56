#include "strategies/capture/copy.h"

#include <algorithm>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace ckptbench {
namespace {

// Below this the copy may as well stay in the cache.
constexpr uint64_t kWorthBypassing = 256 * 1024;
// A piece stays in the cache from its copy to its digest.
constexpr size_t kPieceBytes = 256 * 1024;

#ifdef __SSE2__
constexpr uint64_t kLine = 64;

// REQUIRES: `to` is aligned to 16; bytes is a multiple of kLine.
void copy_lines(std::byte* to, const std::byte* from, uint64_t bytes) {
  for (uint64_t i = 0; i < bytes; i += kLine) {
    const auto* source = reinterpret_cast<const __m128i*>(from + i);
    auto* target = reinterpret_cast<__m128i*>(to + i);
    const __m128i a = _mm_loadu_si128(source);
    const __m128i b = _mm_loadu_si128(source + 1);
    const __m128i c = _mm_loadu_si128(source + 2);
    const __m128i d = _mm_loadu_si128(source + 3);
    _mm_stream_si128(target, a);
    _mm_stream_si128(target + 1, b);
    _mm_stream_si128(target + 2, c);
    _mm_stream_si128(target + 3, d);
  }
  _mm_sfence();
}
#endif

}  // namespace

void stream_copy(std::byte* to, const std::byte* from, uint64_t bytes) {
  if (bytes == 0) return;
#ifdef __SSE2__
  if (bytes >= kWorthBypassing) {
    const uint64_t head = (kLine - reinterpret_cast<uintptr_t>(to) % kLine) % kLine;
    const uint64_t lines = (bytes - head) / kLine * kLine;
    std::memcpy(to, from, head);
    copy_lines(to + head, from + head, lines);
    to += head + lines;
    from += head + lines;
    bytes -= head + lines;
  }
#endif
  std::memcpy(to, from, bytes);
}

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
