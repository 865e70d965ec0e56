// Damage at rest: whatever happens to a file, a restore gives an older checkpoint or refuses, and
// never wrong bytes.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "strategies/testing/contract_samples.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const ParamText kDamageChunks{{"chunk_bytes", "4096"}};

std::vector<char> read_all(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_all(const fs::path& path, const std::vector<char>& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

class Damage : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const auto strategy = bench.open(GetParam(), kDamageChunks);
    for (const uint64_t step : {1, 2}) {
      state->fill(step);
      digests[step] = state->digest();
      ASSERT_EQ(words(save_and_wait(*strategy, *state, step)), "durable");
    }
  }

  // Files of one checkpoint, the lease left out.
  std::vector<fs::path> files_of(uint64_t seq) const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(bench.directory())) {
      if (entry.path().filename().string().starts_with(fmt::format("ckpt-{:08}.", seq))) {
        files.push_back(entry.path());
      }
    }
    return files;
  }

  // The last byte of each of its data files.
  void damage_data_of(uint64_t seq) {
    for (const fs::path& path : files_of(seq)) {
      if (path.extension() == ".manifest") continue;
      std::vector<char> bytes = read_all(path);
      bytes.back() = static_cast<char>(bytes.back() ^ 1);
      write_all(path, bytes);
    }
  }

  // The outcome of a restore of the first weight alone.
  static std::string weight_restored_by(Strategy& strategy) {
    ContractState one;
    one.add("a.weight", Role::kParameter, DType::kF32, {64, 33});
    return words(strategy.restore(one.view(), {.seq = {}, .partial = true}, nullptr));
  }

  // Flips one byte of checkpoint 2 that another tensor than the first weight needs. Where it lies
  // is found by trying: a parallel pipeline writes its chunks in the order in which they are ready.
  bool damage_outside_the_weight() {
    for (const fs::path& path : files_of(2)) {
      if (path.extension() == ".manifest") continue;
      const std::vector<char> intact = read_all(path);
      for (size_t from_end = 1; from_end <= intact.size(); from_end += 256) {
        std::vector<char> bytes = intact;
        char& byte = bytes[bytes.size() - from_end];
        byte = static_cast<char>(byte ^ 1);
        write_all(path, bytes);
        if (restored_step() == 1 &&
            weight_restored_by(*bench.open(GetParam(), kDamageChunks)) == "restored 2") {
          return true;
        }
      }
      write_all(path, intact);
    }
    return false;
  }

  // Restores into foreign bytes; the step, 0 for a refusal. Fails on wrong bytes.
  uint64_t restored_step(std::vector<std::string>* passed_over = nullptr) {
    state->fill(77);
    const auto strategy = bench.open(GetParam(), kDamageChunks);
    const RestoreOutcome outcome = strategy->restore(state->view(), {}, nullptr);
    const auto* restored = std::get_if<Restored>(&outcome);
    if (!restored) {
      EXPECT_THAT(words(outcome), StartsWith("refused: "));
      return 0;
    }
    EXPECT_EQ(state->digest(), digests[restored->step]) << "wrong bytes restored";
    if (passed_over) *passed_over = restored->passed_over;
    return restored->step;
  }

  ContractBench bench;
  std::unique_ptr<ContractState> state = small_state(1);
  std::map<uint64_t, Digest> digests;
};

TEST_P(Damage, FlippedBitsNeverRestoreWrongBytes) {
  Prng prng(11);
  uint64_t caught = 0;
  for (const fs::path& path : files_of(2)) {
    const std::vector<char> intact = read_all(path);
    ASSERT_FALSE(intact.empty());
    for (int trial = 0; trial < 60; ++trial) {
      std::vector<char> bytes = intact;
      bytes[prng.below(bytes.size())] ^= static_cast<char>(1u << prng.below(8));
      write_all(path, bytes);
      caught += restored_step() == 1 ? 1 : 0;
    }
    write_all(path, intact);
  }
  // The rest hit bytes that carry nothing: a safetensors header is not what covers the data.
  EXPECT_GT(caught, 60u);
  EXPECT_EQ(restored_step(), 2u);
}

TEST_P(Damage, EveryBlockOfEveryDataFileIsChecked) {
  for (const fs::path& path : files_of(2)) {
    if (path.extension() == ".manifest") continue;
    const std::vector<char> intact = read_all(path);
    // Behind a safetensors header, which no reader trusts; a container has data from its first
    // byte.
    const size_t first = path.extension() == ".safetensors" ? 4096 : 0;
    for (size_t at = first; at < intact.size(); at += 512) {
      std::vector<char> bytes = intact;
      bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
      write_all(path, bytes);
      std::vector<std::string> passed_over;
      EXPECT_EQ(restored_step(&passed_over), 1u) << path << " byte " << at;
      EXPECT_EQ(passed_over.size(), 1u);
    }
    write_all(path, intact);
  }
}

