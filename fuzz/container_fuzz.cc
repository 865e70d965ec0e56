// The reading side of containers (docs/format.md, "Encoded container"): chunks of hostile bytes
// under every chain of codecs, whose digests are right wherever they can be decoded. A load fills
// every byte of its tensor with what the digests say, or fails; nothing beside the tensor changes.
// What the encoders make of the same bytes is decoded to them again.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "fuzz/encodings.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/guarded_state.h"
#include "fuzz/seed_files.h"
#include "harness/platform/device.h"
#include "harness/platform/thread_team.h"
#include "strategies/encode/codec.h"
#include "strategies/pipeline/load.h"
#include "strategies/stages.h"

namespace ckptbench {
namespace {

constexpr const char* kFile = "r0000.chunks";
constexpr size_t kMaxChunks = 6;

const std::vector<std::string>& encodings() {
  static const std::vector<std::string> words = tried_encodings(native_stages());
  return words;
}

// One file of checkpoint 1, in memory.
class MemoryStore : public Store {
 public:
  explicit MemoryStore(std::span<const std::byte> file) : file_(file) {}
  Result<std::unique_ptr<WriteSet>> begin(uint64_t /*seq*/, uint64_t /*bytes*/) override {
    return Error{"for reading only"};
  }
  Result<std::vector<uint64_t>> list() override { return std::vector<uint64_t>{1}; }
  IoResult<std::vector<std::byte>> get(uint64_t /*seq*/) override {
    return damage_error("no record");
  }
  Status drop(uint64_t /*seq*/, std::span<const std::string> /*keep_files*/) override { return {}; }
  IoStatus read(uint64_t seq, const std::string& file, uint64_t offset,
                std::span<std::byte> bytes) override {
    must_hold(seq == 1 && file == kFile, "another file is read");
    if (offset > file_.size() || bytes.size() > file_.size() - offset)
      return damage_error("short file");
    if (!bytes.empty()) std::memcpy(bytes.data(), file_.data() + offset, bytes.size());
    return {};
  }

