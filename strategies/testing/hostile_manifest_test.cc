// Manifests under a right digest that no writer of ours would publish: a restore refuses them, and
// writes nothing outside the tensors that it was given.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/core/one_line.h"
#include "harness/platform/thread_team.h"
#include "strategies/pipeline/load.h"
#include "strategies/pipeline/tensor_match.h"
#include "strategies/stages.h"
#include "strategies/store/dir_store.h"
#include "strategies/testing/contract_samples.h"
#include "strategies/testing/store_samples.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kFile = "r0000.safetensors";

ManifestTensor row(const std::string& name, uint64_t bytes) {
  ManifestTensor tensor;
  tensor.name = name;
  tensor.dtype = DType::kU8;
  tensor.shape = {static_cast<int64_t>(bytes)};
  tensor.bytes = bytes;
  return tensor;
}

ManifestTensor stored_row(const std::string& name, std::span<const std::byte> content) {
  ManifestTensor tensor = row(name, content.size());
  tensor.chunks = {{.begin = 0,
                    .raw_bytes = content.size(),
                    .owner_seq = 1,
                    .file = kFile,
                    .offset = 0,
                    .stored_bytes = content.size(),
                    .encoding = "raw",
                    .digest = digest_of(content)}};
  return tensor;
}

ManifestTensor alias_row(const std::string& name, uint64_t bytes, const std::string& target) {
  ManifestTensor tensor = row(name, bytes);
  tensor.alias_of = target;
  return tensor;
}

class HostileManifest : public ::testing::Test {
 protected:
  // Commits one file of this content under the tensors' manifest, as checkpoint 1.
  void commit(std::vector<ManifestTensor> tensors) {
    manifest.run = "hostile";
    manifest.seq = manifest.step = 1;
    manifest.tensors = std::move(tensors);
    auto store = DirStore::open({.directory = bench.directory(), .run_id = "hostile"});
    ASSERT_TRUE(store) << store.error().message;
    auto set = store.value()->begin(1, content.size());
    ASSERT_TRUE(set) << set.error().message;
    ASSERT_TRUE(set.value()->write(kFile, 0, content));
    ASSERT_TRUE(set.value()->sync());
    ASSERT_TRUE(set.value()->commit(encode_manifest(manifest)));
  }
  std::string restore(ContractState& state) {
    return words(bench.open("sync")->restore(state.view(), {}, nullptr));
  }

