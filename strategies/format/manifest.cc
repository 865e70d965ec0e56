#include "strategies/format/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>
#include <string_view>

#include "harness/core/one_line.h"
#include "strategies/format/names.h"
#include "strategies/format/strict_json.h"

namespace ckptbench {
namespace {

using nlohmann::json;

constexpr std::string_view kDigestLead = "xxh3-128 ";
constexpr size_t kTrailerBytes = 1 + kDigestLead.size() + 32 + 1;  // "\nxxh3-128 HEX\n"
constexpr std::string_view kTensorsLead = "\n\"tensors\":[";
constexpr int kManifestDepth = 6;

std::string trailer_of(std::string_view body) {
  return fmt::format("\n{}{}\n", kDigestLead, to_hex(digest_of(bytes_of(body))));
}

std::string quoted(const std::string& text) {
  return json(text).dump();
}

// Numbers each distinct value in the order of its first use.
template <class T>
class Table {
 public:
  size_t index(const T& value) {
    const auto [entry, is_new] = indices_.emplace(value, rows_.size());
    if (is_new) rows_.push_back(value);
    return entry->second;
  }
  const std::vector<T>& rows() const { return rows_; }

 private:
  std::map<T, size_t> indices_;
  std::vector<T> rows_;
};

using FileKey = std::pair<uint64_t, std::string>;

class Encoder {
 public:
  explicit Encoder(const Manifest& manifest) : manifest_(manifest) {}

  std::string text() {
    for (const ManifestTensor& tensor : manifest_.tensors) add_tensor(tensor);
    std::string body = fmt::format(
        R"({{"format":{},"run":{},"seq":{},"step":{},"world_size":{},"contents":"{}",)",
        manifest_.format, quoted(manifest_.run), manifest_.seq, manifest_.step,
        manifest_.world_size, manifest_.contents == Contents::kFull ? "full" : "weights");
    if (manifest_.metric) body += fmt::format("\"metric\":{},", metric_text(*manifest_.metric));
    body += "\"files\":[";
    for (const auto& [seq, name] : files_.rows()) {
      body += fmt::format("{}[{},{}]", body.back() == '[' ? "" : ",", seq, quoted(name));
    }
    body += "],\"encodings\":[";
    for (const std::string& name : encodings_.rows()) {
      body += fmt::format("{}{}", body.back() == '[' ? "" : ",", quoted(name));
    }
    body += fmt::format("],{}", kTensorsLead);
    return body + tensors_ + "]}";
  }

 private:
  // JSON has no words for these three.
  static std::string metric_text(double metric) {
    if (std::isfinite(metric)) return json(metric).dump();
    // A NaN may carry a sign, which the reader does not know and nobody needs.
    return fmt::format("\"{}\"", std::isnan(metric) ? std::abs(metric) : metric);
  }

  void add_tensor(const ManifestTensor& tensor) {
    tensors_ +=
        fmt::format(R"({}{{"name":{},"role":"{}","dtype":"{}","shape":[{}],"rank":{},)",
                    tensors_.empty() ? "\n" : ",\n", quoted(tensor.name), role_name(tensor.role),
                    dtype_name(tensor.dtype), fmt::join(tensor.shape, ","), tensor.rank);
    if (tensor.alias_of) tensors_ += fmt::format("\"alias_of\":{},", quoted(*tensor.alias_of));
    if (!tensor.pieces.empty()) add_pieces(tensor.pieces);
    tensors_ += fmt::format("\"bytes\":{},\"chunks\":[", tensor.bytes);
    for (const ManifestChunk& chunk : tensor.chunks) {
      fmt::format_to(std::back_inserter(tensors_), "{}[{},{},{},{},{},\"{}\"]",
                     tensors_.back() == '[' ? "" : ",", chunk.raw_bytes,
                     files_.index({chunk.owner_seq, chunk.file}), chunk.offset, chunk.stored_bytes,
                     encodings_.index(chunk.encoding), to_hex(chunk.digest));
    }
    tensors_ += "]}";
  }

  void add_pieces(const std::vector<Piece>& pieces) {
    tensors_ += "\"pieces\":[";
    for (const Piece& piece : pieces) {
      tensors_ += fmt::format("{}[[{}],[{}],{},{}]", tensors_.back() == '[' ? "" : ",",
                              fmt::join(piece.offset, ","), fmt::join(piece.extent, ","),
                              piece.local_begin, piece.local_bytes);
    }
    tensors_ += "],";
  }

  const Manifest& manifest_;
  std::string tensors_;
  Table<FileKey> files_;
  Table<std::string> encodings_;
};

class Decoder {
 public:
  // The line before the tensors, made an object of its own. Throws JsonSurprise.
  ManifestHead read_first_line(std::string_view line) {
    const StrictJson document =
        parse_strict_json(std::string(line.substr(0, line.size() - 1)) + "}", kManifestDepth);
    const json& root = document.root();
    expect_keys(
        root, "manifest",
        {"format", "run", "seq", "step", "world_size", "contents", "metric", "files", "encodings"});
    read_head(root);
    read_tables(root);
    for (const auto& [owner, name] : files_) {
      if (owner > manifest_.seq) throw JsonSurprise("a file of a future checkpoint");
    }
    return {.run = std::move(manifest_.run),
            .seq = manifest_.seq,
            .step = manifest_.step,
            .contents = manifest_.contents,
            .metric = manifest_.metric,
            .files = std::move(files_)};
  }

