// A 128-bit digest of memory that threads in any order can compute together: each 8-byte word is
// mixed with its place, and the mixed words are added up modulo 2^64, twice, with different
// constants. The mixing is invertible, so a change within one word always changes the digest; it
// depends on every bit, on the order of the words and on the length. Against accidents, not against
// an adversary. Compiled for the host and, by nvcc, for the GPU (digest_cuda.cu). Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>

#ifdef __CUDACC__
#define CKPT_HOST_DEVICE __host__ __device__
#else
#define CKPT_HOST_DEVICE
#endif

namespace ckptbench {

// Bytes where they lie: on the host or on a device.
struct MemoryRange {
  const std::byte* data = nullptr;
  uint64_t bytes = 0;
};

struct MemoryDigest {
  uint64_t high = 0;
  uint64_t low = 0;

  friend bool operator==(const MemoryDigest& a, const MemoryDigest& b) {
    return a.high == b.high && a.low == b.low;
  }
  friend bool operator!=(const MemoryDigest& a, const MemoryDigest& b) { return !(a == b); }
};

struct WordSums {
  uint64_t high = 0;
  uint64_t low = 0;
};

// The finalisers of splitmix64 and of MurmurHash3: invertible, and every bit of the argument moves
// each bit of the result with a probability of about one half.
CKPT_HOST_DEVICE inline uint64_t mix_high(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

CKPT_HOST_DEVICE inline uint64_t mix_low(uint64_t x) {
  x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdULL;
  x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33);
}

CKPT_HOST_DEVICE inline uint64_t word_count(uint64_t bytes) {
  return bytes / 8 + (bytes % 8 != 0 ? 1 : 0);
}

// Word `index` of the memory, its first byte lowest; what is past the end counts as zero.
// REQUIRES: a little-endian processor; index < word_count(bytes).
CKPT_HOST_DEVICE inline uint64_t word_at(const std::byte* data, uint64_t bytes, uint64_t index) {
  const std::byte* const first = data + 8 * index;
  const uint64_t left = bytes - 8 * index;
  if (left >= 8 && reinterpret_cast<uintptr_t>(first) % 8 == 0) {
    return *reinterpret_cast<const uint64_t*>(first);
  }
  uint64_t word = 0;
  for (uint64_t i = 0; i < 8 && i < left; ++i) {
    word |= static_cast<uint64_t>(first[i]) << (8 * i);
  }
  return word;
}

CKPT_HOST_DEVICE inline void add_mixed_word(WordSums& sums, uint64_t word, uint64_t index) {
  sums.high += mix_high(word ^ ((index + 1) * 0x9e3779b97f4a7c15ULL));
  sums.low += mix_low(word ^ ((index + 1) * 0xd1342543de82ef95ULL));
}

// Of the sums over all words of the memory, each added once.
CKPT_HOST_DEVICE inline MemoryDigest finish_digest(const WordSums& sums, uint64_t bytes) {
  return {mix_high(sums.high ^ mix_low(bytes)), mix_low(sums.low ^ mix_high(bytes))};
}

// On the calling thread. REQUIRES: host memory.
inline MemoryDigest digest_memory(const MemoryRange& memory) {
  WordSums sums;
  const uint64_t words = word_count(memory.bytes);
  for (uint64_t i = 0; i < words; ++i)
    add_mixed_word(sums, word_at(memory.data, memory.bytes, i), i);
  return finish_digest(sums, memory.bytes);
}

}  // namespace ckptbench