TEST_P(Damage, TruncatedAndMissingFilesArePassedOver) {
  for (const fs::path& path : files_of(2)) {
    const std::vector<char> intact = read_all(path);
    for (const size_t size : {size_t{0}, size_t{1}, intact.size() / 2, intact.size() - 1}) {
      write_all(path, {intact.begin(), intact.begin() + static_cast<std::ptrdiff_t>(size)});
      EXPECT_EQ(restored_step(), 1u) << path << " cut to " << size;
    }
    if (path.extension() != ".manifest") {
      fs::remove(path);
      EXPECT_EQ(restored_step(), 1u) << path << " removed";
    }
    write_all(path, intact);
  }
  EXPECT_EQ(restored_step(), 2u);
}

TEST_P(Damage, ARecordUnderAnotherNumberIsPassedOver) {
  const auto record = [&](int seq) {
    return fs::path(bench.directory()) / fmt::format("ckpt-{:08}.manifest", seq);
  };
  write_all(record(2), read_all(record(1)));
  std::vector<std::string> passed_over;
  EXPECT_EQ(restored_step(&passed_over), 1u);
  EXPECT_THAT(passed_over, ::testing::ElementsAre(HasSubstr("that of checkpoint 1")));
  EXPECT_THAT(seqs_of(bench.open(GetParam(), kDamageChunks)->list()), ::testing::ElementsAre(1));
}

TEST_P(Damage, NothingValidIsARefusalNotAnEmptyStart) {
  for (const uint64_t seq : {1, 2}) {
    for (const fs::path& path : files_of(seq)) write_all(path, {'x'});
  }
  EXPECT_EQ(restored_step(), 0u);
}

TEST_P(Damage, TheNextSaveDoesNotBuildOnDamage) {
  damage_data_of(2);
  {
    const auto strategy = bench.open(GetParam(), kDamageChunks);
    ASSERT_EQ(words(strategy->restore(state->view(), {}, nullptr)), "restored 1");
    state->fill(2);  // the bytes that checkpoint 2 claims to hold
    digests[3] = state->digest();
    ASSERT_EQ(words(save_and_wait(*strategy, *state, 3)), "durable");
  }
  EXPECT_EQ(restored_step(), 3u);
}

// What it did not read may be damaged.
TEST_P(Damage, TheNextSaveDoesNotBuildOnWhatAPartialRestoreLeftOut) {
  ASSERT_TRUE(damage_outside_the_weight());
  {
    const auto strategy = bench.open(GetParam(), kDamageChunks);
    ASSERT_EQ(weight_restored_by(*strategy), "restored 2");
    state->fill(2);  // the bytes that checkpoint 2 claims to hold
    digests[3] = state->digest();
    ASSERT_EQ(words(save_and_wait(*strategy, *state, 3)), "durable");
  }
  EXPECT_EQ(restored_step(), 3u);
}

TEST_P(Damage, PartialFallbackNeverMixesTwoCheckpoints) {
  ContractState more;
  more.add("a.weight", Role::kParameter, DType::kF32, {64, 33});
  more.add("z.only_new", Role::kParameter, DType::kF32, {5000});
  more.fill(5);
  const auto strategy = bench.open(GetParam(), kDamageChunks);
  ASSERT_EQ(words(save_and_wait(*strategy, more, 3)), "durable");
  damage_data_of(3);
  more.fill(6);
  // Older checkpoints lack z.only_new, which may hold bytes of checkpoint 3 by now.
  const auto outcome = words(strategy->restore(more.view(), {.seq = {}, .partial = true}, nullptr));
  EXPECT_THAT(outcome, StartsWith("refused: "));
  EXPECT_THAT(outcome, HasSubstr("z.only_new"));
}

INSTANTIATE_TEST_SUITE_P(Native, Damage, ::testing::ValuesIn(keeping_compositions()),
                         [](const auto& info) { return test_name(info.param); });
INSTANTIATE_TEST_SUITE_P(Composed, Damage, ::testing::Values("blocking+dedup+planes+zstd@dir"),
                         [](const auto& info) { return "Composed" + std::to_string(info.index); });

}  // namespace
}  // namespace ckptbench