  // Throws JsonSurprise.
  Manifest read(std::string_view body) {
    const StrictJson document = parse_strict_json(body, kManifestDepth);
    const json& root = document.root();
    expect_keys(root, "manifest",
                {"format", "run", "seq", "step", "world_size", "contents", "metric", "files",
                 "encodings", "tensors"});
    read_head(root);
    read_tables(root);
    for (const json& tensor : to_array(member(root, "manifest", "tensors"), "tensors")) {
      manifest_.tensors.push_back(read_tensor(tensor));
    }
    return std::move(manifest_);
  }

 private:
  void read_head(const json& root) {
    const uint64_t format = to_unsigned(member(root, "manifest", "format"), "format");
    if (format != kManifestFormat) {
      throw JsonSurprise(fmt::format("format {}, expected {}", format, kManifestFormat));
    }
    manifest_.run = to_string(member(root, "manifest", "run"), "run");
    manifest_.seq = to_unsigned(member(root, "manifest", "seq"), "seq");
    manifest_.step = to_unsigned(member(root, "manifest", "step"), "step");
    manifest_.world_size = to_unsigned(member(root, "manifest", "world_size"), "world_size");
    const std::string& contents = to_string(member(root, "manifest", "contents"), "contents");
    if (contents != "full" && contents != "weights") {
      throw JsonSurprise(fmt::format("contents '{}', expected full or weights", contents));
    }
    manifest_.contents = contents == "full" ? Contents::kFull : Contents::kWeights;
    if (root.contains("metric")) manifest_.metric = read_metric(root["metric"]);
  }

  static double read_metric(const json& value) {
    if (value.is_number()) return value.get<double>();
    if (value == "nan") return NAN;
    if (value == "inf") return INFINITY;
    if (value == "-inf") return -INFINITY;
    throw JsonSurprise("metric: expected a number, \"nan\", \"inf\" or \"-inf\"");
  }

  // Each chunk gets a copy of its rows: here a row's length is limited.
  void read_tables(const json& root) {
    for (const json& row : to_array(member(root, "manifest", "files"), "files")) {
      to_array(row, "files[]", 2);
      const std::string& name = to_string(row[1], "files[].name");
      if (!is_data_file_name(name)) throw JsonSurprise(fmt::format("the file name '{}'", name));
      files_.emplace_back(to_unsigned(row[0], "files[].seq"), name);
    }
    for (const json& row : to_array(member(root, "manifest", "encodings"), "encodings")) {
      const std::string& name = to_string(row, "encodings[]");
      if (!is_encoding_name(name)) throw JsonSurprise(fmt::format("the encoding '{}'", name));
      encodings_.push_back(name);
    }
  }

  ManifestTensor read_tensor(const json& in) {
    expect_keys(
        in, "tensor",
        {"name", "role", "dtype", "shape", "rank", "alias_of", "pieces", "bytes", "chunks"});
    ManifestTensor tensor;
    tensor.name = to_string(member(in, "tensor", "name"), "tensor name");
    tensor.role = read_word<Role>(member(in, tensor.name, "role"), tensor.name, parse_role);
    tensor.dtype = read_word<DType>(member(in, tensor.name, "dtype"), tensor.name, parse_dtype);
    tensor.shape = to_extents(member(in, tensor.name, "shape"), tensor.name);
    tensor.rank = to_unsigned(member(in, tensor.name, "rank"), tensor.name);
    if (in.contains("alias_of")) tensor.alias_of = to_string(in["alias_of"], tensor.name);
    if (in.contains("pieces")) {
      for (const json& piece : to_array(in["pieces"], tensor.name)) {
        tensor.pieces.push_back(read_piece(piece, tensor.name));
      }
    }
    tensor.bytes = to_unsigned(member(in, tensor.name, "bytes"), tensor.name);
    uint64_t begin = 0;
    for (const json& chunk : to_array(member(in, tensor.name, "chunks"), tensor.name)) {
      tensor.chunks.push_back(read_chunk(chunk, tensor.name, begin));
      begin += tensor.chunks.back().raw_bytes;
      if (begin > tensor.bytes) {
        throw JsonSurprise(fmt::format("{}: chunk outside the tensor", tensor.name));
      }
    }
    return tensor;
  }

  template <class T, class Parse>
  static T read_word(const json& value, const std::string& what, Parse parse) {
    const std::string& word = to_string(value, what);
    const std::optional<T> parsed = parse(word);
    if (!parsed) throw JsonSurprise(fmt::format("{}: unknown word '{}'", what, word));
    return *parsed;
  }

