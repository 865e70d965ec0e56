// The bytes of a training state: one aligned host region and, for a GPU, one device region, from
// which every named tensor gets a fixed address. A workload owns one; its view is what state()
// returns. Torch-free: device memory comes from a callback. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/tensor_view.h"

namespace ckptbench {

struct TensorSpec {
  std::string name;  // unique
  Role role = Role::kParameter;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;  // elements
  Mutates mutates = Mutates::kAtUpdate;
  bool on_device = false;  // in device memory when the arena has some
};

class StateArena {
 public:
  // Returns zeroed device memory of so many bytes, aligned to 256, owned by the callee.
  using DeviceAllocate = std::function<std::byte*(uint64_t bytes)>;

  // Before allocate(). Returns the index into view().tensors.
  size_t add(const TensorSpec& spec);
  // The same storage as an earlier tensor under a second name.
  size_t add_alias(const std::string& name, size_t of);
  // Gives every tensor its address; all bytes zero and faulted in. Once. Each tensor starts at a
  // multiple of 64 bytes and the padding stays zero, so that neighbours form one flat buffer.
  void allocate(const DeviceAllocate& device = {});

  StateView& view() { return view_; }
  const TensorView& at(size_t index) const { return view_.tensors.at(index); }
  // REQUIRES: a host tensor of that element type, after allocate().
  template <class T>
  T* host(size_t index) const {
    return reinterpret_cast<T*>(at(index).data);
  }

 private:
  struct Free {
    void operator()(std::byte* bytes) const;
  };

  StateView view_;
  std::vector<bool> on_device_;
  std::unique_ptr<std::byte[], Free> host_;
};

// Bytes rounded up to the arena's alignment of 64.
uint64_t padded_bytes(uint64_t bytes);
uint64_t element_count(const std::vector<int64_t>& shape);

}  // namespace ckptbench
