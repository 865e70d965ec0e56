#include "strategies/format/layout.h"

#include <algorithm>
#include <span>

#include "strategies/format/safetensors.h"

namespace ckptbench {
namespace {

constexpr uint64_t kCacheLine = 64;

// Appends the chunks of one tensor, cut wherever an offset from `origin` is a multiple of `unit`.
void add_chunks(Layout& layout, size_t tensor, uint64_t origin, uint64_t unit) {
  const uint64_t bytes = layout.tensors[tensor].bytes;
  size_t index = 0;
  for (uint64_t begin = 0; begin < bytes;) {
    const uint64_t room = unit - (origin + begin) % unit;
    const uint64_t take = std::min(room, bytes - begin);
    layout.chunks.push_back({.tensor = tensor,
                             .index = index++,
                             .begin = begin,
                             .bytes = take,
                             .at = layout.offsets[tensor] + begin});
    begin += take;
  }
}

void find_blocks(Layout& layout, uint64_t block_bytes) {
  const uint64_t blocks = (layout.bytes + block_bytes - 1) / block_bytes;
  size_t chunk = 0;
  for (uint64_t block = 0; block < blocks; ++block) {
    while (chunk < layout.chunks.size() && layout.chunks[chunk].at < block * block_bytes) ++chunk;
    layout.block_chunks.push_back(chunk);
  }
  layout.block_chunks.push_back(layout.chunks.size());
}

// Aliases are left out of the file; its metadata says whose bytes they share. The key by which
// tools know the framework is not given up for one of that name: the manifest has it.
SafetensorsMetadata metadata_of(const std::vector<TensorView>& tensors) {
  SafetensorsMetadata metadata{{"format", "pt"}};
  for (const TensorView& tensor : tensors) {
    if (tensor.alias_of) metadata.emplace(tensor.name, *tensor.alias_of);
  }
  return metadata;
}

}  // namespace

Result<Layout> plan_raw(const std::vector<TensorView>& tensors, uint64_t block_bytes) {
  std::vector<SafetensorsTensor> stored;
  std::vector<size_t> indices;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const TensorView& tensor = tensors[i];
    if (tensor.alias_of) continue;
    stored.push_back({tensor.name, tensor.dtype, tensor.shape, tensor.bytes});
    indices.push_back(i);
  }
  const Result<SafetensorsLayout> file = plan_safetensors(stored, metadata_of(tensors));
  if (!file) return file.error();
  const auto header = std::as_bytes(std::span(file.value().header));
  Layout layout{.tensors = tensors,
                .head = {header.begin(), header.end()},
                .offsets = std::vector<uint64_t>(tensors.size(), 0),
                .chunks = {},
                .block_chunks = {},
                .bytes = file.value().file_bytes};
  for (const size_t i : file.value().order) {
    layout.offsets[indices[i]] = file.value().offsets[i];
    add_chunks(layout, indices[i], file.value().offsets[i], block_bytes);
  }
  find_blocks(layout, block_bytes);
  return layout;
}

Layout plan_container(const std::vector<TensorView>& tensors, uint64_t chunk_bytes) {
  Layout layout{.tensors = tensors,
                .head = {},
                .offsets = std::vector<uint64_t>(tensors.size(), 0),
                .chunks = {},
                .block_chunks = {},
                .bytes = 0};
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (tensors[i].alias_of) continue;
    layout.offsets[i] = layout.bytes;
    add_chunks(layout, i, 0, chunk_bytes);
    layout.bytes += (tensors[i].bytes + kCacheLine - 1) / kCacheLine * kCacheLine;
  }
  return layout;
}

bool fits(const Layout& layout, const std::vector<TensorView>& tensors) {
  return std::equal(layout.tensors.begin(), layout.tensors.end(), tensors.begin(), tensors.end(),
                    [](const TensorView& a, const TensorView& b) {
                      return a.bytes == b.bytes && a.dtype == b.dtype && a.role == b.role &&
                             a.shape == b.shape && a.alias_of == b.alias_of && a.name == b.name;
                    });
}

}  // namespace ckptbench
