#include "workloads/torch_device.h"

#include <ATen/CPUGeneratorImpl.h>

#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "harness/core/error.h"

namespace ckptbench {
namespace {

at::ScalarType scalar_type(DType dtype) {
  switch (dtype) {
    case DType::kF64:
      return at::kDouble;
    case DType::kF32:
      return at::kFloat;
    case DType::kBF16:
      return at::kBFloat16;
    case DType::kI64:
      return at::kLong;
    case DType::kU8:
      return at::kByte;
    default:
      throw std::logic_error("workloads: no tensor of element type " +
                             std::string(dtype_name(dtype)));
  }
}

void save_one(const at::Generator& generator, const TensorView& view) {
  const at::Tensor bytes = generator.get_state();
  std::memcpy(view.data, bytes.const_data_ptr(), view.bytes);
}

void load_one(at::Generator& generator, const TensorView& view) {
  try {
    generator.set_state(tensor_on(view, at::kCPU).clone());
  } catch (const c10::Error& error) {
    throw std::runtime_error(view.name +
                             ": not a state of the generator: " + error.what_without_backtrace());
  }
}

}  // namespace

at::Device open_torch_device(const std::string& name) {
  if (name != "cuda") return at::Device(at::kCPU);
  // cuBLAS is deterministic only with a fixed workspace; it reads this when it starts.
  setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 0);
  if (!at::hasCUDA()) {
    throw ExitError(ExitCode::kEnvironment,
                    "device 'cuda': no usable GPU, or a worker without CUDA");
  }
  at::globalContext().lazyInitDevice(at::kCUDA);
  make_torch_deterministic();
  return at::Device(at::kCUDA, 0);
}

void make_torch_deterministic() {
  at::globalContext().setDeterministicAlgorithms(true, false);
  // Else every new tensor is filled with NaN first, which no training job waits for.
  at::globalContext().setDeterministicFillUninitializedMemory(false);
  at::globalContext().setDeterministicCuDNN(true);
  at::globalContext().setBenchmarkCuDNN(false);
}

StateArena::DeviceAllocate device_allocate(at::Device device, std::vector<at::Tensor>& owner) {
  if (!device.is_cuda()) return {};
  return [device, &owner](uint64_t bytes) {
    owner.push_back(
        at::zeros({static_cast<int64_t>(bytes)}, at::TensorOptions(at::kByte).device(device)));
    return static_cast<std::byte*>(owner.back().mutable_data_ptr());
  };
}

at::Tensor tensor_on(const TensorView& view, at::Device device) {
  const at::Device where = view.memory == MemoryKind::kCuda ? device : at::Device(at::kCPU);
  const auto options = at::TensorOptions().dtype(scalar_type(view.dtype)).device(where);
  return at::from_blob(view.data, view.shape, options);
}

Generators::Generators(uint64_t seed, at::Device device)
    : host_(at::make_generator<at::CPUGeneratorImpl>(seed)) {
  if (!device.is_cuda()) return;
  device_ = at::globalContext().defaultGenerator(device).clone();
  device_->set_current_seed(seed);
}

void Generators::save(const TensorView& host_state, const TensorView* device_state) const {
  save_one(host_, host_state);
  if (device_) save_one(*device_, *device_state);
}

void Generators::load(const TensorView& host_state, const TensorView* device_state) {
  load_one(host_, host_state);
  if (device_) load_one(*device_, *device_state);
}

}  // namespace ckptbench
