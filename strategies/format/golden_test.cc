// Checkpoints of every format version ever released stay loadable. They were written once by
// Golden.DISABLED_Write through the real code; their content is what golden_tensors() says.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "harness/core/prng.h"
#include "strategies/format/manifest.h"
#include "strategies/format/safetensors.h"
#include "strategies/store/dir_store.h"

namespace ckptbench {
namespace {

constexpr const char* kFormat1 = CKPT_SOURCE_DIR "/strategies/format/golden/format1";
constexpr uint64_t kRawSeq = 1;
constexpr const char* kFile = "r0000.safetensors";

struct GoldenTensor {
  const char* name;
  Role role;
  DType dtype;
  std::vector<int64_t> shape;
  const char* digest;  // of its bytes, when the checkpoint was written
};

std::vector<GoldenTensor> golden_tensors() {
  return {
      {"layer.weight", Role::kParameter, DType::kF32, {4, 8}, "0a3f4601cff2fcde601b2833574e88e7"},
      {"layer.bias", Role::kParameter, DType::kBF16, {5}, "98d1f4f80da3aac91dce31ededcb9bd8"},
      {"layer.weight.exp_avg",
       Role::kMoment1,
       DType::kF64,
       {2, 3},
       "14c8e1b90b7b7c3c9a6bf65951135317"},
      {"flag", Role::kGradient, DType::kBool, {3}, "45e2fdb5ac7616020236d86862625904"},
      {"step", Role::kCounter, DType::kI64, {}, "5e79ae406e85355c521c17117323b0ae"},
      {"nothing", Role::kBuffer, DType::kF16, {0, 2}, "99aa06d3014798d86001c324468d497f"}};
}

uint64_t bytes_of(const GoldenTensor& tensor) {
  uint64_t bytes = dtype_bytes(tensor.dtype);
  for (const int64_t extent : tensor.shape) bytes *= static_cast<uint64_t>(extent);
  return bytes;
}

std::unique_ptr<DirStore> open_format1() {
  auto store = DirStore::open({.directory = kFormat1, .run_id = "", .writer = false});
  EXPECT_TRUE(store) << store.error().message;
  return std::move(store).value();
}

Result<Manifest> golden_manifest(DirStore& store, uint64_t seq) {
  std::vector<std::string> damaged;
  const auto checkpoints = store.list(damaged);
  if (!checkpoints) return checkpoints.error();
  for (const StoredCheckpoint& checkpoint : checkpoints.value()) {
    if (checkpoint.seq == seq) return decode_manifest(checkpoint.manifest);
  }
  return Error{fmt::format("no checkpoint {} in {}", seq, kFormat1)};
}

std::vector<std::byte> stored_bytes(DirStore& store, const ManifestTensor& tensor) {
  std::vector<std::byte> bytes(tensor.bytes);
  for (const ManifestChunk& chunk : tensor.chunks) {
    const std::span<std::byte> target(bytes.data() + chunk.begin, chunk.raw_bytes);
    const Status read = store.read(chunk.owner_seq, chunk.file, chunk.offset, target);
    EXPECT_TRUE(read) << read.error().message;
    EXPECT_EQ(digest_of(target), chunk.digest);
  }
  return bytes;
}

TEST(Golden, Format1RawStillLoads) {
  const auto store = open_format1();
  const Result<Manifest> decoded = golden_manifest(*store, kRawSeq);
  ASSERT_TRUE(decoded) << decoded.error().message;
  const Manifest& manifest = decoded.value();
  EXPECT_EQ(manifest.run, "golden");
  EXPECT_EQ(manifest.step, 7u);
  EXPECT_EQ(manifest.metric, 0.125);
  const auto expected = golden_tensors();
  ASSERT_EQ(manifest.tensors.size(), expected.size() + 1);
  for (size_t i = 0; i < expected.size(); ++i) {
    const ManifestTensor& tensor = manifest.tensors[i];
    EXPECT_EQ(tensor.name, expected[i].name);
    EXPECT_EQ(tensor.role, expected[i].role);
    EXPECT_EQ(tensor.dtype, expected[i].dtype);
    EXPECT_EQ(tensor.shape, expected[i].shape);
    EXPECT_EQ(to_hex(digest_of(stored_bytes(*store, tensor))), expected[i].digest) << tensor.name;
  }
  EXPECT_EQ(manifest.tensors.back().name, "head.weight");
  EXPECT_EQ(manifest.tensors.back().alias_of, "layer.weight");
}

TEST(Golden, Format1RawIsSafetensors) {
  const auto store = open_format1();
  const Result<Manifest> manifest = golden_manifest(*store, kRawSeq);
  ASSERT_TRUE(manifest) << manifest.error().message;
  const auto file = read_bytes(fmt::format("{}/ckpt-00000001.{}", kFormat1, kFile), 1 << 20);
  ASSERT_TRUE(file) << file.error().message;
  const auto header = parse_safetensors(file.value(), file.value().size());
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header.value().metadata.at("seq"), "1");
  EXPECT_EQ(header.value().entries.size(), golden_tensors().size());
  for (const SafetensorsEntry& entry : header.value().entries) {
    for (const ManifestTensor& tensor : manifest.value().tensors) {
      if (tensor.name != entry.name || tensor.chunks.empty()) continue;
      EXPECT_EQ(entry.offset, tensor.chunks[0].offset);
      EXPECT_EQ(entry.bytes, tensor.bytes);
    }
  }
}

// The file's bytes and the manifest's tensors of the raw golden checkpoint.
void build_raw(std::vector<std::byte>& file, Manifest& manifest) {
  std::vector<SafetensorsTensor> planned;
  for (const GoldenTensor& tensor : golden_tensors()) {
    planned.push_back({tensor.name, tensor.dtype, tensor.shape, bytes_of(tensor)});
  }
  const auto layout = plan_safetensors(planned, {{"run", "golden"}, {"step", "7"}, {"seq", "1"}});
  ASSERT_TRUE(layout) << layout.error().message;
  file.resize(layout.value().file_bytes);
  std::memcpy(file.data(), layout.value().header.data(), layout.value().header.size());
  Prng prng(1);
  for (const GoldenTensor& golden : golden_tensors()) {
    ManifestTensor tensor;
    tensor.name = golden.name;
    tensor.role = golden.role;
    tensor.dtype = golden.dtype;
    tensor.shape = golden.shape;
    tensor.bytes = bytes_of(golden);
    const uint64_t offset = layout.value().offsets[manifest.tensors.size()];
    const std::span<std::byte> bytes(file.data() + offset, tensor.bytes);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(prng.next() & 1);
    // Two chunks where there is room, so that a reader has to join them.
    const uint64_t cut = tensor.bytes / 2;
    for (const auto& [begin, end] : {std::pair(uint64_t{0}, cut), std::pair(cut, tensor.bytes)}) {
      if (begin == end) continue;
      tensor.chunks.push_back({.begin = begin,
                               .raw_bytes = end - begin,
                               .owner_seq = kRawSeq,
                               .file = kFile,
                               .offset = offset + begin,
                               .stored_bytes = end - begin,
                               .encoding = "raw",
                               .digest = digest_of(bytes.subspan(begin, end - begin))});
    }
    manifest.tensors.push_back(std::move(tensor));
  }
}

// Run by hand, once per format version, into a new folder named by CKPT_GOLDEN_OUT.
TEST(Golden, DISABLED_Write) {
  const char* directory = std::getenv("CKPT_GOLDEN_OUT");
  ASSERT_NE(directory, nullptr) << "set CKPT_GOLDEN_OUT to an empty folder";
  Manifest manifest;
  manifest.run = "golden";
  manifest.seq = kRawSeq;
  manifest.step = 7;
  manifest.metric = 0.125;
  std::vector<std::byte> file;
  build_raw(file, manifest);
  ManifestTensor alias = manifest.tensors[0];
  alias.name = "head.weight";
  alias.alias_of = "layer.weight";
  alias.chunks.clear();
  manifest.tensors.push_back(alias);
  ASSERT_TRUE(check_manifest(manifest)) << check_manifest(manifest).error().message;
  auto store = DirStore::open({.directory = directory, .run_id = "golden"});
  ASSERT_TRUE(store) << store.error().message;
  auto set = store.value()->begin(kRawSeq, file.size());
  ASSERT_TRUE(set) << set.error().message;
  ASSERT_TRUE(set.value()->write(kFile, 0, file));
  ASSERT_TRUE(set.value()->sync());
  ASSERT_TRUE(set.value()->commit(encode_manifest(manifest)));
  for (const ManifestTensor& tensor : manifest.tensors) {
    fmt::print("{} {}\n", tensor.name, to_hex(digest_of(stored_bytes(*store.value(), tensor))));
  }
}

}  // namespace
}  // namespace ckptbench