  ContractBench bench;
  Manifest manifest;
  const std::vector<std::byte> content = random_bytes(100'000, 1);
};

TEST_F(HostileManifest, ASmallAliasOfALargeTensorIsRefused) {
  commit({stored_row("large", content), alias_row("small", 16, "large")});
  ContractState state;
  state.add("large", Role::kParameter, DType::kU8, {100'000});
  state.add("small", Role::kParameter, DType::kU8, {16});
  const std::string outcome = restore(state);
  EXPECT_THAT(outcome, StartsWith("refused: "));
  EXPECT_THAT(outcome, HasSubstr("'small'"));
}

TEST_F(HostileManifest, ALargeAliasOfASmallTensorIsRefused) {
  const auto first = std::span(content).first(16);
  commit({stored_row("small", first), alias_row("large", 100'000, "small")});
  ContractState state;
  state.add("small", Role::kParameter, DType::kU8, {16});
  state.add("large", Role::kParameter, DType::kU8, {100'000});
  const std::string outcome = restore(state);
  EXPECT_THAT(outcome, StartsWith("refused: "));
  EXPECT_THAT(outcome, HasSubstr("'large'"));
}

TEST_F(HostileManifest, AnAliasOfAnotherTypeIsRefused) {
  ManifestTensor alias = alias_row("alias", 100'000, "stored");
  alias.dtype = DType::kI8;
  commit({stored_row("stored", content), alias});
  ContractState state;
  state.add("stored", Role::kParameter, DType::kU8, {100'000});
  state.add("alias", Role::kParameter, DType::kI8, {100'000});
  EXPECT_THAT(restore(state), StartsWith("refused: "));
}

// The same mistakes below the decoder: each layer checks what it writes by itself.
TEST_F(HostileManifest, TheMatchNeverPairsTensorsOfDifferentSizes) {
  manifest.tensors = {stored_row("large", content), alias_row("small", 16, "large")};
  ContractState state;
  state.add("large", Role::kParameter, DType::kU8, {100'000});
  state.add("small", Role::kParameter, DType::kU8, {16});
  const StateMatch found = match(manifest, state.view());
  EXPECT_EQ(found.fills.size(), 1u);
  EXPECT_THAT(found.conflicts, ::testing::ElementsAre(HasSubstr("small")));
}

TEST_F(HostileManifest, TheMatchTakesTheBytesOfTheAliasOwnRank) {
  manifest.world_size = 2;
  manifest.tensors = {stored_row("other", content), stored_row("w", content),
                      stored_row("w", content), alias_row("tied", 100'000, "w")};
  manifest.tensors[2].rank = manifest.tensors[3].rank = 1;
  ContractState state;
  state.add("tied", Role::kParameter, DType::kU8, {100'000});
  const StateMatch found = match(manifest, state.view());
  ASSERT_EQ(found.fills.size(), 1u);
  EXPECT_EQ(found.fills[0].from, &manifest.tensors[2]);
}

// As many bytes, and those of other elements.
TEST_F(HostileManifest, TheMatchNeverFillsAnAliasFromOtherPieces) {
  manifest.tensors = {stored_row("w", content), alias_row("tied", 100'000, "w")};
  const auto half = [](int64_t begin) {
    return std::vector<Piece>{
        {.offset = {begin}, .extent = {50'000}, .local_begin = 0, .local_bytes = 50'000}};
  };
  for (ManifestTensor& tensor : manifest.tensors) tensor.bytes = 50'000;
  ContractState state;
  TensorView& tied = state.add("tied", Role::kParameter, DType::kU8, {100'000});
  tied.bytes = 50'000;
  tied.pieces = manifest.tensors[1].pieces = half(0);
  for (const bool same : {true, false}) {
    manifest.tensors[0].pieces = half(same ? 0 : 50'000);
    const StateMatch found = match(manifest, state.view());
    EXPECT_EQ(found.fills.size(), same ? 1u : 0u);
    EXPECT_EQ(found.conflicts.size(), same ? 0u : 1u);
  }
}

TEST_F(HostileManifest, TheLoaderFillsEveryByteOrRefuses) {
  commit({stored_row("stored", content)});
  auto store = DirStore::open({.directory = bench.directory(), .run_id = "", .writer = false});
  ASSERT_TRUE(store) << store.error().message;
  const auto device = make_cpu_device();
  ThreadTeam team(2);
  Loader loader(*device, team, *store.value(), native_stages());
  for (const int64_t bytes : {16, 99'999, 100'001, 200'000}) {
    ContractState state;
    state.add("stored", Role::kParameter, DType::kU8, {bytes});
    const Status loaded = loader.load({{&manifest.tensors[0], &state.view().tensors[0]}});
    ASSERT_FALSE(loaded) << bytes;
    EXPECT_THAT(loaded.error().message, HasSubstr(fmt::format("{} bytes", bytes)));
  }
  ContractState state;
  state.add("stored", Role::kParameter, DType::kU8, {100'000});
  EXPECT_TRUE(loader.load({{&manifest.tensors[0], &state.view().tensors[0]}}));
  EXPECT_TRUE(std::equal(content.begin(), content.end(), state.view().tensors[0].data));
}

// A terminal would follow what the name of a tensor says.
TEST_F(HostileManifest, ARefusalIsOneLineWhateverTheNames) {
  commit({stored_row("w\n\x1b[2J" + std::string(4000, 'n'), content)});
  ContractState state;
  state.add("w", Role::kParameter, DType::kU8, {100'000});
  const std::string outcome = restore(state);
  EXPECT_THAT(outcome, StartsWith("refused: "));
  EXPECT_THAT(outcome, HasSubstr("w\\x0a\\x1b[2J"));
  const std::string reason = outcome.substr(std::string_view("refused: ").size());
  EXPECT_EQ(reason, one_line(reason));
}

TEST_F(HostileManifest, TheErrorOfADecoderIsOneLine) {
  manifest.seq = manifest.step = 1;
  manifest.tensors = {row("w\n\x1b[2J" + std::string(4000, 'n'), 16)};
  const auto decoded = decode_manifest(encode_manifest(manifest));
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().message, one_line(decoded.error().message));
}

}  // namespace
}  // namespace ckptbench
