// Checkpoints of every format version ever released stay loadable, bit by bit, and what is damaged
// in them is refused.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "harness/core/sanitized.h"
#include "strategies/format/manifest.h"
#include "strategies/format/names.h"
#include "strategies/format/safetensors.h"
#include "strategies/testing/golden_samples.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

// A copy of one golden folder: a strategy leaves its lease in the directory that it reads.
class GoldenCheckpoint : public ::testing::TestWithParam<Golden> {
 protected:
  void SetUp() override {
    fs::copy(GetParam().path(), copy.path());
    strategy = bench.open(GetParam().strategy, copy.path());
    ASSERT_NE(strategy, nullptr);
  }

  // An open strategy keeps the records that it has decoded: a changed one is for the next to open.
  void open_anew() {
    strategy.reset();
    strategy = bench.open(GetParam().strategy, copy.path());
  }

  RestoreOutcome restore() {
    state->fill(99);
    const Want want{.seq = GetParam().seq, .partial = false};
    return strategy->restore(state->view(), want, nullptr);
  }
  bool is_whole() const { return to_hex(state->digest()) == GetParam().digest; }

  Result<Manifest> manifest() const {
    const std::string name = stored_name(GetParam().seq, kManifestSuffix);
    const auto text = read_file(copy.path() + "/" + name);
    if (!text) return text.error();
    return decode_manifest(std::as_bytes(std::span(text.value())));
  }

  TempDir copy = TempDir::make("ckptbench-golden").value();
  GoldenBench bench;
  std::unique_ptr<ContractState> state = golden_state(GetParam());
  std::unique_ptr<Strategy> strategy;
};

TEST_P(GoldenCheckpoint, StillLoadsBitByBit) {
  const RestoreOutcome outcome = restore();
  EXPECT_EQ(words(outcome), fmt::format("restored {}", GetParam().step));
  EXPECT_EQ(to_hex(state->digest()), GetParam().digest);
  const auto decoded = manifest();
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded.value().run, "golden");
  EXPECT_EQ(decoded.value().metric, 0.125);
  for (size_t i = 0; i < decoded.value().tensors.size(); ++i) {
    EXPECT_EQ(decoded.value().tensors[i].role, state->view().tensors.at(i).role);
  }
}

// Bytes of each file that the checkpoint's manifest covers: all of the record itself, and
// every chunk that it refers to.
std::map<std::string, std::vector<bool>> covered(const Manifest& manifest, bool encoded) {
  std::map<std::string, std::vector<bool>> bytes;
  for (const ManifestTensor& tensor : manifest.tensors) {
    for (const ManifestChunk& chunk : tensor.chunks) {
      if ((chunk.encoding != "raw") != encoded) continue;
      auto& file = bytes[stored_name(chunk.owner_seq, chunk.file)];
      const uint64_t end = chunk.offset + chunk.stored_bytes;
      if (file.size() < end) file.resize(end);
      std::fill(file.begin() + static_cast<std::ptrdiff_t>(chunk.offset),
                file.begin() + static_cast<std::ptrdiff_t>(end), true);
    }
  }
  return bytes;
}

void flip(const std::string& path, uint64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 0x04));
  ASSERT_TRUE(file.flush().good()) << path;
}

// A sanitizer looks at the paths through the reader, which a part of the bytes goes through too.
constexpr uint64_t kStride = kSanitized ? 23 : 1;

TEST_P(GoldenCheckpoint, EveryChangedByteThatCountsIsRefused) {
  const auto decoded = manifest();
  ASSERT_TRUE(decoded) << decoded.error().message;
  auto raw = covered(decoded.value(), false);
  auto encoded = covered(decoded.value(), true);
  const std::string record = stored_name(GetParam().seq, kManifestSuffix);
  raw[record].assign(fs::file_size(copy.path() + "/" + record), true);
  const auto counts = [](const std::vector<bool>& bytes, uint64_t at) {
    return at < bytes.size() && bytes[at];
  };
  for (const auto& entry : fs::directory_iterator(GetParam().path())) {
    const std::string name = entry.path().filename();
    const std::string path = copy.path() + "/" + name;
    uint64_t ignored = 0;
    for (uint64_t at = 0; at < entry.file_size(); at += kStride) {
      flip(path, at);
      if (name.ends_with(kManifestSuffix)) open_anew();
      const std::string outcome = words(restore());
      flip(path, at);
      const bool refused = outcome.starts_with("refused: ");
      ASSERT_TRUE(refused || is_whole()) << name << " byte " << at << ": " << outcome;
      EXPECT_TRUE(refused || !counts(raw[name], at)) << name << " byte " << at;
      EXPECT_TRUE(!refused || counts(raw[name], at) || counts(encoded[name], at))
          << name << " byte " << at << " is not covered, yet: " << outcome;
      ignored += counts(encoded[name], at) && !refused ? 1 : 0;
    }
    // Some bits of a zstd frame decide nothing: the bytes come out as they were.
    EXPECT_LE(ignored, 8u) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Format1, GoldenCheckpoint, ::testing::ValuesIn(golden_checkpoints()),
                         [](const auto& info) {
                           const std::string folder = info.param.folder;
                           return fmt::format("{}{}", folder.substr(folder.find('/') + 1),
                                              info.param.seq);
                         });

TEST(Golden, RawIsSafetensors) {
  const Golden& golden = golden_checkpoints().front();
  const auto file = read_file(golden.path() + "/ckpt-00000001.r0000.safetensors");
  ASSERT_TRUE(file) << file.error().message;
  const auto bytes = std::as_bytes(std::span(file.value()));
  const auto header = parse_safetensors(bytes, bytes.size());
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header.value().metadata.at("seq"), "1");
  const auto state = golden_state(golden);
  EXPECT_EQ(header.value().entries.size(), state->view().tensors.size() - 1);
  for (const SafetensorsEntry& entry : header.value().entries) {
    const TensorView* const tensor = state->view().find(entry.name);
    ASSERT_NE(tensor, nullptr) << entry.name;
    EXPECT_EQ(entry.bytes, tensor->bytes);
    EXPECT_EQ(entry.shape, tensor->shape);
  }
}

}  // namespace
}  // namespace ckptbench
