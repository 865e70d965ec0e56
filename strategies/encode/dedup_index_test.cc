// Which chunks of an older checkpoint may stand for new ones.
#include <gtest/gtest.h>

#include "strategies/encode/chunk_index.h"
#include "strategies/stages.h"

namespace ckptbench {
namespace {

constexpr uint64_t kBytes = 4096;

// Two chunks of one tensor, which is as good as verified.
std::shared_ptr<const Manifest> older(uint64_t seq) {
  auto manifest = std::make_shared<Manifest>();
  manifest->seq = seq;
  ManifestTensor tensor;
  tensor.name = "weight";
  tensor.dtype = DType::kF32;
  tensor.bytes = 2 * kBytes;
  for (const uint64_t begin : {uint64_t{0}, kBytes}) {
    tensor.chunks.push_back({.begin = begin,
                             .raw_bytes = kBytes,
                             .owner_seq = seq,
                             .digest = {.high = seq, .low = begin}});
  }
  manifest->tensors.push_back(std::move(tensor));
  return manifest;
}

TensorView weight(DType dtype) {
  TensorView tensor;
  tensor.name = "weight";
  tensor.dtype = dtype;
  tensor.bytes = 2 * kBytes;
  return tensor;
}

std::unique_ptr<ChunkIndex> make_index(const std::string& full_every) {
  for (const StageRow& row : native_stages()) {
    if (row.name != "dedup") continue;
    const auto params = Params::make("dedup", row.params, {{"full_every", full_every}});
    return std::get<MakeChunkIndex>(row.make)(params.value());
  }
  return nullptr;
}

TEST(DedupIndex, FindsTheSameRangeOfTheSameTensorWithTheSameDigest) {
  const auto index = make_index("100");
  index->trust(older(3), 3);
  EXPECT_EQ(index->choose_base(4), 3U);
  const TensorView tensor = weight(DType::kF32);
  const Digest second{.high = 3, .low = kBytes};
  const ManifestChunk* const found = index->find(tensor, kBytes, kBytes, second);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->begin, kBytes);
  EXPECT_EQ(found->owner_seq, 3U);
  EXPECT_EQ(index->find(tensor, 0, kBytes, second), nullptr) << "another range";
  EXPECT_EQ(index->find(tensor, kBytes / 2, kBytes, second), nullptr) << "no chunk begins there";
  EXPECT_EQ(index->find(tensor, kBytes, kBytes / 2, second), nullptr) << "another length";
  EXPECT_EQ(index->find(tensor, kBytes, kBytes, {.high = 3, .low = 1}), nullptr) << "other bytes";
  TensorView other = tensor;
  other.name = "bias";
  EXPECT_EQ(index->find(other, kBytes, kBytes, second), nullptr) << "another tensor";
}

// It is decoded by the dtype of the tensor that refers to it.
TEST(DedupIndex, AChunkOfAnotherDtypeDoesNotServe) {
  const auto index = make_index("100");
  index->trust(older(3), 3);
  index->choose_base(4);
  EXPECT_EQ(index->find(weight(DType::kF64), 0, kBytes, {.high = 3, .low = 0}), nullptr);
}

TEST(DedupIndex, ABaseThatWasForgottenOrWhoseChainIsFullIsNone) {
  const auto index = make_index("3");
  index->trust(older(3), 2);
  EXPECT_EQ(index->choose_base(4), 3U);
  EXPECT_EQ(index->chain_begin(), 2U);
  EXPECT_EQ(index->choose_base(5), 0U) << "three from 2 on";
  EXPECT_EQ(index->chain_begin(), 5U);
  EXPECT_EQ(index->choose_base(4), 3U);
  index->forget(3);
  EXPECT_EQ(index->choose_base(4), 0U);
}

// The oldest go first: the newest serves best.
TEST(DedupIndex, OfManyTheNewestServes) {
  const auto index = make_index("100");
  for (uint64_t seq = 1; seq <= 20; ++seq) index->trust(older(seq), 1);
  EXPECT_EQ(index->choose_base(21), 20U);
  index->forget(20);
  EXPECT_EQ(index->choose_base(21), 19U);
}

}  // namespace
}  // namespace ckptbench
