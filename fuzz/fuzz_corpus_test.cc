// The entry of every fuzz target over its seeds, over inputs that its mutator makes of them, and
// over all inputs that once found something: in every build, without a fuzzer.
#include <gtest/gtest.h>

#include "fuzz/fuzz_target.h"
#include "fuzz/seed_files.h"
#include "harness/core/sanitized.h"

namespace ckptbench {

void PrintTo(const FuzzTarget& target, std::ostream* out) {
  *out << target.name;
}

namespace {

class FuzzCorpus : public ::testing::TestWithParam<FuzzTarget> {};

// Stands in for libFuzzer's: one byte to another value, doubled or left out.
std::string changed_byte(std::string_view input, Prng& random) {
  std::string bytes(input);
  const size_t at = random.below(bytes.size() + 1);
  switch (random.below(3)) {
    case 0:
      bytes.insert(at, 1, static_cast<char>(random.next()));
      break;
    case 1:
      bytes.erase(std::min(at, bytes.size()), 1);
      break;
    default:
      if (at < bytes.size()) bytes[at] = static_cast<char>(random.next());
  }
  return bytes;
}

TEST_P(FuzzCorpus, SeedsAreAccepted) {
  ASSERT_FALSE(GetParam().seeds().empty());
  for (const std::string& seed : GetParam().seeds()) EXPECT_NO_THROW(GetParam().run(seed));
  EXPECT_NO_THROW(GetParam().run(""));
}

TEST_P(FuzzCorpus, WhatOnceFoundSomethingFindsNothing) {
  for (const auto& [name, content] : regression_inputs(GetParam().name)) {
    EXPECT_NO_THROW(GetParam().run(content)) << name;
  }
}

TEST_P(FuzzCorpus, MutatedSeedsFindNothing) {
  constexpr int kInputs = kSanitized ? 100 : 400;
  Prng random(1);
  const BlindMutation blind = [&](std::string_view part) { return changed_byte(part, random); };
  std::vector<std::string> pool = GetParam().seeds();
  int changed = 0;
  for (int i = 0; i < kInputs; ++i) {
    const std::string input = pool[random.below(pool.size())];
    std::string next = GetParam().mutate(input, random, blind);
    if (next.empty()) next = blind(input);
    changed += next != input ? 1 : 0;
    ASSERT_NO_THROW(GetParam().run(next)) << "input " << i;
    pool.push_back(std::move(next));
  }
  EXPECT_GT(changed, kInputs / 2);
}

INSTANTIATE_TEST_SUITE_P(Targets, FuzzCorpus, ::testing::ValuesIn(fuzz_targets()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace ckptbench
