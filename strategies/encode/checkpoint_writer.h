// Turns the captured tensors of one save into files of a write set and says in the manifest where
// every chunk went. What it encodes is read by ChunkDecoder (strategies/encode/codec.h).
// Threads: one save at a time; it uses the team that it was given.
#pragma once

#include <vector>

#include "harness/core/error.h"
#include "strategies/capture/capture.h"
#include "strategies/format/layout.h"
#include "strategies/format/manifest.h"
#include "strategies/store/store.h"

namespace ckptbench {

class CheckpointWriter {
 public:
  virtual ~CheckpointWriter() = default;
  virtual Result<Layout> plan(const std::vector<TensorView>& tensors) const = 0;
  // Allocates and touches what write() needs for captures like this one, and starts its threads.
  // Reads no captured byte. Errors: no memory.
  virtual Status prepare(const Captured& captured, const Layout& layout) = 0;
  // Bytes that the file will have, for preallocation; 0 when that is not known.
  virtual uint64_t expected_bytes(const Layout& layout) const = 0;
  // Reads every captured byte, writes, and fills the chunks of manifest.tensors, which are in the
  // order of layout.tensors and have no chunks yet.
  virtual Status write(const Captured& captured, const Layout& layout, WriteSet& set,
                       Manifest& manifest) = 0;
};

}  // namespace ckptbench
