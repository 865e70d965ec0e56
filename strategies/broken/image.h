// The one file format that the broken strategies share, so that each is wrong in one way only:
//   8 bytes magic · u64 header bytes · JSON header · tensor bytes in header order · 16-byte digest
// little-endian; the digest (XXH3-128) covers everything before it. Plain values; no thread rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/tensor_view.h"
#include "strategies/api/strategy.h"

namespace ckptbench {

// A checkpoint being assembled: laid out at once, filled tensor by tensor, then sealed.
class Image {
 public:
  Image(std::vector<TensorView> tensors, uint64_t seq, const SaveRequest& request);

  uint64_t seq() const { return seq_; }
  const SaveRequest& request() const { return request_; }
  const std::vector<TensorView>& tensors() const { return tensors_; }

  // Copies the tensor's bytes as they are now.
  void capture(size_t index, Device& device);
  void seal();
  std::span<const std::byte> bytes() const { return bytes_; }
  uint64_t data_begin() const { return data_begin_; }  // bytes of magic and header

 private:
  std::vector<TensorView> tensors_;  // those stored; aliases are not
  uint64_t seq_;
  SaveRequest request_;
  uint64_t data_begin_ = 0;
  std::vector<std::byte> bytes_;
  std::vector<uint64_t> offsets_;
};

struct LoadedImage {
  struct Tensor {
    std::string name;
    DType dtype = DType::kF32;
    std::vector<int64_t> shape;
    std::span<const std::byte> bytes;  // into `file`
  };
  std::vector<std::byte> file;
  CheckpointInfo info;
  std::vector<Tensor> tensors;
};

// Errors: truncated, malformed, or (when `verify`) a digest that does not match.
Result<LoadedImage> decode_image(std::vector<std::byte> file, bool verify);

// Copies the tensors into the state. Refused: dtype, shape or (unless want.partial) names differ.
// Roles that the strategy `leaves_out` are not missed.
RestoreOutcome copy_image(const LoadedImage& image, StateView& state, const Want& want,
                          bool (*leaves_out)(Role), Device& device);

}  // namespace ckptbench
