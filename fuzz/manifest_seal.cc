#include "fuzz/manifest_seal.h"

#include <fmt/format.h>

#include <span>

#include "harness/core/digest.h"
#include "harness/core/json_text.h"
#include "strategies/encode/codec.h"
#include "strategies/stages.h"

namespace ckptbench {
namespace {

using nlohmann::json;

constexpr std::string_view kLead = "\nxxh3-128 ";
constexpr size_t kTrailerBytes = kLead.size() + 32 + 1;
constexpr uint64_t kMaxRawBytes = 1 << 20;

class ChunkSealer {
 public:
  ChunkSealer(json& root, const FindStored& find) : root_(root), find_(find) {}

  // Throws json's errors where the document has another form.
  void seal() {
    for (json& tensor : root_.at("tensors")) {
      const auto dtype = parse_dtype(tensor.at("dtype").get_ref<const std::string&>());
      if (!dtype) continue;
      for (json& chunk : tensor.at("chunks")) seal_chunk(chunk, *dtype);
    }
  }

 private:
  static uint64_t number(const json& value) {
    return value.is_number_unsigned() ? value.get<uint64_t>() : ~0ULL;
  }

  void seal_chunk(json& chunk, DType dtype) {
    const json& file = root_.at("files").at(number(chunk.at(1)));
    const auto& encoding =
        root_.at("encodings").at(number(chunk.at(4))).get_ref<const std::string&>();
    const uint64_t raw_bytes = number(chunk.at(0));
    const auto stored = find_(number(file.at(0)), file.at(1).get_ref<const std::string&>(),
                              number(chunk.at(2)), number(chunk.at(3)));
    if (!stored || raw_bytes > kMaxRawBytes) return;
    const auto raw = decoder_.decode(encoding, dtype, bytes_of(*stored), raw_bytes);
    if (raw) chunk.at(5) = to_hex(digest_of(raw.value()));
  }

  json& root_;
  const FindStored& find_;
  ChunkDecoder decoder_{native_stages()};
};

}  // namespace

std::string_view manifest_body(std::string_view manifest) {
  if (manifest.size() < kTrailerBytes) return manifest;
  const std::string_view body = manifest.substr(0, manifest.size() - kTrailerBytes);
  return manifest.substr(body.size()).starts_with(kLead) ? body : manifest;
}

std::string sealed_manifest(std::string_view body) {
  return fmt::format("{}{}{}\n", body, kLead, to_hex(digest_of(bytes_of(body))));
}

std::string with_chunk_digests(std::string_view body, const FindStored& find) {
  json root = try_parse_json(body);
  try {
    ChunkSealer(root, find).seal();
  } catch (const json::exception&) {
    return std::string(body);  // a form that the decoder refuses before it looks at digests
  }
  return json_text(root);
}

std::string with_seq(std::string_view body, uint64_t seq) {
  json root = try_parse_json(body);
  if (!root.is_object()) return std::string(body);
  root["seq"] = seq;
  return json_text(root);
}

}  // namespace ckptbench
