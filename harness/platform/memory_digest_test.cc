#include "harness/platform/memory_digest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

#include "harness/core/prng.h"

namespace ckptbench {
namespace {

std::vector<std::byte> random_memory(size_t bytes, uint64_t seed) {
  Prng prng(seed);
  std::vector<std::byte> content(bytes);
  for (std::byte& value : content) value = static_cast<std::byte>(prng.next());
  return content;
}

MemoryDigest digest_of_memory(const std::vector<std::byte>& content) {
  return digest_memory({content.data(), content.size()});
}

std::pair<uint64_t, uint64_t> halves_of(const MemoryDigest& digest) {
  return {digest.high, digest.low};
}

// The same sums written plainly, from the definition in the header.
uint64_t mixed_plainly(uint64_t x, int a, uint64_t first, int b, uint64_t second, int c) {
  x = (x ^ (x >> a)) * first;
  x = (x ^ (x >> b)) * second;
  return x ^ (x >> c);
}
uint64_t splitmix(uint64_t x) {
  return mixed_plainly(x, 30, 13787848793156543929ULL, 27, 10723151780598845931ULL, 31);
}
uint64_t murmur(uint64_t x) {
  return mixed_plainly(x, 33, 18397679294719823053ULL, 33, 14181476777654086739ULL, 33);
}

MemoryDigest digest_by_definition(std::vector<std::byte> content) {
  const uint64_t bytes = content.size();
  content.resize((bytes + 7) / 8 * 8);
  uint64_t high = 0;
  uint64_t low = 0;
  for (uint64_t place = 1; place <= content.size() / 8; ++place) {
    uint64_t word = 0;
    std::memcpy(&word, content.data() + 8 * (place - 1), 8);
    high += splitmix(word ^ (place * 11400714819323198485ULL));
    low += murmur(word ^ (place * 15074714826142052245ULL));
  }
  return {splitmix(high ^ murmur(bytes)), murmur(low ^ splitmix(bytes))};
}

TEST(MemoryDigest, IsThatOfItsDefinition) {
  for (const size_t bytes : {0, 1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 1000, 4096, 100'003}) {
    const std::vector<std::byte> content = random_memory(bytes, bytes + 1);
    EXPECT_EQ(digest_of_memory(content), digest_by_definition(content)) << bytes;
  }
}

TEST(MemoryDigest, DependsOnEveryBitInBothHalves) {
  std::vector<std::byte> content = random_memory(133, 5);
  const MemoryDigest before = digest_of_memory(content);
  for (size_t bit = 0; bit < 8 * content.size(); ++bit) {
    const std::byte mask{static_cast<unsigned char>(1U << (bit % 8))};
    content[bit / 8] ^= mask;
    EXPECT_NE(digest_of_memory(content).high, before.high) << bit;
    EXPECT_NE(digest_of_memory(content).low, before.low) << bit;
    content[bit / 8] ^= mask;
  }
}

TEST(MemoryDigest, DependsOnTheOrderOfEqualSizedBlocks) {
  for (const size_t block : {1, 2, 4, 8, 16, 64, 256}) {
    std::vector<std::byte> content = random_memory(4 * 256, 6);
    const MemoryDigest before = digest_of_memory(content);
    std::swap_ranges(content.begin(), content.begin() + static_cast<long>(block),
                     content.begin() + 512);
    EXPECT_NE(digest_of_memory(content).high, before.high) << block;
    EXPECT_NE(digest_of_memory(content).low, before.low) << block;
  }
}

TEST(MemoryDigest, DependsOnTheNumberOfZerosAtTheEnd) {
  std::set<std::pair<uint64_t, uint64_t>> seen;
  for (size_t zeros = 0; zeros < 100; ++zeros) {
    seen.insert(halves_of(digest_of_memory(std::vector<std::byte>(zeros))));
    std::vector<std::byte> content = random_memory(13, 7);
    content.resize(13 + zeros);
    seen.insert(halves_of(digest_of_memory(content)));
  }
  EXPECT_EQ(seen.size(), 200u);
}

// Sums of words that do not depend on their places would be equal.
TEST(MemoryDigest, TellsMovedAndExchangedAmountsApart) {
  std::set<std::pair<uint64_t, uint64_t>> seen;
  for (uint64_t place = 0; place < 64; ++place) {
    for (const uint64_t value : {1ULL, 2ULL, 0x8000000000000000ULL, ~0ULL}) {
      std::vector<uint64_t> words(64);
      words[place] = value;
      seen.insert(halves_of(digest_memory({reinterpret_cast<std::byte*>(words.data()), 512})));
    }
  }
  EXPECT_EQ(seen.size(), 64u * 4);
}

TEST(MemoryDigest, IsTheSameAtEveryAddress) {
  for (const size_t bytes : {5, 64, 1001}) {
    const std::vector<std::byte> content = random_memory(bytes, 8);
    for (size_t shift = 0; shift < 16; ++shift) {
      std::vector<std::byte> memory = random_memory(bytes + 32, shift);
      std::copy(content.begin(), content.end(), memory.begin() + static_cast<long>(shift));
      EXPECT_EQ(digest_memory({memory.data() + shift, bytes}), digest_of_memory(content)) << shift;
    }
  }
}

TEST(MemoryDigest, IsTheSameInWhateverOrderAndPartsTheWordsAreAdded) {
  const std::vector<std::byte> content = random_memory(1003, 9);
  std::vector<uint64_t> order(word_count(content.size()));
  std::iota(order.begin(), order.end(), 0);
  Prng prng(10);
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[prng.next() % i]);
  WordSums parts[3];
  for (size_t i = 0; i < order.size(); ++i) {
    add_mixed_word(parts[i % 3], word_at(content.data(), content.size(), order[i]), order[i]);
  }
  const WordSums sums{parts[0].high + parts[1].high + parts[2].high,
                      parts[0].low + parts[1].low + parts[2].low};
  EXPECT_EQ(finish_digest(sums, content.size()), digest_of_memory(content));
}

}  // namespace
}  // namespace ckptbench
