// When may training go on? A capture takes the tensors of one save and says where their bytes lie
// while they are written: a blocking one hands on the live tensors, which change as soon as save()
// returns; a staged one hands on a copy.
// Threads: one at a time; release nothing of an earlier Captured while a writer still reads it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/tensor_view.h"
#include "strategies/format/layout.h"

namespace ckptbench {

struct Captured {
  // In the order of Layout::tensors, with the bytes to save.
  std::vector<TensorView> tensors;
  // Not null: host memory of Layout::bytes bytes in which every tensor lies at its offset.
  std::byte* image = nullptr;

  bool has_cuda() const {
    return std::any_of(tensors.begin(), tensors.end(),
                       [](const TensorView& tensor) { return tensor.memory == MemoryKind::kCuda; });
  }
};

class Capture {
 public:
  virtual ~Capture() = default;
  // Allocates and touches what take() needs and starts its threads. The result is what take() will
  // return, without the bytes. Errors: no memory for a copy.
  virtual Result<Captured> prepare(const std::vector<TensorView>& tensors,
                                   const Layout& layout) = 0;
  // The bytes stay until the next take() where the stage's row says `detaches`, else until save()
  // returns. Errors: no memory for a copy. Throws ExitError when the device fails.
  virtual Result<Captured> take(const std::vector<TensorView>& tensors, const Layout& layout) = 0;
};

}  // namespace ckptbench
