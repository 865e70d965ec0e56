#include "strategies/encode/codec.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace ckptbench {
namespace {

// What a step in the middle of a chain may grow a chunk to: a manifest allows a chunk no more.
uint64_t most_between_steps(uint64_t raw_bytes) {
  return 2 * raw_bytes + 4096;
}

}  // namespace

ChunkEncoder::ChunkEncoder(std::span<const StageRow* const> rows, const Params& params) {
  for (const StageRow* const row : rows) {
    if (const auto* make = std::get_if<MakeCodec>(&row->make)) {
      steps_.push_back({row, (*make)(params)});
    }
  }
}

ChunkEncoder::Encoded ChunkEncoder::encode(DType dtype, std::span<const std::byte> raw) {
  Encoded kept{.bytes = raw, .encoding = std::string(kRawEncoding)};
  std::string applied;
  std::span<const std::byte> bytes = raw;
  for (const Step& step : steps_) {
    const auto encoded = step.codec->encode(dtype, bytes);
    if (!encoded) continue;
    bytes = *encoded;
    if (!applied.empty()) applied += '+';
    applied += step.row->name;
    if (!step.row->only_prepares) kept = {.bytes = bytes, .encoding = applied};
  }
  return kept;
}

ChunkDecoder::ChunkDecoder(std::span<const StageRow> known) {
  for (const StageRow& row : known) {
    if (std::holds_alternative<MakeCodec>(row.make)) steps_.push_back({&row, nullptr});
  }
}

Error ChunkDecoder::unknown(std::string_view encoding) const {
  std::vector<std::string_view> names;
  for (const Step& step : steps_) names.push_back(step.row->name);
  return Error{fmt::format("unknown encoding '{}', expected {} or a chain of {}", encoding,
                           kRawEncoding, fmt::join(names, ", "))};
}

Status ChunkDecoder::choose(std::string_view encoding) {
  if (!chain_.empty() && encoding == chosen_) return {};
  chosen_.clear();
  chain_.clear();
  for (size_t begin = 0; begin <= encoding.size();) {
    const std::string_view word = encoding.substr(begin, encoding.find('+', begin) - begin);
    begin += word.size() + 1;
    const auto step = std::find_if(steps_.begin(), steps_.end(),
                                   [&](const Step& known) { return known.row->name == word; });
    if (step == steps_.end()) return unknown(encoding);
    if (!step->codec) {
      const Result<Params> params = Params::make(step->row->name, step->row->params, {});
      if (!params) return params.error();
      step->codec = std::get<MakeCodec>(step->row->make)(params.value());
    }
    if (std::find(chain_.begin(), chain_.end(), step->codec.get()) != chain_.end()) {
      return Error{fmt::format("encoding '{}' names '{}' twice", encoding, word)};
    }
    chain_.insert(chain_.begin(), step->codec.get());
  }
  chosen_ = encoding;
  return {};
}

Result<std::span<const std::byte>> ChunkDecoder::decode(std::string_view encoding, DType dtype,
                                                        std::span<const std::byte> stored,
                                                        uint64_t raw_bytes) {
  std::span<const std::byte> bytes = stored;
  if (encoding != kRawEncoding) {
    const Status known = choose(encoding);
    if (!known) return known.error();
    for (Codec* const codec : chain_) {
      const auto decoded = codec->decode(dtype, bytes, most_between_steps(raw_bytes));
      if (!decoded) return decoded.error();
      bytes = decoded.value();
    }
  }
  if (bytes.size() == raw_bytes) return bytes;
  return Error{fmt::format("{}: {} bytes, expected {}", encoding, bytes.size(), raw_bytes)};
}

}  // namespace ckptbench
