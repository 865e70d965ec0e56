// Today's writers still write what the golden checkpoints of the present format hold. A difference
// here is a new format, or a layout that wants a golden checkpoint of its own: with CKPT_GOLDEN_OUT
// set to an empty folder these tests leave there what they wrote.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "strategies/format/manifest.h"
#include "strategies/format/names.h"
#include "strategies/format/safetensors.h"
#include "strategies/store/dir_store.h"
#include "strategies/store/lease.h"
#include "strategies/testing/golden_samples.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;
constexpr uint64_t kRawSeq = 1;
constexpr const char* kGoldenFile = "r0000.safetensors";

class GoldenWriters : public ::testing::Test {
 protected:
  std::string new_folder(const std::string& name) const {
    const char* const wanted = std::getenv("CKPT_GOLDEN_OUT");
    const fs::path folder = fs::path(wanted ? wanted : temporary.path()) / name;
    fs::create_directories(folder);
    return folder;
  }

  static std::vector<std::string> files_in(const std::string& folder) {
    const auto files = list_files(folder);
    EXPECT_TRUE(files) << files.error().message;
    return files ? files.value() : std::vector<std::string>{};
  }

  static std::string content(const std::string& path) {
    const auto text = read_file(path);
    EXPECT_TRUE(text) << text.error().message;
    return text ? text.value() : "";
  }

  void save(Strategy& strategy, ContractState& state, uint64_t step) {
    const Ticket ticket =
        strategy.save(state.view(), {.step = step, .contents = Contents::kFull, .metric = 0.125});
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    ASSERT_EQ(words(strategy.wait(ticket, deadline)), "durable");
  }

  void expect_encoded_as(const Golden& golden, const std::string& encoding);

  TempDir temporary = TempDir::make("ckptbench-golden").value();
  GoldenBench bench;
};

// The file's bytes and the manifest's tensors of the raw golden checkpoint.
void build_raw(std::vector<std::byte>& file, Manifest& manifest) {
  ContractState state;
  add_golden_tensors(state);
  std::vector<SafetensorsTensor> planned;
  for (const TensorView& tensor : state.view().tensors) {
    if (!tensor.alias_of)
      planned.push_back({tensor.name, tensor.dtype, tensor.shape, tensor.bytes});
  }
  const auto layout = plan_safetensors(planned, {{"run", "golden"}, {"step", "7"}, {"seq", "1"}});
  ASSERT_TRUE(layout) << layout.error().message;
  file.resize(layout.value().file_bytes);
  std::memcpy(file.data(), layout.value().header.data(), layout.value().header.size());
  Prng prng(1);
  for (const TensorView& view : state.view().tensors) {
    manifest.tensors.push_back({.name = view.name,
                                .role = view.role,
                                .dtype = view.dtype,
                                .shape = view.shape,
                                .pieces = {},
                                .alias_of = view.alias_of,
                                .bytes = view.bytes,
                                .chunks = {}});
    if (view.alias_of) continue;
    const uint64_t offset = layout.value().offsets[manifest.tensors.size() - 1];
    const std::span<std::byte> bytes(file.data() + offset, view.bytes);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(prng.next() & 1);
    // Two chunks where there is room, so that a reader has to join them.
    const uint64_t cut = view.bytes / 2;
    for (const auto& [begin, end] : {std::pair(uint64_t{0}, cut), std::pair(cut, view.bytes)}) {
      if (begin == end) continue;
      manifest.tensors.back().chunks.push_back(
          {.begin = begin,
           .raw_bytes = end - begin,
           .owner_seq = kRawSeq,
           .file = kGoldenFile,
           .offset = offset + begin,
           .stored_bytes = end - begin,
           .encoding = "raw",
           .digest = digest_of(bytes.subspan(begin, end - begin))});
    }
  }
}

void expect_same_files(const std::string& written, const std::string& golden) {
  const auto names = list_files(golden);
  ASSERT_TRUE(names) << names.error().message;
  EXPECT_EQ(list_files(written).value(), names.value());
  for (const std::string& name : names.value()) {
    // No readable difference would come of megabytes; the name says enough.
    EXPECT_TRUE(read_file(written + "/" + name).value() == read_file(golden + "/" + name).value())
        << name;
  }
}

TEST_F(GoldenWriters, RawByteForByte) {
  const std::string folder = new_folder("format1/raw");
  Manifest manifest;
  manifest.run = "golden";
  manifest.seq = kRawSeq;
  manifest.step = 7;
  manifest.metric = 0.125;
  std::vector<std::byte> file;
  build_raw(file, manifest);
  ASSERT_TRUE(check_manifest(manifest)) << check_manifest(manifest).error().message;
  {
    auto store = DirStore::open({.directory = folder, .run_id = "golden"});
    ASSERT_TRUE(store) << store.error().message;
    auto set = store.value()->begin(kRawSeq, file.size());
    ASSERT_TRUE(set) << set.error().message;
    ASSERT_TRUE(set.value()->write(kGoldenFile, 0, file));
    ASSERT_TRUE(set.value()->sync());
    ASSERT_TRUE(set.value()->commit(encode_manifest(manifest)));
  }
  fs::remove(folder + "/" + Lease::kFileName);
  expect_same_files(folder, golden_checkpoints()[0].path());
}

TEST_F(GoldenWriters, DedupByteForByte) {
  const std::string folder = new_folder("format1/dedup");
  const Golden& golden = golden_checkpoints()[2];
  const auto state = golden_state(golden);
  state->fill(1);
  {
    const auto strategy = bench.open(golden.strategy, folder);
    save(*strategy, *state, 7);
    state->fill("layer.weight", 2);
    state->fill("rng", 2);
    save(*strategy, *state, 8);
  }
  fs::remove(folder + "/" + Lease::kFileName);
  expect_same_files(folder, golden.path());
}

// What the manifest says but for the sizes that this version of zstd happens to reach.
std::string without_stored_sizes(const std::string& text) {
  auto decoded = decode_manifest(std::as_bytes(std::span(text)));
  if (!decoded) return decoded.error().message;
  for (ManifestTensor& tensor : decoded.value().tensors) {
    for (ManifestChunk& chunk : tensor.chunks) {
      chunk.offset = 0;
      chunk.stored_bytes = chunk.raw_bytes;
    }
  }
  const auto bytes = encode_manifest(decoded.value());
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void GoldenWriters::expect_encoded_as(const Golden& golden, const std::string& encoding) {
  const std::string folder = new_folder(golden.folder);
  const auto state = golden_state(golden);
  state->fill(1);
  save(*bench.open(golden.strategy, folder), *state, 7);
  fs::remove(folder + "/" + Lease::kFileName);
  EXPECT_EQ(files_in(folder), files_in(golden.path()));
  const std::string record = "/" + stored_name(golden.seq, kManifestSuffix);
  const std::string expected = without_stored_sizes(content(golden.path() + record));
  EXPECT_EQ(without_stored_sizes(content(folder + record)), expected);
  EXPECT_THAT(expected, ::testing::HasSubstr("\"" + encoding + "\""));
}

TEST_F(GoldenWriters, EncodedButForItsSizes) {
  expect_encoded_as(golden_checkpoints()[1], "planes+zstd");
  expect_encoded_as(golden_checkpoints()[4], "zstd");
}

}  // namespace
}  // namespace ckptbench
