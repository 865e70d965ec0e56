// Where the bytes of a save lie: in the staging area, and for a raw checkpoint, whose layout is
// known before the first byte is written, in the file too. Made once per state layout and reused.
// Plain values; no thread rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/tensor_view.h"

namespace ckptbench {

// A run of bytes of one tensor that is encoded, checked and read as one.
struct LayoutChunk {
  size_t tensor = 0;
  size_t index = 0;  // among the chunks of its tensor
  uint64_t begin = 0;
  uint64_t bytes = 0;
  uint64_t at = 0;  // bytes into the staging area
};

struct Layout {
  std::vector<TensorView> tensors;   // as planned for; only their description is used
  std::vector<std::byte> head;       // raw: the file's header, at 0 of the area
  std::vector<uint64_t> offsets;     // per tensor, bytes into the area; aliases have none (0)
  std::vector<LayoutChunk> chunks;   // ascending by `at`
  std::vector<size_t> block_chunks;  // raw: first chunk of every block, and chunks.size() at last
  uint64_t bytes = 0;                // of the area
};

// One safetensors file image in blocks of block_bytes; a chunk never crosses a block.
// Errors: a tensor that the format cannot describe.
Result<Layout> plan_raw(const std::vector<TensorView>& tensors, uint64_t block_bytes);

// Tensors one after the other; chunks start at multiples of chunk_bytes within their tensor.
Layout plan_container(const std::vector<TensorView>& tensors, uint64_t chunk_bytes);

// Whether the layout was made for tensors of these names, dtypes, shapes and sizes.
bool fits(const Layout& layout, const std::vector<TensorView>& tensors);

}  // namespace ckptbench