 private:
  std::span<const std::byte> file_;
};

// The head of an input: what a manifest says of the chunks in the rest of it.
struct ChunkHead {
  uint8_t dtype = 0;
  uint8_t count = 0;
  struct Row {
    uint8_t encoding;
    uint8_t sealed;
    uint16_t raw_bytes;
    uint16_t offset;
    uint16_t stored_bytes;
  };
  std::array<Row, kMaxChunks> rows{};
};

struct ContainerInput {
  DType dtype = DType::kU8;
  ManifestTensor tensor;
  std::vector<std::byte> file;
};

Digest digest_for(ChunkDecoder& decoder, const ManifestChunk& chunk, DType dtype,
                  std::span<const std::byte> file) {
  if (chunk.offset > file.size() || chunk.stored_bytes > file.size() - chunk.offset) return {};
  const auto stored = file.subspan(chunk.offset, chunk.stored_bytes);
  const auto raw = decoder.decode(chunk.encoding, dtype, stored, chunk.raw_bytes);
  if (!raw) {
    must_be_one_line(raw.error().message);
    return {};
  }
  must_hold(raw.value().size() == chunk.raw_bytes, "decoded to another size than asked for");
  return digest_of(raw.value());
}

ContainerInput parsed(std::string_view input) {
  ChunkHead head;
  std::memcpy(&head, input.data(), std::min(input.size(), sizeof head));
  const std::string_view rest = input.substr(std::min(input.size(), sizeof head));
  ContainerInput out;
  out.dtype = static_cast<DType>(head.dtype % (static_cast<int>(DType::kBool) + 1));
  const auto bytes = std::as_bytes(std::span(rest.data(), rest.size()));
  out.file.assign(bytes.begin(), bytes.end());
  ChunkDecoder decoder(native_stages());
  for (size_t i = 0; i < head.count % (kMaxChunks + 1); ++i) {
    const ChunkHead::Row& row = head.rows[i];
    ManifestChunk chunk{.begin = out.tensor.bytes, .raw_bytes = row.raw_bytes, .owner_seq = 1};
    chunk.file = kFile;
    chunk.offset = row.offset;
    chunk.encoding = encodings()[row.encoding % encodings().size()];
    chunk.stored_bytes = chunk.encoding == kRawEncoding ? row.raw_bytes : row.stored_bytes;
    if (row.sealed % 4 != 0) chunk.digest = digest_for(decoder, chunk, out.dtype, out.file);
    out.tensor.bytes += chunk.raw_bytes;
    out.tensor.chunks.push_back(std::move(chunk));
  }
  out.tensor.name = "t";
  out.tensor.dtype = out.dtype;
  out.tensor.shape = {static_cast<int64_t>(out.tensor.bytes / dtype_bytes(out.dtype))};
  return out;
}

bool is_accepted(const ContainerInput& input) {
  Manifest manifest;
  manifest.seq = 1;
  manifest.tensors = {input.tensor};
  return check_manifest(manifest).ok();
}

void check_filled(const ManifestTensor& from, const TensorView& to) {
  for (const ManifestChunk& chunk : from.chunks) {
    const std::span<const std::byte> bytes(to.data + chunk.begin, chunk.raw_bytes);
    must_hold(digest_of(bytes) == chunk.digest, "loaded bytes that the digest does not vouch for");
  }
}

void check_load(const ContainerInput& input) {
  GuardedState state;
  TensorView tensor;
  tensor.name = input.tensor.name;
  tensor.dtype = input.tensor.dtype;
  tensor.shape = input.tensor.shape;
  tensor.bytes = input.tensor.bytes;
  state.add(tensor);
  const auto device = make_cpu_device();
  ThreadTeam team(1);
  MemoryStore store(input.file);
  Loader loader(*device, team, store, native_stages());
  const TensorView& to = state.view().tensors.front();
  const Status loaded = loader.load({{&input.tensor, &to}});
  state.check_guards();
  if (!loaded) return must_be_one_line(loaded.error().message);
  check_filled(input.tensor, to);
}

// The defaults of all stages: a chain takes what it needs.
const Params& default_params() {
  static const Params params = [] {
    std::vector<ParamInfo> infos;
    for (const StageRow& row : native_stages()) {
      infos.insert(infos.end(), row.params.begin(), row.params.end());
    }
    return Params::make("all", infos, {}).value();
  }();
  return params;
}

void check_encode(const ContainerInput& input) {
  ChunkDecoder decoder(native_stages());
  static const std::vector<CodecChain> chains = codec_chains(native_stages());
  for (const CodecChain& rows : chains) {
    ChunkEncoder encoder(rows, default_params());
    const ChunkEncoder::Encoded encoded = encoder.encode(input.dtype, input.file);
    must_hold(encoded.bytes.size() <= 2 * input.file.size() + 4096, "encoded to too many bytes");
    const auto raw =
        decoder.decode(encoded.encoding, input.dtype, encoded.bytes, input.file.size());
    must_hold(raw.ok(), "what was encoded is refused");
    must_hold(std::ranges::equal(raw.value(), input.file), "decoded to other bytes");
  }
}

void run(std::string_view input) {
  const ContainerInput container = parsed(input);
  if (is_accepted(container)) check_load(container);
  if (!container.file.empty()) check_encode(container);
}

std::string with_head(const ChunkHead& head, std::string_view rest) {
  std::string bytes(sizeof head, '\0');
  std::memcpy(bytes.data(), &head, sizeof head);
  return bytes.append(rest);
}

// The head alone, the chunks alone, or a field of the head to something that nearly fits.
std::string mutate(std::string_view input, Prng& random, const BlindMutation& blind) {
  ChunkHead head;
  if (input.size() < sizeof head) return {};
  std::memcpy(&head, input.data(), sizeof head);
  const std::string_view rest = input.substr(sizeof head);
  ChunkHead::Row& row = head.rows[random.below(kMaxChunks)];
  switch (random.below(7)) {
    case 0:
      row.encoding = static_cast<uint8_t>(random.below(encodings().size()));
      break;
    case 1:
      row.raw_bytes = static_cast<uint16_t>(row.raw_bytes + random.below(9) - 4);
      break;
    case 2:
      row.stored_bytes = static_cast<uint16_t>(row.stored_bytes + random.below(9) - 4);
      break;
    case 3:
      row.offset = static_cast<uint16_t>(random.below(rest.size() + 2));
      break;
    case 4:
      head.count = static_cast<uint8_t>(random.below(kMaxChunks + 1));
      break;
    case 5:
      head.dtype = static_cast<uint8_t>(random.below(10));
      break;
    default:
      return with_head(head, blind(rest));
  }
  return with_head(head, rest);
}

// The chunks of a golden file, each row of the head for one tensor's first chunk of that file.
std::string seed_of(const Manifest& manifest, const std::string& file) {
  ChunkHead head;
  for (const ManifestTensor& tensor : manifest.tensors) {
    if (tensor.chunks.empty() || head.count == kMaxChunks) continue;
    const ManifestChunk& chunk = tensor.chunks.front();
    if (chunk.owner_seq != manifest.seq || chunk.offset > UINT16_MAX) continue;
    const auto encoding = std::ranges::find(encodings(), chunk.encoding) - encodings().begin();
    must_hold(static_cast<size_t>(encoding) < encodings().size(), "a golden encoding is not tried");
    head.dtype = static_cast<uint8_t>(tensor.dtype);
    head.rows[head.count++] = {.encoding = static_cast<uint8_t>(encoding),
                               .sealed = 1,
                               .raw_bytes = static_cast<uint16_t>(chunk.raw_bytes),
                               .offset = static_cast<uint16_t>(chunk.offset),
                               .stored_bytes = static_cast<uint16_t>(chunk.stored_bytes)};
  }
  return with_head(head, file);
}

std::vector<std::string> seeds() {
  std::vector<std::string> inputs;
  for (const FolderContent& folder : golden_folders()) {
    for (const auto& [name, content] : folder) {
      if (!name.ends_with(".manifest")) continue;
      const auto manifest =
          decode_manifest(std::as_bytes(std::span(content.data(), content.size())));
      const std::string stem = name.substr(0, name.size() - std::string_view("manifest").size());
      const auto file = folder.find(stem + kFile);
      if (manifest && file != folder.end())
        inputs.push_back(seed_of(manifest.value(), file->second));
    }
  }
  return inputs;
}

}  // namespace

FuzzTarget container_fuzz() {
  return {.name = "container", .run = run, .mutate = mutate, .seeds = seeds};
}

}  // namespace ckptbench
