#include "strategies/peers/blob.h"

#include <ATen/ops/from_blob.h>

#include <map>
#include <string>

namespace ckptbench {
namespace {

at::Tensor alias_blob(const TensorView& view, const at::Tensor& target) {
  if (target.scalar_type() != scalar_type(view.dtype) ||
      static_cast<uint64_t>(target.nbytes()) != view.bytes) {
    return blob_of(view);
  }
  return target.view(view.shape);
}

}  // namespace

c10::ScalarType scalar_type(DType dtype) {
  switch (dtype) {
    case DType::kF64:
      return c10::ScalarType::Double;
    case DType::kF32:
      return c10::ScalarType::Float;
    case DType::kF16:
      return c10::ScalarType::Half;
    case DType::kBF16:
      return c10::ScalarType::BFloat16;
    case DType::kI64:
      return c10::ScalarType::Long;
    case DType::kI32:
      return c10::ScalarType::Int;
    case DType::kI16:
      return c10::ScalarType::Short;
    case DType::kI8:
      return c10::ScalarType::Char;
    case DType::kU8:
      return c10::ScalarType::Byte;
    case DType::kBool:
      return c10::ScalarType::Bool;
  }
  return c10::ScalarType::Undefined;
}

at::Tensor blob_of(const TensorView& view) {
  const auto device = view.memory == MemoryKind::kCuda ? c10::kCUDA : c10::kCPU;
  return at::from_blob(view.data, view.shape,
                       at::TensorOptions().dtype(scalar_type(view.dtype)).device(device));
}

std::vector<at::Tensor> blobs_of(const StateView& state) {
  std::map<std::string, at::Tensor> by_name;
  for (const TensorView& view : state.tensors) {
    if (!view.alias_of) by_name[view.name] = blob_of(view);
  }
  std::vector<at::Tensor> blobs;
  for (const TensorView& view : state.tensors) {
    const auto target = by_name.find(view.alias_of.value_or(view.name));
    blobs.push_back(target == by_name.end() ? blob_of(view)
                    : view.alias_of         ? alias_blob(view, target->second)
                                            : target->second);
  }
  return blobs;
}

}  // namespace ckptbench
