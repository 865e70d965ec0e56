// For tests: a StateView and the bytes of its tensors, which it owns. One thread.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/digest.h"
#include "harness/core/tensor_view.h"

namespace ckptbench {

class OwnedTensors {
 public:
  OwnedTensors() = default;
  OwnedTensors(const OwnedTensors&) = delete;
  OwnedTensors& operator=(const OwnedTensors&) = delete;

  StateView& view() { return view_; }
  const StateView& view() const { return view_; }
  // Its bytes are zero.
  TensorView& add(const std::string& name, Role role, DType dtype, std::vector<int64_t> shape) {
    uint64_t bytes = dtype_bytes(dtype);
    for (const int64_t extent : shape) bytes *= static_cast<uint64_t>(extent);
    storage_.emplace_back(bytes);
    TensorView tensor;
    tensor.name = name;
    tensor.role = role;
    tensor.dtype = dtype;
    tensor.shape = std::move(shape);
    tensor.data = storage_.back().data();
    tensor.bytes = bytes;
    view_.tensors.push_back(tensor);
    return view_.tensors.back();
  }
  // REQUIRES: `target` was added.
  void add_alias(const std::string& name, const std::string& target) {
    TensorView tensor = *view_.find(target);
    tensor.name = name;
    tensor.alias_of = target;
    view_.tensors.push_back(tensor);
  }
  // Over all bytes in order; aliases count once.
  Digest digest() const {
    DigestStream stream;
    for (const auto& bytes : storage_) stream.add(bytes);
    return stream.digest();
  }

 private:
  StateView view_;
  std::deque<std::vector<std::byte>> storage_;
};

}  // namespace ckptbench
