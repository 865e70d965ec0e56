#include "strategies/testing/store_samples.h"

#include <fmt/format.h>

#include "harness/core/prng.h"
#include "strategies/format/manifest.h"

namespace ckptbench {
namespace {

ManifestTensor tensor_of(const std::string& name, uint64_t owner_seq, const std::string& file,
                         std::span<const std::byte> content) {
  ManifestTensor tensor;
  tensor.name = name;
  tensor.dtype = DType::kU8;
  tensor.shape = {static_cast<int64_t>(content.size())};
  tensor.bytes = content.size();
  tensor.chunks.resize(1);
  ManifestChunk& chunk = tensor.chunks[0];
  chunk.raw_bytes = chunk.stored_bytes = content.size();
  chunk.owner_seq = owner_seq;
  chunk.file = file;
  chunk.digest = digest_of(content);
  return tensor;
}

std::string check_chunk(Store& store, const ManifestChunk& chunk) {
  std::vector<std::byte> bytes(chunk.stored_bytes);
  const Status read = store.read(chunk.owner_seq, chunk.file, chunk.offset, bytes);
  if (!read) return read.error().message;
  return digest_of(bytes) == chunk.digest ? "" : fmt::format("{}: digest differs", chunk.file);
}

}  // namespace

std::vector<std::byte> random_bytes(uint64_t count, uint64_t seed) {
  Prng prng(seed);
  std::vector<std::byte> bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(prng.next());
  return bytes;
}

std::string commit_checkpoint(Store& store, uint64_t seq, const SampleFiles& files,
                              const std::vector<std::pair<uint64_t, std::string>>& refers_to) {
  Manifest manifest;
  manifest.run = "sample";
  manifest.seq = manifest.step = seq;
  auto set = store.begin(seq, files.begin()->second.size());
  if (!set) return set.error().message;
  for (const auto& [name, content] : files) {
    const Status written = set.value()->write(name, 0, content);
    if (!written) return written.error().message;
    manifest.tensors.push_back(tensor_of(name, seq, name, content));
  }
  for (const auto& [owner, file] : refers_to) {
    std::byte first{};
    const Status read = store.read(owner, file, 0, {&first, 1});
    if (!read) return read.error().message;
    manifest.tensors.push_back(tensor_of("old " + file, owner, file, {&first, 1}));
  }
  Status status = set.value()->sync();
  if (status) status = set.value()->commit(encode_manifest(manifest));
  return status ? "" : status.error().message;
}

std::string check_checkpoint(Store& store, uint64_t seq) {
  const Result<std::vector<std::byte>> record = store.get(seq);
  if (!record) return record.error().message;
  const Result<Manifest> manifest = decode_manifest(record.value());
  if (!manifest) return manifest.error().message;
  if (manifest.value().seq != seq) return "the manifest is of another checkpoint";
  for (const ManifestTensor& tensor : manifest.value().tensors) {
    for (const ManifestChunk& chunk : tensor.chunks) {
      const std::string error = check_chunk(store, chunk);
      if (!error.empty()) return error;
    }
  }
  return {};
}

}  // namespace ckptbench
