#include "fuzz/encodings.h"

#include <algorithm>

#include "strategies/encode/codec.h"

namespace ckptbench {
namespace {

bool is_codec(const StageRow& row) {
  return std::holds_alternative<MakeCodec>(row.make);
}

std::string joined(const CodecChain& chain) {
  std::string text;
  for (const StageRow* const row : chain) text += (text.empty() ? "" : "+") + row->name;
  return text;
}

}  // namespace

std::vector<CodecChain> codec_chains(std::span<const StageRow> rows) {
  CodecChain codecs;
  for (const StageRow& row : rows) {
    if (is_codec(row)) codecs.push_back(&row);
  }
  std::vector<CodecChain> chains{codecs};
  for (const StageRow* const row : codecs) chains.push_back({row});
  return chains;
}

std::vector<std::string> tried_encodings(std::span<const StageRow> rows) {
  const std::string raw(kRawEncoding);
  const std::vector<CodecChain> chains = codec_chains(rows);
  const CodecChain& codecs = chains.front();
  std::vector<std::string> encodings{raw, "+"};
  for (const CodecChain& chain : chains) encodings.push_back(joined(chain));
  for (const StageRow* const first : codecs) {
    encodings.push_back(raw + "+" + first->name);
    for (const StageRow* const second : codecs) encodings.push_back(joined({first, second}));
  }
  for (const StageRow& row : rows) {
    if (row.kind() == StageKind::kEncode && !is_codec(row)) encodings.push_back(row.name);
  }
  std::sort(encodings.begin(), encodings.end());
  encodings.erase(std::unique(encodings.begin(), encodings.end()), encodings.end());
  return encodings;
}

}  // namespace ckptbench
