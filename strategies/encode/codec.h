// How the bytes of one chunk become others, and back. A codec is a pure function on chunks and its
// inverse; several are chained. The manifest names, for each chunk, the codecs that were applied to
// it, in order and joined by '+': "planes+zstd". "raw" stands for none.
// Threads: one object per thread; they keep contexts and buffers that are reused.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/params.h"
#include "harness/core/tensor_view.h"
#include "strategies/api/stage.h"

namespace ckptbench {

inline constexpr std::string_view kRawEncoding = "raw";

// One step of a chain. Results lie in a buffer of the codec, valid until its next call.
class Codec {
 public:
  virtual ~Codec() = default;
  // Nothing: this chunk gains nothing by it, and the chain goes on without this step.
  virtual std::optional<std::span<const std::byte>> encode(DType dtype,
                                                           std::span<const std::byte> bytes) = 0;
  // Undoes encode(). Treats `bytes` as hostile: allocates and returns max_bytes at most, where that
  // is not less than bytes.size(). Errors: not what encode() makes.
  virtual Result<std::span<const std::byte>> decode(DType dtype, std::span<const std::byte> bytes,
                                                    uint64_t max_bytes) = 0;
};

// The codecs among the rows of a composition, in their order.
class ChunkEncoder {
 public:
  ChunkEncoder(std::span<const StageRow* const> rows, const Params& params);

  struct Encoded {
    std::span<const std::byte> bytes;  // `raw` itself, or valid until the next call
    std::string encoding;
  };
  // Steps at the end that only prepare for one that was left out are left out too.
  Encoded encode(DType dtype, std::span<const std::byte> raw);

  bool empty() const { return steps_.empty(); }

 private:
  struct Step {
    const StageRow* row;
    std::unique_ptr<Codec> codec;
  };
  std::vector<Step> steps_;
};

// Undoes every chain of the codecs among `known`.
class ChunkDecoder {
 public:
  explicit ChunkDecoder(std::span<const StageRow> known);

  // The raw bytes, within `stored` or valid until the next call. Treats `stored` as hostile.
  // Errors: an unknown encoding or one that names a codec twice, not raw_bytes bytes, damage.
  Result<std::span<const std::byte>> decode(std::string_view encoding, DType dtype,
                                            std::span<const std::byte> stored, uint64_t raw_bytes);

 private:
  struct Step {
    const StageRow* row;
    std::unique_ptr<Codec> codec;  // made when the first chunk needs it
  };
  Status choose(std::string_view encoding);
  Error unknown(std::string_view encoding) const;

  std::vector<Step> steps_;
  std::string chosen_;         // the encoding that chain_ undoes
  std::vector<Codec*> chain_;  // last applied first; each codec once: they own their buffers
};

}  // namespace ckptbench
