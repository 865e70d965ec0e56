// decode_manifest: hostile JSON, with the digest of the input as it is and with a right one. What
// is accepted follows the rules of docs/format.md and means the same after it was written again.
#include <cmath>
#include <span>

#include "fuzz/fuzz_target.h"
#include "fuzz/json_mutation.h"
#include "fuzz/manifest_seal.h"
#include "fuzz/seed_files.h"
#include "strategies/format/manifest.h"
#include "strategies/format/names.h"
#include "strategies/format/shape_bytes.h"

namespace ckptbench {
namespace {

Result<Manifest> decoded(std::string_view text) {
  return decode_manifest(std::as_bytes(std::span(text.data(), text.size())));
}

bool same_metric(const std::optional<double>& a, const std::optional<double>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a || *a == *b || (std::isnan(*a) && std::isnan(*b));
}

bool same(const ManifestChunk& a, const ManifestChunk& b) {
  return a.begin == b.begin && a.raw_bytes == b.raw_bytes && a.owner_seq == b.owner_seq &&
         a.file == b.file && a.offset == b.offset && a.stored_bytes == b.stored_bytes &&
         a.encoding == b.encoding && a.digest == b.digest;
}

bool same(const ManifestTensor& a, const ManifestTensor& b) {
  return a.name == b.name && a.role == b.role && a.dtype == b.dtype && a.shape == b.shape &&
         a.rank == b.rank && a.pieces == b.pieces && a.alias_of == b.alias_of &&
         a.bytes == b.bytes &&
         std::equal(a.chunks.begin(), a.chunks.end(), b.chunks.begin(), b.chunks.end(),
                    [](const auto& x, const auto& y) { return same(x, y); });
}

bool same(const Manifest& a, const Manifest& b) {
  return a.format == b.format && a.run == b.run && a.seq == b.seq && a.step == b.step &&
         a.world_size == b.world_size && a.contents == b.contents &&
         same_metric(a.metric, b.metric) &&
         std::equal(a.tensors.begin(), a.tensors.end(), b.tensors.begin(), b.tensors.end(),
                    [](const auto& x, const auto& y) { return same(x, y); });
}

void check_chunks(const ManifestTensor& tensor, uint64_t seq) {
  uint64_t end = 0;
  for (const ManifestChunk& chunk : tensor.chunks) {
    must_hold(chunk.begin == end, "a gap between chunks");
    must_hold(chunk.raw_bytes > 0 && chunk.raw_bytes <= kMaxChunkBytes, "the size of a chunk");
    must_hold(chunk.raw_bytes <= tensor.bytes - end, "a chunk beyond its tensor");
    must_hold(chunk.owner_seq <= seq, "a chunk in a future checkpoint");
    must_hold(is_data_file_name(chunk.file), "the name of a chunk's file");
    must_hold(chunk.stored_bytes <= 2 * chunk.raw_bytes + 4096, "the stored size of a chunk");
    must_hold(chunk.offset <= kMaxShapeBytes, "the offset of a chunk");
    end += chunk.raw_bytes;
  }
  must_hold(tensor.alias_of ? end == 0 : end == tensor.bytes, "chunks that do not cover a tensor");
}

void check_accepted(const Manifest& manifest) {
  must_hold(manifest.seq >= 1 && manifest.seq <= kMaxSeq, "the sequence number");
  for (const ManifestTensor& tensor : manifest.tensors) {
    must_hold(!tensor.name.empty(), "a tensor without a name");
    must_hold(tensor.rank < manifest.world_size, "the rank of a tensor");
    must_hold(tensor.bytes <= kMaxShapeBytes, "the size of a tensor");
    check_chunks(tensor, manifest.seq);
  }
  for (const uint64_t seq : manifest.needed_seqs()) {
    must_hold(seq < manifest.seq, "a needed checkpoint that is not older");
  }
}

void check(std::string_view text) {
  const Result<Manifest> first = decoded(text);
  if (!first) return must_be_one_line(first.error().message);
  check_accepted(first.value());
  const std::vector<std::byte> written = encode_manifest(first.value());
  const Result<Manifest> second = decode_manifest(written);
  must_hold(second.ok(), "what was accepted is refused after it was written again");
  must_hold(same(first.value(), second.value()), "another value after it was written again");
  must_hold(encode_manifest(second.value()) == written, "written in two ways");
}

void run(std::string_view input) {
  check(input);
  check(sealed_manifest(manifest_body(input)));
}

std::string mutate(std::string_view input, Prng& random, const BlindMutation& blind) {
  return mutate_json(manifest_body(input), random, blind);
}

std::vector<std::string> seeds() {
  std::vector<std::string> manifests;
  for (const FolderContent& folder : golden_folders()) {
    for (const auto& [name, content] : folder) {
      if (name.ends_with(kManifestSuffix)) manifests.push_back(content);
    }
  }
  // Pieces, several ranks, a metric that JSON has no word for: no golden checkpoint has them.
  manifests.emplace_back(
      R"({"format":1,"run":"r","seq":9,"step":3,"world_size":2,"contents":"weights","metric":"nan",)"
      R"("files":[[9,"r0001.chunks"],[7,"a"]],"encodings":["raw","zstd"],"tensors":[)"
      R"({"name":"w","role":"parameter","dtype":"F16","shape":[4,2],"rank":1,)"
      R"("pieces":[[[0,0],[2,2],0,8],[[2,0],[1,1],8,2]],"bytes":10,)"
      R"("chunks":[[8,0,0,8,0,"00000000000000000000000000000000"],)"
      R"([2,1,4096,90,1,"00000000000000000000000000000001"]]},)"
      R"({"name":"w","role":"buffer","dtype":"U8","shape":[0],"rank":0,"bytes":0,"chunks":[]},)"
      R"({"name":"a","role":"buffer","dtype":"U8","shape":[0],"rank":0,"alias_of":"w",)"
      R"("bytes":0,"chunks":[]}]})");
  return manifests;
}

}  // namespace

FuzzTarget manifest_fuzz() {
  return {.name = "manifest", .run = run, .mutate = mutate, .seeds = seeds};
}

}  // namespace ckptbench
