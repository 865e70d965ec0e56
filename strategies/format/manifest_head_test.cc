// The part of a manifest that lists and retention read.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "harness/core/digest.h"
#include "strategies/format/manifest.h"

namespace ckptbench {
namespace {

// With files of its own and of two older checkpoints.
Manifest sample_of_owners() {
  Manifest manifest;
  manifest.run = "run \"7\"\n";
  manifest.seq = 12;
  manifest.step = 340;
  manifest.contents = Contents::kWeights;
  manifest.metric = 0.1;
  for (const uint64_t owner : {12, 9, 3, 9}) {
    ManifestTensor tensor;
    tensor.name = fmt::format("tensor {}", manifest.tensors.size());
    tensor.shape = {3};
    tensor.bytes = 12;
    tensor.chunks.push_back({.raw_bytes = 12,
                             .owner_seq = owner,
                             .file = "r0000.chunks",
                             .stored_bytes = 12,
                             .digest = {}});
    manifest.tensors.push_back(std::move(tensor));
  }
  return manifest;
}

TEST(ManifestHead, IsReadFromTheFirstBytesAlone) {
  const Manifest manifest = sample_of_owners();
  const std::vector<std::byte> bytes = encode_manifest(manifest);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const size_t head_bytes = text.find("\n\"tensors\":[") + 12;
  const auto head = decode_manifest_head(std::span(bytes).first(head_bytes));
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head.value().run, manifest.run);
  EXPECT_EQ(head.value().seq, manifest.seq);
  EXPECT_EQ(head.value().step, manifest.step);
  EXPECT_EQ(head.value().contents, manifest.contents);
  EXPECT_EQ(head.value().metric, manifest.metric);
  EXPECT_EQ(head.value().needed_seqs(), manifest.needed_seqs());
  EXPECT_THAT(head.value().files, ::testing::UnorderedElementsAreArray(head_of(manifest).files));
  for (size_t size = 0; size < head_bytes; ++size) {
    EXPECT_FALSE(decode_manifest_head(std::span(bytes).first(size))) << size;
  }
}

TEST(ManifestHead, NeedsNoFileOfALaterCheckpoint) {
  Manifest manifest = sample_of_owners();
  manifest.tensors.back().chunks[0].owner_seq = manifest.seq + 1;
  const std::vector<std::byte> bytes = encode_manifest(manifest);
  const auto head = decode_manifest_head(bytes);
  ASSERT_FALSE(head);
  EXPECT_THAT(head.error().message, ::testing::HasSubstr("future checkpoint"));
  EXPECT_FALSE(verified_manifest_head(bytes));
}

TEST(ManifestHead, IsVouchedForByTheDigestOfTheWhole) {
  std::vector<std::byte> bytes = encode_manifest(sample_of_owners());
  ASSERT_TRUE(verified_manifest_head(bytes));
  for (size_t at = 0; at < bytes.size(); ++at) {
    bytes[at] ^= std::byte{1};
    EXPECT_FALSE(verified_manifest_head(bytes)) << at;
    bytes[at] ^= std::byte{1};
  }
}

// The format does not say where lines end.
TEST(ManifestHead, OfAnotherWritersLinesIsReadFromTheWhole) {
  std::vector<std::byte> bytes = encode_manifest(sample_of_owners());
  std::string body(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  body.resize(body.rfind("\nxxh3-128 "));
  std::erase(body, '\n');
  const std::string text = body + "\nxxh3-128 " + to_hex(digest_of(bytes_of(body))) + "\n";
  EXPECT_FALSE(decode_manifest_head(bytes_of(text)));
  const auto head = verified_manifest_head(bytes_of(text));
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head.value().needed_seqs(), sample_of_owners().needed_seqs());
}

}  // namespace
}  // namespace ckptbench