  static Piece read_piece(const json& in, const std::string& what) {
    to_array(in, what, 4);
    return {.offset = to_extents(in[0], what),
            .extent = to_extents(in[1], what),
            .local_begin = to_unsigned(in[2], what),
            .local_bytes = to_unsigned(in[3], what)};
  }

  ManifestChunk read_chunk(const json& in, const std::string& what, uint64_t begin) {
    to_array(in, what, 6);
    const uint64_t file = to_unsigned(in[1], what);
    const uint64_t encoding = to_unsigned(in[4], what);
    if (file >= files_.size() || encoding >= encodings_.size()) {
      throw JsonSurprise(fmt::format("{}: chunk names a file or encoding not listed", what));
    }
    const std::optional<Digest> digest = parse_digest(to_string(in[5], what));
    if (!digest) throw JsonSurprise(fmt::format("{}: expected a digest of 32 hex digits", what));
    return {.begin = begin,
            .raw_bytes = to_unsigned(in[0], what),
            .owner_seq = files_[file].first,
            .file = files_[file].second,
            .offset = to_unsigned(in[2], what),
            .stored_bytes = to_unsigned(in[3], what),
            .encoding = encodings_[encoding],
            .digest = *digest};
  }

  Manifest manifest_;
  std::vector<FileKey> files_;
  std::vector<std::string> encodings_;
};

Result<Manifest> decode_body(std::string_view body) {
  try {
    Manifest manifest = Decoder().read(body);
    const Status checked = check_manifest(manifest);
    if (!checked) return Error{one_line(checked.error().message)};
    return manifest;
  } catch (const JsonSurprise& surprise) {
    return Error{one_line(fmt::format("manifest: {}", surprise.what()))};
  }
}

}  // namespace

std::vector<uint64_t> ManifestHead::needed_seqs() const {
  std::set<uint64_t> seqs;
  for (const auto& [owner, name] : files) {
    if (owner != seq) seqs.insert(owner);
  }
  return {seqs.begin(), seqs.end()};
}

std::vector<uint64_t> Manifest::needed_seqs() const {
  std::set<uint64_t> seqs;
  for (const ManifestTensor& tensor : tensors) {
    for (const ManifestChunk& chunk : tensor.chunks) {
      if (chunk.owner_seq != seq) seqs.insert(chunk.owner_seq);
    }
  }
  return {seqs.begin(), seqs.end()};
}

ManifestHead head_of(const Manifest& manifest) {
  std::set<std::pair<uint64_t, std::string>> files;
  for (const ManifestTensor& tensor : manifest.tensors) {
    for (const ManifestChunk& chunk : tensor.chunks) files.emplace(chunk.owner_seq, chunk.file);
  }
  return {.run = manifest.run,
          .seq = manifest.seq,
          .step = manifest.step,
          .contents = manifest.contents,
          .metric = manifest.metric,
          .files = {files.begin(), files.end()}};
}

std::vector<std::byte> encode_manifest(const Manifest& manifest) {
  std::string text = Encoder(manifest).text();
  text += trailer_of(text);
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

namespace {

// What the digest of the last line vouches for.
Result<std::string_view> vouched_body(std::span<const std::byte> bytes) {
  if (bytes.size() > kMaxManifestBytes) {
    return Error{
        fmt::format("manifest: {} bytes, expected at most {}", bytes.size(), kMaxManifestBytes)};
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.size() < kTrailerBytes) {
    return Error{fmt::format("manifest: truncated: {} bytes", text.size())};
  }
  const std::string_view body = text.substr(0, text.size() - kTrailerBytes);
  const std::string_view trailer = text.substr(body.size());
  if (!trailer.starts_with("\n" + std::string(kDigestLead)) || trailer.back() != '\n') {
    return Error{"manifest: truncated: the last line is not its digest"};
  }
  if (trailer != trailer_of(body)) return Error{"manifest: its digest does not match its content"};
  return body;
}

}  // namespace

Result<Manifest> decode_manifest(std::span<const std::byte> bytes) {
  const Result<std::string_view> body = vouched_body(bytes);
  if (!body) return body.error();
  return decode_body(body.value());
}

Result<ManifestHead> decode_manifest_head(std::span<const std::byte> first_bytes) {
  const std::string_view text(reinterpret_cast<const char*>(first_bytes.data()),
                              first_bytes.size());
  const std::string_view line = text.substr(0, text.find('\n'));
  if (!line.ends_with(',') || !text.substr(line.size()).starts_with(kTensorsLead)) {
    return Error{"manifest: its first line does not end before the tensors"};
  }
  try {
    return Decoder().read_first_line(line);
  } catch (const JsonSurprise& surprise) {
    return Error{one_line(fmt::format("manifest: {}", surprise.what()))};
  }
}

Result<ManifestHead> verified_manifest_head(std::span<const std::byte> bytes) {
  const Result<std::string_view> body = vouched_body(bytes);
  if (!body) return body.error();
  Result<ManifestHead> head = decode_manifest_head(bytes);
  if (head) return head;
  // Another writer's lines.
  Result<Manifest> manifest = decode_body(body.value());
  if (!manifest) return manifest.error();
  return head_of(manifest.value());
}

}  // namespace ckptbench
